import type { Tensor } from '../tensor.ts'
import { type Binary, elementwise } from './define.ts'

/*
 * Bits of integers. Shifts are of 0 to 31 places, of uint32.
 */

/** Bits of a moved left by b; uint32. */
export const shiftLeft: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'shiftLeft',
  evaluate: (a, b) => (a << b) >>> 0,
  derivative: [null, null],
  onnx: (context, inputs) => context.emit('BitShift', inputs, { direction: 'LEFT' }),
  accepts: ['uint32'],
})

/** Bits of a moved right by b, zeros coming in; uint32. */
export const shiftRight: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'shiftRight',
  evaluate: (a, b) => a >>> b,
  derivative: [null, null],
  onnx: (context, inputs) => context.emit('BitShift', inputs, { direction: 'RIGHT' }),
  accepts: ['uint32'],
})

/** Bits set in both a and b. */
export const bitAnd: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'bitAnd',
  evaluate: (a, b) => a & b,
  derivative: [null, null],
  onnx: 'BitwiseAnd',
  accepts: ['int32', 'uint32'],
})

/** Bits set in a or b or both. */
export const bitOr: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'bitOr',
  evaluate: (a, b) => a | b,
  derivative: [null, null],
  onnx: 'BitwiseOr',
  accepts: ['int32', 'uint32'],
})

/** Bits set in one of a and b only. */
export const bitXor: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'bitXor',
  evaluate: (a, b) => a ^ b,
  derivative: [null, null],
  onnx: 'BitwiseXor',
  accepts: ['int32', 'uint32'],
})
