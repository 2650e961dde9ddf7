import { isFloat } from '../dtype.ts'
import { neg, sub } from '../primitives/elementwise.ts'
import type { Tensor } from '../tensor.ts'

/** Reverses the order of a dtype's numbers. Integers have no negative for their least one, but each has a complement. */
export const mirror = (x: Tensor): Tensor => (isFloat(x.dtype) ? neg(x) : sub(x.dtype === 'uint32' ? 2 ** 32 - 1 : -1, x))
