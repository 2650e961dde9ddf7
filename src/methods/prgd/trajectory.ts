import {
  compileStep,
  evaluate,
  exp,
  fromArray,
  grad,
  type NDArray,
  norm,
  scan,
  snapshot,
  type Tensor,
  tensor,
  vmap,
  zeros,
} from '../../engine/index.ts'
import { type Optimizer, sgd } from '../../optim/index.ts'
import { dualMomentum } from './dual-momentum.ts'
import { type LossName, logLosses, normalizedMargin } from './margin.ts'
import { prgd } from './prgd.ts'
import { exponentialGrowth, polynomialGrowth, runawayGrowth } from './schedule.ts'

export const ruleNames = ['gd', 'ngd', 'dualMomentum', 'prgd', 'prgdPolynomial', 'prgdRunaway'] as const
export type RuleName = (typeof ruleNames)[number]

/** What may differ between runs of one compiled function. All but the learning rate are PRGD's: `growth` is ρ, of `prgdPolynomial` the degree. */
export interface RunSettings {
  readonly learningRate: number
  readonly warmup?: number
  readonly interval?: number
  readonly growth?: number
}

type Settings = Readonly<Record<keyof RunSettings, Tensor>>

const rescaled =
  (growthOf: (growth: Tensor) => (stage: Tensor) => Tensor) =>
  ({ learningRate, warmup, interval, growth }: Settings) =>
    prgd({ learningRate: () => learningRate, warmup, interval, growth: growthOf(growth) })

/** Every rule goes down log L, whose gradient is normalized, except gradient descent, which goes down L. */
const optimizers: Readonly<Record<RuleName, (settings: Settings) => Optimizer>> = {
  gd: ({ learningRate }) => sgd({ learningRate: () => learningRate }),
  ngd: ({ learningRate }) => sgd({ learningRate: () => learningRate }),
  dualMomentum: ({ learningRate }) => dualMomentum({ learningRate: () => learningRate }),
  prgd: rescaled(exponentialGrowth),
  prgdPolynomial: rescaled(polynomialGrowth),
  prgdRunaway: rescaled(runawayGrowth),
}

const lossOf = (rule: RuleName, loss: LossName) => (z: Tensor, w: Tensor) =>
  rule === 'gd' ? exp(logLosses[loss](z, w)) : logLosses[loss](z, w)

/** One run: index t of each list belongs to w after t steps. */
export interface Trajectory {
  /** γ(w_t); NaN at w_0 = 0. */
  readonly margin: Float64Array
  /** ‖w_t‖; PRGD's rescalings are in it. */
  readonly radius: Float64Array
  /** log L(w_t). */
  readonly logLoss: Float64Array
  /** w after the last step. */
  readonly weights: Float64Array
  /** w_t of all steps [steps + 1, d], where `path` asked for it. */
  readonly path?: Float64Array
}

export interface FollowOptions {
  readonly rule: RuleName
  readonly runs: readonly RunSettings[]
  readonly steps: number
  /** L. Default exponential, the loss of the analysis. */
  readonly loss?: LossName
  /** Whether w is kept at each step. */
  readonly path?: boolean
  progress?(done: number, total: number): Promise<void>
}

interface Carry {
  readonly w: Tensor
  readonly state: unknown
}

const measure = (z: Tensor, w: Tensor, loss: LossName) => ({
  margin: normalizedMargin(z, w),
  radius: norm(w),
  logLoss: logLosses[loss](z, w),
})

/** Steps of one call of the runtime. */
const chunk = 250

/**
 * Some steps of several runs side by side, as one compiled graph. All is float64: a margin gap below 1e-6 is beyond float32. Compiled once for each
 * rule and shape, whatever the data and the settings.
 */
