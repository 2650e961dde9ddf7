import { isFloat, leastOf } from '../dtype.ts'
import { apply } from '../primitives/define.ts'
import { equal, logicalOr, maximum, mul, where } from '../primitives/elementwise.ts'
import { cumsumPrimitive } from '../primitives/reduce.ts'
import type { Tensor } from '../tensor.ts'
import { checkedAxis } from './axes.ts'
import { full, iota, stopGradient } from './create.ts'
import { isNotNumber, logAddExp } from './elementwise.ts'
import { takeAlong } from './indexing.ts'
import { mirror } from './mirror.ts'
import { broadcastTo, concat, flip, reshape, slice } from './movement.ts'

/*
 * Running sums, products, extremes along an axis. Where the runtime has no kernel, by doubling: after step k each element covers 2ᵏ before it.
 */

export interface CumulativeOptions {
  readonly axis?: number
  /** From the back to the front. */
  readonly reverse?: boolean
  /** Without the element itself: the first is the neutral element. */
  readonly exclusive?: boolean
}

/** Applies a running operation from the front, with the order turned around for `reverse`, and shifted by one for `exclusive`. */
function running(
  name: string,
  x: Tensor,
  { axis = -1, reverse = false, exclusive = false }: CumulativeOptions,
  neutral: number,
  inclusive: (x: Tensor, axis: number) => Tensor,
): Tensor {
  const at = checkedAxis(name, x, axis)
  if (x.shape[at] === 0) return x
  const turn = (y: Tensor) => (reverse ? flip(y, { axes: [at] }) : y)
  const y = inclusive(turn(x), at)
  if (!exclusive) return turn(y)
  const first = full(x.shape.with(at, 1), neutral, x.dtype)
  return turn(concat([first, slice(y, { axis: at, end: x.shape[at] - 1 })], { axis: at }))
}

const doubling =
  (combine: (before: Tensor, after: Tensor) => Tensor) =>
  (x: Tensor, axis: number): Tensor => {
    const extent = x.shape[axis]
    let y = x
    for (let step = 1; step < extent; step *= 2) {
      const covered = combine(slice(y, { axis, end: extent - step }), slice(y, { axis, start: step }))
      y = concat([slice(y, { axis, end: step }), covered], { axis })
    }
    return y
  }

/**
 * Running sums.
 *
 * @example
 * await cumsum(tensor([1, 2, 3])).array() // [1, 3, 6]
 */
export function cumsum(x: Tensor, { exclusive = false, ...options }: CumulativeOptions = {}): Tensor {
  const { axis = -1, reverse = false } = options
  const sums = (y: Tensor, at: number, fromBack: boolean) => apply(cumsumPrimitive, [y], { axis: at, reverse: fromBack })[0]
  if (!exclusive) return sums(x, checkedAxis('cumsum', x, axis), reverse)
  return running('cumsum', x, { ...options, exclusive }, 0, (y, at) => sums(y, at, false))
}

/**
 * Running products. Nothing is divided and no logarithm taken: zeros and signs are right, in the derivatives too.
 *
 * @example
 * await cumprod(tensor([1, 2, 3])).array() // [1, 2, 6]
 */
export const cumprod = (x: Tensor, options: CumulativeOptions = {}): Tensor => running('cumprod', x, options, 1, doubling(mul))

/**
 * Running log Σ eˣ.
 *
 * @example
 * await exp(cumLogSumExp(log(tensor([1, 2, 3])))).array() // [1.0000, 3.0000, 6.0000]
 */
export const cumLogSumExp = (x: Tensor, options: CumulativeOptions = {}): Tensor =>
  running('cumLogSumExp', x, options, Number.NEGATIVE_INFINITY, doubling(logAddExp))

/**
 * The largest element so far; NaN from the first NaN on. Of equal ones the last has the derivative.
 *
 * @example
 * await cummax(tensor([1, 3, 2])).array() // [1, 3, 3]
 */
export const cummax = (x: Tensor, options: CumulativeOptions = {}): Tensor => running('cummax', x, options, leastOf(x.dtype), latestLargest)

/**
 * The smallest element so far; NaN from the first NaN on. Of equal ones the last has the derivative.
 *
 * @example
 * await cummin(tensor([3, 1, 2])).array() // [3, 1, 1]
 */
export const cummin = (x: Tensor, options: CumulativeOptions = {}): Tensor => mirror(cummax(mirror(x), options))

/** Finds where each running maximum was last attained, and takes the elements from there: the derivative goes where the value came from. */
function latestLargest(x: Tensor, axis: number): Tensor {
  const fixed = stopGradient(x)
  const largest = doubling(maximum)(fixed, axis)
  const attained = isFloat(x.dtype) ? logicalOr(equal(fixed, largest), isNotNumber(fixed)) : equal(fixed, largest)
  const places = broadcastTo(
    reshape(
      iota(x.shape[axis]),
      x.shape.map((extent, k) => (k === axis ? extent : 1)),
    ),
    x.shape,
  )
  return takeAlong(x, doubling(maximum)(where(attained, places, 0), axis), { axis })
}
