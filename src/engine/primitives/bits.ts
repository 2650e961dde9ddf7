import type { Tensor } from '../tensor.ts'
import { type Binary, elementwise } from './define.ts'

/** Bits of a moved right by b, zeros coming in; uint32. */
export const shiftRight: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'shiftRight',
  evaluate: (a, b) => a >>> b,
  derivative: [null, null],
  onnx: (context, inputs) => context.emit('BitShift', inputs, { direction: 'RIGHT' }),
  accepts: ['uint32'],
})

/** Bits set in one of a and b only; uint32. */
export const bitXor: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'bitXor',
  evaluate: (a, b) => (a ^ b) >>> 0,
  derivative: [null, null],
  onnx: 'BitwiseXor',
  accepts: ['uint32'],
})
