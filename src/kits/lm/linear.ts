import { add, div, isTensor, matmul, mul, sqrt, square, stopGradient, sum, type Tensor } from '../../engine/index.ts'
import type { LinearParams, LowRank } from './params.ts'
import { dequantize } from './quantized.ts'

/** x [..., in] → [..., out], with whatever adapters have put beside the weight. */
export function applyLinear(params: LinearParams, x: Tensor): Tensor {
  const { bias, lora, scaleInput, scaleOutput } = params
  const weight = isTensor(params.weight) ? params.weight : dequantize(params.weight)
  const input = scaleInput ? mul(x, scaleInput) : x
  const product = lora ? adapted(weight, lora, input) : matmul(input, weight)
  const shifted = bias ? add(product, bias) : product
  return scaleOutput ? mul(shifted, scaleOutput) : shifted
}

function adapted(weight: Tensor, { a, b, scaling, magnitude }: LowRank, x: Tensor): Tensor {
  const product = add(matmul(x, weight), mul(matmul(matmul(x, a), b), scaling))
  if (!magnitude) return product
  // DoRA: the length of each unit's weights is learned by itself; what it is divided by has no derivative (Liu et al. 2024, section 4.3).
  const lengths = stopGradient(sqrt(sum(square(add(weight, mul(matmul(a, b), scaling))), { axes: [0] })))
  return mul(product, div(magnitude, lengths))
}
