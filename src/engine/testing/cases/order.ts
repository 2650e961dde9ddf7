import { ndarray } from '../../array.ts'
import { numbers } from '../../dtype.ts'
import * as q from '../../index.ts'
import type { Tensor } from '../../tensor.ts'
import type { Operation } from './generate.ts'
import { ofLines, onLines, withForms } from './lines.ts'
import { at, build, type Plain } from './plain.ts'

const { NaN: nan } = Number

/** The places of a line in order: by insertion, so that equal elements keep theirs, NaN after all others. */
function orderOf(line: readonly number[], descending = false): number[] {
  const order: number[] = []
  const isAfter = (a: number, b: number) => (Number.isNaN(a) ? !Number.isNaN(b) : a > b)
  for (const [k, value] of line.entries()) {
    const place = order.findIndex((other) => (descending ? isAfter(value, line[other]) : isAfter(line[other], value)))
    order.splice(place < 0 ? order.length : place, 0, k)
  }
  return order
}

const sorted = (line: readonly number[]): number[] => orderOf(line).map((k) => line[k])

const quantileOf = (line: readonly number[], fraction: number): number => {
  if (line.some(Number.isNaN)) return nan
  const place = fraction * (line.length - 1)
  const [below, above] = [Math.floor(place), Math.ceil(place)].map((k) => sorted(line)[k])
  return below === above ? below : below + (above - below) * (place % 1)
}

export const orderOperations: Record<string, Operation> = {
  sort: onLines((x, axis) => q.sort(x, { axis }), sorted, { dtypes: numbers }),
  'sort, descending': onLines(
    (x, axis) => q.sort(x, { axis, descending: true }),
    (line) => orderOf(line, true).map((k) => line[k]),
    { dtypes: numbers },
  ),
  argsort: onLines((x, axis) => q.argsort(x, { axis }), orderOf, { dtypes: numbers }),
  'argsort, descending': onLines(
    (x, axis) => q.argsort(x, { axis, descending: true }),
    (line) => orderOf(line, true),
    { dtypes: numbers },
  ),
  topK: onLines(
    (x, axis) => q.topK(x, 1, { axis }).values,
    (line) => [line[orderOf(line, true)[0]]],
    { dtypes: numbers, ofNothing: false, extent: () => 1 },
  ),
  'topK, smallest': onLines(
    (x, axis) => q.topK(x, 1, { axis, largest: false }).indices,
    (line) => [orderOf(line)[0]],
    { dtypes: numbers, ofNothing: false, extent: () => 1 },
  ),
  median: ofLines(
    (x, axis) => q.median(x, { axis }),
    (line) => quantileOf(line, 0.5),
    { without: ['infinite'] },
  ),
  quantile: ofLines(
    (x, axis) => q.quantile(x, 0.3, { axis }),
    (line) => quantileOf(line, 0.3),
    // Fractions are float32 numbers beside float32 elements.
    { without: ['infinite'], tolerance: { twin: 1e-6 } },
  ),
  searchSorted: withForms(
    (['left', 'right'] as const).flatMap((side) =>
      [[7], [2, 3], [], [0]].map((shape) => ({
        inputs: [[6], shape],
        run: (x: Tensor, values: Tensor) => q.searchSorted(q.sort(x), values, { side }),
        twin: (x: Plain, values: Plain) =>
          build(values.shape, (index) => {
            const value = at(values, index)
            const isBefore = (other: number) =>
              Number.isNaN(value) ? side === 'right' || !Number.isNaN(other) : side === 'left' ? other < value : other <= value
            return x.data.filter(isBefore).length
          }),
      })),
    ),
    { dtypes: numbers },
  ),
  histogram: withForms(
    [[9], [2, 5], [0]].map((shape) => ({
      inputs: [ndarray(Float64Array.of(-1, 0, 0.5, 2), [4], 'float64'), shape],
      run: (edges, x) => q.histogram(x, edges),
      twin: (_, x) =>
        build([3], ([bin]) => {
          const edges = [-1, 0, 0.5, 2]
          return x.data.filter((value) => value >= edges[bin] && (bin === 2 ? value <= 2 : value < edges[bin + 1])).length
        }),
    })),
    { dtypes: ['float64'] },
  ),
}
