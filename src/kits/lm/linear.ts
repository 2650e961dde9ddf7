import { add, div, isTensor, matmul, mul, random, scalar, sqrt, square, stopGradient, sum, type Tensor, where } from '../../engine/index.ts'
import type { LinearParams, LowRank } from './params.ts'
import { dequantize, roundedInputs } from './quantized.ts'

/** x [..., in] → [..., out], with whatever adapters have put beside the weight. */
export function applyLinear(params: LinearParams, x: Tensor): Tensor {
  const { bias, lora, scaleInput, scaleOutput } = params
  const input = scaleInput ? mul(x, scaleInput) : x
  const product = timesWeight(params.weight, input)
  const adapted = lora ? withLowRank(product, params.weight, lora, input) : product
  const shifted = bias ? add(adapted, bias) : adapted
  return scaleOutput ? mul(shifted, scaleOutput) : shifted
}

const matrixOf = (weight: LinearParams['weight']): Tensor => (isTensor(weight) ? weight : dequantize(weight))

const timesWeight = (weight: LinearParams['weight'], x: Tensor): Tensor =>
  matmul(isTensor(weight) ? x : roundedInputs(weight, x), matrixOf(weight))

function withLowRank(product: Tensor, weight: LinearParams['weight'], { a, b, scaling, magnitude, dropout }: LowRank, x: Tensor): Tensor {
  const read = dropout ? dropped(x, dropout) : x
  const total = add(product, mul(matmul(matmul(read, a), b), scaling))
  return magnitude ? mul(total, div(magnitude, unitLengths(matrixOf(weight), { a, b, scaling }))) : total
}

/** DoRA: what each unit's weights are divided by [out]. It has no derivative (Liu et al. 2024, section 4.3). */
const unitLengths = (weight: Tensor, { a, b, scaling }: Pick<LowRank, 'a' | 'b' | 'scaling'>): Tensor =>
  stopGradient(lengthsOf(add(weight, mul(matmul(a, b), scaling))))

/** The length of each output unit's weights: [in, out] → [out]. */
export const lengthsOf = (weight: Tensor): Tensor => sqrt(sum(square(weight), { axes: [0] }))

/** x with a share of its elements replaced by 0, the others divided by what is left. */
function dropped(x: Tensor, { key, rate }: { key: Tensor; rate: number }): Tensor {
  const kept = random.bernoulli(key, 1 - rate, x.shape)
  return where(kept, mul(x, 1 / (1 - rate)), scalar(0, x.dtype))
}
