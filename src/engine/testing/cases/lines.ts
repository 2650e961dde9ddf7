import { floats } from '../../dtype.ts'
import type * as q from '../../index.ts'
import type { Tensor } from '../../tensor.ts'
import type { Form, Operation } from './generate.ts'
import { mapLines, reduceLines } from './plain.ts'

/*
 * Operations on lines of an array: what their forms and twins have in common.
 */

export type Options = Partial<Pick<Operation, 'dtypes' | 'without' | 'tolerance'>>

export const withForms = (forms: readonly Form[], { dtypes = floats, ...rest }: Options = {}): Operation => ({ dtypes, forms, ...rest })

const reduceForms: readonly { shape: readonly number[]; axes?: readonly number[]; keepDims?: boolean }[] = [
  { shape: [] },
  { shape: [7] },
  { shape: [2, 5] },
  { shape: [2, 5], axes: [0] },
  { shape: [3, 5], axes: [-1], keepDims: true },
  { shape: [2, 3, 4], axes: [0, -1] },
  { shape: [2, 3, 4], axes: [1], keepDims: true },
  { shape: [0, 3], axes: [1] },
]

const emptyForms = [{ shape: [0] }, { shape: [2, 0], axes: [1] }, { shape: [2, 0, 3], axes: [1], keepDims: true }]

/** A reduction on every choice of axes; also of nothing, where that is defined. */
export const reduction = (
  run: (x: Tensor, options: q.ReduceOptions) => Tensor,
  combine: (line: number[]) => number,
  { ofNothing = true, ...options }: Options & { ofNothing?: boolean } = {},
): Operation =>
  withForms(
    [...reduceForms, ...(ofNothing ? emptyForms : [])].map(({ shape, ...axes }) => ({
      inputs: [shape],
      run: (x) => run(x, axes),
      twin: (x) => reduceLines(x, axes, combine),
    })),
    options,
  )

const lineForms: readonly { shape: readonly number[]; axis: number }[] = [
  { shape: [7], axis: 0 },
  { shape: [8], axis: -1 },
  { shape: [2, 5], axis: 0 },
  { shape: [2, 5], axis: -1 },
  { shape: [2, 3, 4], axis: 1 },
  { shape: [1, 1], axis: 0 },
]

const emptyLines = [
  { shape: [0], axis: 0 },
  { shape: [2, 0], axis: 1 },
  { shape: [0, 3], axis: 1 },
]

/** An operation that makes each line along an axis another line. */
export const onLines = (
  run: (x: Tensor, axis: number) => Tensor,
  change: (line: number[]) => number[],
  { ofNothing = true, extent = (n) => n, ...options }: Options & { ofNothing?: boolean; extent?: (n: number) => number } = {},
): Operation =>
  withForms(
    [...lineForms, ...(ofNothing ? emptyLines : [])].map(({ shape, axis }) => ({
      inputs: [shape],
      run: (x) => run(x, axis),
      twin: (x) => mapLines(x, axis, extent(shape.at(axis)!), change),
    })),
    options,
  )

/** As `onLines`, for what leaves one element of each line. */
export const ofLines = (run: (x: Tensor, axis: number) => Tensor, combine: (line: number[]) => number, options: Options = {}): Operation =>
  withForms(
    lineForms.map(({ shape, axis }) => ({
      inputs: [shape],
      run: (x) => run(x, axis),
      twin: (x) => reduceLines(x, { axes: [axis] }, combine),
    })),
    options,
  )

/** Pairwise from the ends inwards: another order than the engine's, added with compensation. */
export function total(line: readonly number[]): number {
  let [sum, lost] = [0, 0]
  for (const value of line) {
    const next = sum + value
    if (Number.isFinite(next)) lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
    sum = next
  }
  return Number.isFinite(sum) ? sum + lost : sum
}

export const largest = (line: readonly number[]): number => line.reduce((a, b) => (Number.isNaN(a) || a >= b ? a : b))
