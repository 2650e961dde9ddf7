import {
  add,
  evaluate,
  fromArray,
  jit,
  matmul,
  mean,
  mul,
  type NDArray,
  ndarray,
  reshape,
  softplus,
  square,
  sub,
  sum,
  type Tensor,
  zeros,
} from '../../../engine/index.ts'
import { adam } from '../../../optim/index.ts'
import { trainStep } from '../../../train/index.ts'

interface Weights {
  readonly weight: Tensor
  readonly bias: Tensor
}

/** A scale and a shift of each feature, learnt on one set and used on others. */
export function standardizer({ shape: [n, d], data }: NDArray): (x: NDArray) => NDArray {
  const [mean, deviation] = [new Float64Array(d), new Float64Array(d)]
  data.forEach((value, k) => {
    mean[k % d] += value / n
  })
  data.forEach((value, k) => {
    deviation[k % d] += (value - mean[k % d]) ** 2 / n
  })
  const scale = deviation.map((variance) => (variance > 1e-12 ? 1 / Math.sqrt(variance) : 0))
  return (x) =>
    ndarray(
      Float32Array.from(x.data, (value, k) => (value - mean[k % d]) * scale[k % d]),
      x.shape,
      'float32',
    )
}

/**
 * Logistic regression on features [n, d], standardised, with a penalty on the squared weights: trained on the whole set at a time. Gives the log-odds of
 * further rows.
 */
export async function logisticRegression(
  train: NDArray,
  labels: ArrayLike<number>,
  { steps = 200, learningRate = 0.05, penalty = 1e-2 } = {},
): Promise<(x: NDArray) => Promise<Float64Array>> {
  const scaled = standardizer(train)
  const x = scaled(train)
  const y = ndarray(Float32Array.from(labels), [labels.length], 'float32')
  const logits = ({ weight, bias }: Weights, x: Tensor) => add(reshape(matmul(x, weight), [x.shape[0]]), bias)
  const step = trainStep<Weights>((params, { x, y }) => {
    const z = logits(params, x)
    return add(mean(sub(softplus(z), mul(y, z))), mul(sum(square(params.weight)), penalty))
  }, adam({ learningRate }))
  let state = step.init({ weight: zeros([train.shape[1], 1]), bias: zeros([]) })
  for (let k = 0; k < steps; k++) state = await step(state, { x, y })
  const params = await evaluate(state.params)
  const run = jit(logits)
  return async (rows) => Float64Array.from(await run(params, fromArray(scaled(rows))).data())
}
