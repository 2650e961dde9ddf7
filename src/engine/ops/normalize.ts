import { apply } from '../primitives/define.ts'
import { logSoftmaxPrimitive, softmaxPrimitive, standardizePrimitive } from '../primitives/normalize.ts'
import type { Tensor } from '../tensor.ts'
import { checkedAxis } from './axes.ts'

export const softmax = (x: Tensor, { axis = -1 } = {}): Tensor => apply(softmaxPrimitive, [x], { axis: checkedAxis('softmax', x, axis) })[0]

export const logSoftmax = (x: Tensor, { axis = -1 } = {}): Tensor =>
  apply(logSoftmaxPrimitive, [x], { axis: checkedAxis('logSoftmax', x, axis) })[0]

/** (x − mean) / √(variance + ε) over the last axis. */
export const standardize = (x: Tensor, { epsilon = 1e-5 } = {}): Tensor => apply(standardizePrimitive, [x], { epsilon })[0]
