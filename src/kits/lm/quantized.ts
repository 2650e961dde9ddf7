import { InputError, type Tensor } from '../../engine/index.ts'
import type { QuantizedWeight } from './params.ts'

/** The matrix [in, out] that codes stand for. */
export function dequantize(_: QuantizedWeight): Tensor {
  throw new InputError('quantized weights are not supported yet')
}
