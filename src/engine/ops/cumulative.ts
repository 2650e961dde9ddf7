import { apply } from '../primitives/define.ts'
import { cumsumPrimitive } from '../primitives/reduce.ts'
import type { Tensor } from '../tensor.ts'
import { checkedAxis } from './axes.ts'

/** Running sums along an axis; from the back where `reverse`. */
export const cumsum = (x: Tensor, { axis = -1, reverse = false } = {}): Tensor =>
  apply(cumsumPrimitive, [x], { axis: checkedAxis('cumsum', x, axis), reverse })[0]
