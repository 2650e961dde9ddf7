import { apply } from '../primitives/define.ts'
import { logSoftmaxPrimitive, rmsStandardizePrimitive, softmaxPrimitive, standardizePrimitive } from '../primitives/normalize.ts'
import type { Tensor } from '../tensor.ts'
import { checkedAxis } from './axes.ts'

/**
 * exp(x) / Σ exp(x) along an axis; the last one by default.
 *
 * @example
 * await softmax(tensor([0, 0])).array() // [0.5, 0.5]
 */
export const softmax = (x: Tensor, { axis = -1 } = {}): Tensor => apply(softmaxPrimitive, [x], { axis: checkedAxis('softmax', x, axis) })[0]

/**
 * The logarithm of `softmax`, without overflow.
 *
 * @example
 * await logSoftmax(tensor([0, 0])).array() // [-0.693147, -0.693147]
 */
export const logSoftmax = (x: Tensor, { axis = -1 } = {}): Tensor =>
  apply(logSoftmaxPrimitive, [x], { axis: checkedAxis('logSoftmax', x, axis) })[0]

/**
 * (x − mean) / √(variance + ε) over the last axis.
 *
 * @example
 * await standardize(tensor([1, 3])).array() // [-1.000, 1.000]
 */
export const standardize = (x: Tensor, { epsilon = 1e-5 } = {}): Tensor => apply(standardizePrimitive, [x], { epsilon })[0]

/**
 * x / √(mean(x²) + ε) over the last axis, as in RMS norm (Zhang & Sennrich 2019).
 *
 * @example
 * await rmsStandardize(tensor([1, 7])).array() // [0.2, 1.4]
 */
export const rmsStandardize = (x: Tensor, { epsilon = 1e-5 } = {}): Tensor => apply(rmsStandardizePrimitive, [x], { epsilon })[0]