const chunkOf = (rule: RuleName, loss: LossName, length: number, path: boolean) =>
  compileStep((carry: Carry, z: Tensor, settings: Settings) => {
    const one = (carry: Carry, own: Settings) => {
      const optimizer = optimizers[rule](own)
      return scan(
        ({ w, state }: Carry) => {
          const gradient = grad((w: Tensor) => lossOf(rule, loss)(z, w))(w)
          const next = optimizer.update({ gradients: gradient, state, params: w })
          return { carry: { w: next.params, state: next.state }, output: { ...measure(z, w, loss), ...(path && { w }) } }
        },
        carry,
        {},
        { length },
      )
    }
    const { carry: next, outputs } = vmap(one)(carry, settings)
    return { state: next, output: outputs }
  })

/** One for each shape: a function that meets shape after shape would look like one that compiles at every call, and be reported. */
const compiled = new Map<string, ReturnType<typeof chunkOf>>()

function compiledChunk(rule: RuleName, loss: LossName, length: number, path: boolean, shape: readonly number[], runs: number) {
  const key = [rule, loss, length, path, shape, runs].join('/')
  if (!compiled.has(key)) compiled.set(key, chunkOf(rule, loss, length, path))
  return compiled.get(key)!
}

/** Every run at w = 0. */
const start = (rule: RuleName, settings: Settings, width: number) =>
  vmap((own: Settings): Carry => {
    const w = zeros([width], 'float64')
    return { w, state: optimizers[rule](own).init(w) }
  })(settings)

const series = ['margin', 'radius', 'logLoss'] as const

/**
 * Follows a rule from w = 0 on signed examples z (float64 [n, d]), with several settings side by side.
 *
 * @example
 * const { z } = signExamples({ data: Float64Array.of(1, -1), shape: [2, 1], dtype: 'float64' }, [1, -1], { bias: false })
 * const [path] = await follow(z, { rule: 'gd', runs: [{ learningRate: 0.1 }], steps: 10 })
 */
export async function follow(
  z: NDArray,
  { rule, runs, steps, loss = 'exponential', path = false, progress }: FollowOptions,
): Promise<Trajectory[]> {
  const examples = fromArray(z)
  const column = (name: keyof RunSettings, fallback: number) => tensor(Float64Array.from(runs, (run) => run[name] ?? fallback))
  const settings: Settings = {
    learningRate: column('learningRate', 1),
    warmup: tensor(Int32Array.from(runs, ({ warmup = 100 }) => warmup)),
    interval: tensor(Int32Array.from(runs, ({ interval = 5 }) => interval)),
    growth: column('growth', 1),
  }
  const found = runs.map(() => ({
    margin: new Float64Array(steps + 1),
    radius: new Float64Array(steps + 1),
    logLoss: new Float64Array(steps + 1),
    ...(path && { path: new Float64Array((steps + 1) * z.shape[1]) }),
  }))
  let carry: Carry = await evaluate(start(rule, settings, z.shape[1]))
  for (let done = 0; done < steps; ) {
    const length = Math.min(chunk, steps - done)
    const { state, output } = await compiledChunk(rule, loss, length, path, z.shape, runs.length)(carry, examples, settings)
    await record(output, length, done)
    carry = state
    done += length
    await progress?.(done, steps)
  }
  const last = await snapshot(carry.w)
  await record(await evaluate(vmap((w: Tensor) => ({ ...measure(examples, w, loss), ...(path && { w }) }))(last)), 1, steps)
  const weights = (await last.data()) as Float64Array
  return found.map((lists, i) => ({ ...lists, weights: weights.slice(i * z.shape[1], (i + 1) * z.shape[1]) }))

  async function record(output: Record<(typeof series)[number], Tensor> & { w?: Tensor }, length: number, at: number): Promise<void> {
    for (const name of series) {
      const values = await output[name].data()
      found.forEach((lists, i) => {
        lists[name].set(values.subarray(i * length, (i + 1) * length) as Float64Array, at)
      })
    }
    const w = await output.w?.data()
    const room = length * z.shape[1]
    if (w) for (const [i, { path }] of found.entries()) path!.set(w.subarray(i * room, (i + 1) * room) as Float64Array, at * z.shape[1])
  }
}
