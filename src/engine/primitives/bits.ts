import type { Tensor } from '../tensor.ts'
import { type Binary, elementwise } from './define.ts'

/*
 * Bits of integers. Shifts are of 0 to 31 places, of uint32.
 */

/**
 * Bits of a moved left by b; uint32.
 *
 * @example
 * await shiftLeft(tensor([1, 3], { dtype: 'uint32' }), 2).array() // [4, 12]
 */
export const shiftLeft: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'shiftLeft',
  evaluate: (a, b) => (a << b) >>> 0,
  derivative: [null, null],
  onnx: (context, inputs) => context.emit('BitShift', inputs, { direction: 'LEFT' }),
  accepts: ['uint32'],
})

/**
 * Bits of a moved right by b, zeros coming in; uint32.
 *
 * @example
 * await shiftRight(tensor([4, 12], { dtype: 'uint32' }), 2).array() // [1, 3]
 */
export const shiftRight: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'shiftRight',
  evaluate: (a, b) => a >>> b,
  derivative: [null, null],
  onnx: (context, inputs) => context.emit('BitShift', inputs, { direction: 'RIGHT' }),
  accepts: ['uint32'],
})

/**
 * Bits set in both a and b.
 *
 * @example
 * await bitAnd(tensor([6], { dtype: 'int32' }), 3).array() // [2]
 */
export const bitAnd: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'bitAnd',
  evaluate: (a, b) => a & b,
  derivative: [null, null],
  onnx: 'BitwiseAnd',
  accepts: ['int32', 'uint32'],
})

/**
 * Bits set in a or b or both.
 *
 * @example
 * await bitOr(tensor([6], { dtype: 'int32' }), 3).array() // [7]
 */
export const bitOr: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'bitOr',
  evaluate: (a, b) => a | b,
  derivative: [null, null],
  onnx: 'BitwiseOr',
  accepts: ['int32', 'uint32'],
})

/**
 * Bits set in one of a and b only.
 *
 * @example
 * await bitXor(tensor([6], { dtype: 'int32' }), 3).array() // [5]
 */
export const bitXor: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'bitXor',
  evaluate: (a, b) => a ^ b,
  derivative: [null, null],
  onnx: 'BitwiseXor',
  accepts: ['int32', 'uint32'],
})
