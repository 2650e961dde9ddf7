import {
  add,
  expandDims,
  fold,
  jvp,
  logSoftmax,
  matmul,
  mean,
  mul,
  neg,
  random,
  squeeze,
  sum,
  swapLast,
  type Tensor,
  takeAlong,
  tanh,
  zeros,
} from '../../engine/index.ts'
import type { LayeredParams } from '../../nn/index.ts'

export interface ActivityOptions {
  readonly key: Tensor
  readonly activation?: (x: Tensor) => Tensor
}

/**
 * Activity-perturbed forward gradients (Ren et al. 2022) of the mean cross entropy of linear layers: directions are drawn for the layers' outputs
 * before the activation, one for each example, and each example has its own derivative δ. The estimate of the gradient of a weight is the mean of
 * δ u hᵀ, with h what the layer reads. Its variance grows with the number of units instead of that of weights; the inputs of all layers are needed
 * once more at the end, kept or computed again, which the perturbation of weights avoids.
 *
 * @example
 * const params = { layers: [{ weight: ones([3, 2]), bias: zeros([3]) }, { weight: ones([2, 3]), bias: zeros([2]) }] }
 * const batch = { x: ones([4, 2]), y: zeros([4], 'int32') }
 * const { value, gradient } = activityForwardGradient(params, batch, { key: key(0) })
 */
export function activityForwardGradient(
  params: LayeredParams,
  { x, y }: { readonly x: Tensor; readonly y: Tensor },
  { key, activation = tanh }: ActivityOptions,
): { value: Tensor; gradient: LayeredParams } {
  const { layers } = params
  const outputs = layers.map(({ bias }) => [x.shape[0], bias.shape[0]])
  const still = outputs.map((shape) => zeros(shape, x.dtype))
  const directions = outputs.map((shape, i) => random.normal(fold(key, i), shape, { dtype: x.dtype }))
  const losses = (shifts: Tensor[]) => exampleLosses(forward(params, x, shifts, activation).logits, y)
  const { value, tangent: delta } = jvp(losses, [still], [directions])
  const { inputs } = forward(params, x, still, activation)
  const gradients = directions.map((u, i) => {
    const ofOutputs = mul(mul(u, expandDims(delta, -1)), 1 / x.shape[0])
    return { weight: matmul(swapLast(ofOutputs), inputs[i]), bias: sum(ofOutputs, { axes: 0 }) }
  })
  return { value: mean(value), gradient: { layers: gradients } }
}

/** The logits where each layer's output is shifted before the activation, and what each layer reads. */
function forward({ layers }: LayeredParams, x: Tensor, shifts: readonly Tensor[], activation: (x: Tensor) => Tensor) {
  const inputs: Tensor[] = []
  let value = x
  layers.forEach(({ weight, bias }, i) => {
    inputs.push(value)
    const output = add(add(matmul(value, swapLast(weight)), bias), shifts[i])
    value = i < layers.length - 1 ? activation(output) : output
  })
  return { logits: value, inputs }
}

const exampleLosses = (logits: Tensor, labels: Tensor): Tensor => neg(squeeze(takeAlong(logSoftmax(logits), expandDims(labels, -1)), [-1]))
