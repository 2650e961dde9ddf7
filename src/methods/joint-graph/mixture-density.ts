import { draws, seedKey } from '../../data/draws.ts'
import { createBatcher } from '../../data/index.ts'
import {
  add,
  exp,
  expandDims,
  fromArray,
  jit,
  key,
  logSoftmax,
  logSumExp,
  mean,
  mul,
  type NDArray,
  ndarray,
  neg,
  reshape,
  silu,
  split,
  square,
  sub,
  sum,
  type Tensor,
} from '../../engine/index.ts'
import { mlp } from '../../nn/index.ts'
import { adam, warmupDecay } from '../../optim/index.ts'
import { trainStep } from '../../train/index.ts'

/** A mixture of normal distributions whose weights, means and deviations a perceptron gives (Bishop 1994). */
export interface DensityOptions {
  readonly inputs: number
  readonly outputs: number
  readonly components?: number
  readonly hidden?: number
  readonly steps: number
  readonly batch: number
  readonly learningRate: number
  readonly seed: number
  onStep?(done: number, total: number): Promise<void>
}

export interface ConditionalDensity {
  /** One draw for each row of conditions [n][inputs]. */
  sample(conditions: readonly (readonly number[])[], seed: number): Promise<number[][]>
}

/** Fits p(y | x) to rows by maximum likelihood. */
export async function fitDensity(
  x: readonly (readonly number[])[],
  y: readonly (readonly number[])[],
  { inputs, outputs, components = 5, hidden = 64, steps, batch, learningRate, seed, onStep }: DensityOptions,
): Promise<ConditionalDensity> {
  const model = mlp({ sizes: [inputs, hidden, hidden, components * (1 + 2 * outputs)], activation: silu })
  type Params = ReturnType<typeof model.init>
  const heads = (params: Params, given: Tensor) => {
    const [weights, means, scales] = split(model.apply(params, given), [components, components * outputs, components * outputs])
    const shaped = (z: Tensor) => reshape(z, [given.shape[0], components, outputs])
    return { weights: logSoftmax(weights), means: shaped(means), scales: shaped(scales) }
  }
  /** −log p, but for a constant. */
  const loss = (params: Params, { x, y }: { x: Tensor; y: Tensor }) => {
    const { weights, means, scales } = heads(params, x)
    const z = mul(sub(expandDims(y, 1), means), exp(neg(scales)))
    const logs = sub(mul(sum(square(z), { axes: 2 }), -0.5), sum(scales, { axes: 2 }))
    return neg(mean(logSumExp(add(weights, logs), { axes: 1 })))
  }
  const step = trainStep<Params, { readonly x: NDArray; readonly y: NDArray }>(
    loss,
    adam({ learningRate: warmupDecay(learningRate, { steps }) }),
  )
  const batcher = createBatcher({ x: rowsArray(x, inputs), y: rowsArray(y, outputs) }, { size: Math.min(batch, x.length), seed })
  let state = step.init(model.init(key(seed)))
  for (let k = 0; k < steps; k++) {
    const { params, optimizer } = await step(state, batcher.at(k))
    state = { params, optimizer }
    await onStep?.(k + 1, steps)
  }
  const { params } = state
  const evaluate = jit(heads)
  return {
    async sample(conditions, seed) {
      if (conditions.length === 0) return []
      const { weights, means, scales } = evaluate(params, fromArray(rowsArray(conditions, inputs)))
      const [w, m, s] = await Promise.all([weights.data(), means.data(), scales.data()])
      const random = draws(seedKey(seed, 0x6d64_6e73))
      return conditions.map((_, row) => {
        let left = random.uniform()
        let component = 0
        while (component < components - 1 && (left -= Math.exp(w[row * components + component])) >= 0) component++
        const at = (row * components + component) * outputs
        return Array.from({ length: outputs }, (_, k) => m[at + k] + Math.exp(s[at + k]) * random.normal())
      })
    },
  }
}

const rowsArray = (rows: readonly (readonly number[])[], width: number) =>
  ndarray(Float32Array.from(rows.flat()), [rows.length, width], 'float32')
