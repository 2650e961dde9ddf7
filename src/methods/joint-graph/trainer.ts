import { draws, seedKey } from '../../data/draws.ts'
import { createBatcher } from '../../data/index.ts'
import {
  add,
  compileStep,
  fold,
  fromArray,
  key,
  mean,
  mul,
  NotFiniteError,
  ndarray,
  random,
  square,
  sub,
  sum,
  type Tensor,
  zipTrees,
} from '../../engine/index.ts'
import { foldKey } from '../../engine/threefry.ts'
import type { EncodedGraphs, GraphSchema } from '../../kits/graphs/index.ts'
import { adam, clipByGlobalNorm, type Optimizer, warmupDecay } from '../../optim/index.ts'
import { gradientAt, updated } from '../../train/transition.ts'
import { errorWeights, type JointProcess, spread } from './diffusion.ts'
import type { GraphNetwork } from './network.ts'

export interface TrainingRecipe {
  readonly steps: number
  readonly batch: number
  /** Peak of a cosine that ends at 0. */
  readonly learningRate: number
  /** Decay of the moving average of the parameters, which is what is sampled from. */
  readonly ema: number
  /** Weight of edges beside nodes. */
  readonly lambda: number
  /** Of the gradient's norm. */
  readonly clipNorm: number
  /** The earliest time that is trained on; the noise in the data themselves cannot be predicted. */
  readonly firstTime: number
  readonly seed: number
}

/**
 * What training does unless it is told otherwise.
 *
 * @example
 * defaultRecipe.batch // 128
 */
export const defaultRecipe: TrainingRecipe = {
  steps: 1000,
  batch: 128,
  learningRate: 2e-3,
  ema: 0.995,
  lambda: 1,
  clipNorm: 1,
  firstTime: 1e-3,
  seed: 0,
}

export interface TrainerState<P> {
  readonly params: P
  readonly optimizer: unknown
  readonly ema: P
}

/** A training as a function of the state and the step's number: it can be killed, and go on with the same bits. */
export interface JointTrainer<P> {
  start(): TrainerState<P>
  step(state: TrainerState<P>, k: number): Promise<{ readonly state: TrainerState<P>; readonly loss: number }>
}

const timesUse = 0x7469_6d65

/**
 * Denoising score matching on nodes and edges together: x_t = signal · x₀ + noise · ε, and the network predicts ε. The loss of a graph is the mean squared error
 * over its nodes plus λ times that over its pairs.
 *
 * @example
 * import { encodeGraphs, fitScales, signedBalance, signedBalanceSchema } from 'quire/graphs'
 *
 * const [schema, graphs] = [signedBalanceSchema(), signedBalance({ count: 16, seed: 0 })]
 * const vp = { kind: 'vp', betas: [0.1, 20] } as const
 * const network = jointNetwork(schema, { width: 8, edgeWidth: 4, layers: 1, heads: 2, triangle: true })
 * const data = encodeGraphs(graphs, schema, fitScales(graphs, schema))
 * const trainer = jointTrainer(network, schema, jointProcess({ nodes: vp, edges: vp }), data, { ...defaultRecipe, batch: 8 })
 * const { loss } = await trainer.step(trainer.start(), 0)
 * loss > 0 // true
 */
export function jointTrainer<P>(
  network: GraphNetwork<P>,
  schema: GraphSchema,
  process: JointProcess,
  data: EncodedGraphs,
  recipe: TrainingRecipe,
): JointTrainer<P> {
  const { steps, batch, learningRate, clipNorm, seed } = recipe
  const optimizer: Optimizer = clipByGlobalNorm(adam({ learningRate: warmupDecay(learningRate, { steps }) }), clipNorm)
  const batcher = createBatcher(data, { size: batch, seed, last: 'wrap' })
  const compiled = compileStep((state: TrainerState<P>, given: StepBatch, decay: Tensor) => {
    const { params, optimizer: own } = state
    const training = { params, optimizer: own }
    const loss = (params: P) => jointLoss(network, params, given)
    const next = updated(optimizer, training, gradientAt(loss, optimizer, training, {}))
    const ema = zipTrees([state.ema, next.state.params], (old: Tensor, now: Tensor) => add(now, mul(sub(old, now), decay))) as P
    return { state: { ...next.state, ema }, output: next.output }
  })
  return {
    start() {
      const params = network.init(key(seed))
      return { params, optimizer: optimizer.init(params), ema: params }
    },
    async step(state, k) {
      const { x, label } = batcher.at(k)
      const times = drawnTimes(recipe, k)
      const given = {
        x: fromArray(x),
        sizes: fromArray(label),
        key: fold(key(seed), k),
        ...levelsAt(schema, process, times),
        weights: fromArray(errorWeights(label.data, schema, recipe.lambda)),
      }
      // The decay rises to its value, so that the first parameters are forgotten.
      const decay = Math.min(recipe.ema, (1 + k) / (10 + k))
      const next = await compiled(state, given, fromArray(ndarray(Float32Array.of(decay), [], 'float32')))
      const loss = await next.output.loss.item()
      if (!Number.isFinite(loss) || !Number.isFinite(await next.output.finite.item()))
        throw new NotFiniteError(`the loss of step ${k + 1} is ${loss}`, { fix: 'lower the learning rate' })
      return { state: next.state, loss }
    },
  }
}

/** A batch as the compiled step takes it. */
export interface StepBatch extends NoiseLevels {
  /** [B, total] */
  readonly x: Tensor
  /** int32 [B] */
  readonly sizes: Tensor
  /** [B, total] */
  readonly weights: Tensor
  /** uint32 [2] */
  readonly key: Tensor
}

interface NoiseLevels {
  /** [B] */
  readonly time: Tensor
  /** [B, total] each. */
  readonly signal: Tensor
  readonly noise: Tensor
}

/** The mean over graphs of the weighted squared error. */
export function jointLoss<P>(network: GraphNetwork<P>, params: P, { x, sizes, weights, key, time, signal, noise }: StepBatch): Tensor {
  const eps = random.normal(key, x.shape)
  const noisy = add(mul(signal, x), mul(noise, eps))
  return mean(sum(mul(weights, square(sub(network.apply(params, noisy, time, sizes), eps))), { axes: 1 }))
}

/** Uniform times from the first one to 1, one a graph. */
function drawnTimes({ seed, batch, firstTime }: TrainingRecipe, k: number): number[] {
  const random = draws(foldKey(seedKey(seed, timesUse), k))
  return Array.from({ length: batch }, () => random.uniform(firstTime, 1))
}

/** What the times are in the coordinates of nodes and of edges. */
export function levelsAt(schema: GraphSchema, { nodes, edges }: JointProcess, times: readonly number[]): NoiseLevels {
  const rows = (part: 'signal' | 'noise') => {
    const all = times.map((time) => spread(schema, { nodes: nodes.at(time)[part], edges: edges.at(time)[part] }))
    const width = all[0].length
    const data = new Float32Array(times.length * width)
    for (const [i, row] of all.entries()) data.set(row, i * width)
    return fromArray(ndarray(data, [times.length, width], 'float32'))
  }
  return {
    time: fromArray(ndarray(Float32Array.from(times), [times.length], 'float32')),
    signal: rows('signal'),
    noise: rows('noise'),
  }
}
