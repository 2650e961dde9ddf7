import { ndarray } from '../../array.ts'
import { dtypes, floats, numbers } from '../../dtype.ts'
import * as q from '../../index.ts'
import type { Tensor } from '../../tensor.ts'
import type { Form, Operation } from './generate.ts'
import { at, broadcastAt, build, indicesOf, mapLines, type Plain, reduceLines } from './plain.ts'

/*
 * Operations on whole arrays: reductions, running ones, order, movement, selection. Their twins work on lines or on indices.
 */

type Options = Partial<Pick<Operation, 'dtypes' | 'without' | 'tolerance'>>

const withForms = (forms: readonly Form[], { dtypes = floats, ...rest }: Options = {}): Operation => ({ dtypes, forms, ...rest })

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
const reduction = (
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
const onLines = (
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
const ofLines = (run: (x: Tensor, axis: number) => Tensor, combine: (line: number[]) => number, options: Options = {}): Operation =>
  withForms(
    lineForms.map(({ shape, axis }) => ({
      inputs: [shape],
      run: (x) => run(x, axis),
      twin: (x) => reduceLines(x, { axes: [axis] }, combine),
    })),
    options,
  )

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number

/** Pairwise from the ends inwards: another order than the engine's, added with compensation. */
function total(line: readonly number[]): number {
  let [sum, lost] = [0, 0]
  for (const value of line) {
    const next = sum + value
    if (Number.isFinite(next)) lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
    sum = next
  }
  return Number.isFinite(sum) ? sum + lost : sum
}

const largest = (line: readonly number[]): number => line.reduce((a, b) => (Number.isNaN(a) || a >= b ? a : b))
const average = (line: readonly number[]): number => total(line) / line.length
const spreadOf = (line: readonly number[], correction: number): number =>
  total(line.map((value) => (value - average(line)) ** 2)) / Math.max(0, line.length - correction)

/** Squares and sums of these classes overflow or cancel in float32 where float64 does not. */
const moderate = { without: ['huge', 'infinite'] } as const
const finite = { without: ['infinite', 'nan'] } as const

const firstPlace = (line: readonly number[], better: (a: number, b: number) => boolean): number => {
  const unknown = line.findIndex(Number.isNaN)
  if (unknown >= 0) return unknown
  return line.reduce((best, value, k) => (better(value, line[best]) ? k : best), 0)
}

const reductions: Record<string, Operation> = {
  sum: reduction(q.sum, total, { without: ['huge'] }),
  'sum of int32': reduction(
    q.sum,
    (line) =>
      Number(
        BigInt.asIntN(
          32,
          line.reduce((sum, value) => sum + BigInt(value), 0n),
        ),
      ),
    {
      dtypes: ['int32'],
      without: ['huge'],
    },
  ),
  mean: reduction(q.mean, average, { without: ['huge'] }),
  max: reduction(q.max, largest, { dtypes: numbers, ofNothing: false }),
  min: reduction(q.min, (line) => line.reduce((a, b) => (Number.isNaN(a) || a <= b ? a : b)), { dtypes: numbers, ofNothing: false }),
  prod: reduction(q.prod, (line) => line.reduce((product, value) => product * value, 1), { without: ['huge', 'small'] }),
  'prod of int32': reduction(
    q.prod,
    (line) =>
      Number(
        BigInt.asIntN(
          32,
          line.reduce((product, value) => product * BigInt(value), 1n),
        ),
      ),
    {
      dtypes: ['int32'],
    },
  ),
  any: reduction(q.any, (line) => Number(line.includes(1)), { dtypes: ['bool'] }),
  all: reduction(q.all, (line) => Number(!line.includes(0)), { dtypes: ['bool'] }),
  variance: reduction(q.variance, (line) => spreadOf(line, 0), moderate),
  'variance of a sample': reduction(
    (x, options) => q.variance(x, { ...options, correction: 1 }),
    (line) => spreadOf(line, 1),
    moderate,
  ),
  standardDeviation: reduction(q.standardDeviation, (line) => Math.sqrt(spreadOf(line, 0)), moderate),
  norm: reduction(q.norm, (line) => Math.sqrt(total(line.map((value) => value * value))), moderate),
  'norm of order 1': reduction(
    (x, options) => q.norm(x, { ...options, order: 1 }),
    (line) => total(line.map(Math.abs)),
  ),
  'norm of order 3': reduction(
    (x, options) => q.norm(x, { ...options, order: 3 }),
    (line) => Math.cbrt(total(line.map((value) => Math.abs(value * value * value)))),
    { without: ['huge', 'small'] },
  ),
  'norm of order ∞': reduction(
    (x, options) => q.norm(x, { ...options, order: infinity }),
    (line) => largest(line.map(Math.abs)),
    { ofNothing: false },
  ),
  logSumExp: reduction(q.logSumExp, (line) => {
    const most = line.length > 0 ? largest(line) : -infinity
    return Number.isFinite(most) ? most + Math.log(total(line.map((value) => Math.exp(value - most)))) : most
  }),
  argmax: ofLines(
    (x, axis) => q.argmax(x, { axis }),
    (line) => firstPlace(line, (a, b) => a > b),
    { dtypes: numbers },
  ),
  argmin: ofLines(
    (x, axis) => q.argmin(x, { axis }),
    (line) => firstPlace(line, (a, b) => a < b),
    { dtypes: numbers },
  ),
}

/** Every prefix of a line, made one element; for `reverse` every suffix, for `exclusive` without the element itself. */
const prefixes =
  (combine: (prefix: number[]) => number, { reverse = false, exclusive = false }: q.CumulativeOptions) =>
  (line: number[]): number[] =>
    line.map((_, k) => combine(reverse ? line.slice(exclusive ? k + 1 : k).reverse() : line.slice(0, exclusive ? k : k + 1)))

const cumulative = (
  name: string,
  run: (x: Tensor, options: q.CumulativeOptions) => Tensor,
  combine: (prefix: number[]) => number,
  options: Options = {},
): [string, Operation][] =>
  [{}, { reverse: true }, { exclusive: true }, { reverse: true, exclusive: true }].map((way) => [
    [name, ...Object.keys(way)].join(', '),
    // The ways differ in order alone, which every class of values would show.
    onLines(
      (x, axis) => run(x, { ...way, axis }),
      prefixes(combine, way),
      Object.keys(way).length > 0 ? { ...options, ...turned } : options,
    ),
  ])

const turned = { dtypes: ['float32'], without: ['small', 'huge', 'infinite', 'ties'] } as const

const running = Object.fromEntries([
  ...cumulative('cumsum', q.cumsum, total, { without: ['huge'] }),
  ...cumulative('cumprod', q.cumprod, (prefix) => prefix.reduce((product, value) => value * product, 1), { without: ['huge', 'small'] }),
  ...cumulative('cummax', q.cummax, (prefix) => (prefix.length > 0 ? largest(prefix) : -infinity)),
  ...cumulative('cummin', q.cummin, (prefix) => (prefix.length > 0 ? -largest(prefix.map((value) => -value)) : infinity)),
  ...cumulative('cumLogSumExp', q.cumLogSumExp, (prefix) => {
    const most = prefix.length > 0 ? largest(prefix) : -infinity
    return Number.isFinite(most) ? most + Math.log(total(prefix.map((value) => Math.exp(value - most)))) : most
  }),
])

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

const order: Record<string, Operation> = {
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

/** Operations that move elements: the twin says where each element of the result comes from, or that it is zero. */
const moving = (
  cases: readonly {
    shape: readonly number[]
    run: (x: Tensor) => Tensor
    to: readonly number[]
    from: (index: readonly number[]) => readonly number[] | number
  }[],
): Operation => ({
  dtypes,
  forms: cases.map(({ shape, run, to, from }) => ({
    inputs: [shape],
    run,
    twin: (x) =>
      build(to, (index) => {
        const origin = from(index)
        return typeof origin === 'number' ? origin : at(x, origin)
      }),
  })),
})

const walks: readonly { range: q.Range; places: readonly number[] }[] = [
  { range: {}, places: [0, 1, 2, 3, 4] },
  { range: { start: -2 }, places: [3, 4] },
  { range: { start: 1, end: -1 }, places: [1, 2, 3] },
  { range: { step: -1 }, places: [4, 3, 2, 1, 0] },
  { range: { step: -2 }, places: [4, 2, 0] },
  { range: { start: 3, end: 0, step: -2 }, places: [3, 1] },
  { range: { start: -9, end: 9, step: 3 }, places: [0, 3] },
  { range: { start: 4, end: 2 }, places: [] },
  { range: { end: -9, step: -1, start: 2 }, places: [2, 1, 0] },
]

const continuations = {
  reflect: [2, 1, 0, 1, 2, 1, 0],
  edge: [0, 0, 0, 1, 2, 2, 2],
  wrap: [1, 2, 0, 1, 2, 0, 1],
} as const

const movement: Record<string, Operation> = {
  transpose: moving([
    { shape: [2, 3], run: q.transpose, to: [3, 2], from: ([i, j]) => [j, i] },
    { shape: [2, 3, 4], run: (x) => q.transpose(x, [1, 2, 0]), to: [3, 4, 2], from: ([i, j, k]) => [k, i, j] },
    { shape: [0, 3], run: q.transpose, to: [3, 0], from: ([i, j]) => [j, i] },
    { shape: [2, 3, 4], run: (x) => q.moveAxis(x, -1, 0), to: [4, 2, 3], from: ([i, j, k]) => [j, k, i] },
  ]),
  'flip and roll': moving([
    { shape: [2, 3], run: (x) => q.flip(x, { axes: [1] }), to: [2, 3], from: ([i, j]) => [i, 2 - j] },
    { shape: [5], run: (x) => q.roll(x, 2), to: [5], from: ([i]) => [(i + 3) % 5] },
    { shape: [2, 3], run: (x) => q.roll(x, -4, { axis: 1 }), to: [2, 3], from: ([i, j]) => [i, (j + 4) % 3] },
    { shape: [0], run: (x) => q.roll(x, 1), to: [0], from: (index) => index },
  ]),
  'tile and repeat': moving([
    { shape: [2], run: (x) => q.tile(x, [3]), to: [6], from: ([i]) => [i % 2] },
    { shape: [2, 3], run: (x) => q.tile(x, [2]), to: [2, 6], from: ([i, j]) => [i, j % 3] },
    { shape: [2], run: (x) => q.tile(x, [2, 2]), to: [2, 4], from: ([, j]) => [j % 2] },
    { shape: [2, 3], run: (x) => q.repeat(x, 2), to: [2, 6], from: ([i, j]) => [i, Math.floor(j / 2)] },
    { shape: [2, 3], run: (x) => q.repeat(x, 3, { axis: 0 }), to: [6, 3], from: ([i, j]) => [Math.floor(i / 3), j] },
    { shape: [2], run: (x) => q.tile(x, [0]), to: [0], from: (index) => index },
  ]),
  triangles: moving([
    { shape: [3, 3], run: q.tril, to: [3, 3], from: ([i, j]) => (j <= i ? [i, j] : 0) },
    { shape: [2, 3, 4], run: (x) => q.tril(x, { diagonal: 1 }), to: [2, 3, 4], from: ([n, i, j]) => (j <= i + 1 ? [n, i, j] : 0) },
    { shape: [3, 4], run: (x) => q.triu(x, { diagonal: -1 }), to: [3, 4], from: ([i, j]) => (j >= i - 1 ? [i, j] : 0) },
    { shape: [4, 2], run: q.triu, to: [4, 2], from: ([i, j]) => (j >= i ? [i, j] : 0) },
  ]),
  diagonals: moving([
    { shape: [3], run: q.diag, to: [3, 3], from: ([i, j]) => (i === j ? [i] : 0) },
    { shape: [2, 3], run: q.diag, to: [2, 3, 3], from: ([n, i, j]) => (i === j ? [n, i] : 0) },
    { shape: [3, 4], run: q.diagonal, to: [3], from: ([i]) => [i, i] },
    { shape: [2, 3, 4], run: (x) => q.diagonal(x, { offset: 2 }), to: [2, 2], from: ([n, i]) => [n, i, i + 2] },
    { shape: [4, 2], run: (x) => q.diagonal(x, { offset: -1 }), to: [2], from: ([i]) => [i + 1, i] },
    { shape: [2, 2], run: (x) => q.diagonal(x, { offset: 5 }), to: [0], from: (index) => index },
  ]),
  pad: moving([
    { shape: [3], run: (x) => q.pad(x, [[1, 2]]), to: [6], from: ([i]) => (i >= 1 && i < 4 ? [i - 1] : 0) },
    { shape: [3], run: (x) => q.pad(x, [[1, 2]], { value: 1 }), to: [6], from: ([i]) => (i >= 1 && i < 4 ? [i - 1] : 1) },
    {
      shape: [2, 2],
      run: (x) =>
        q.pad(
          x,
          [
            [0, 1],
            [-1, 2],
          ],
          { value: 1 },
        ),
      to: [3, 3],
      from: ([i, j]) => (i < 2 && j < 1 ? [i, j + 1] : 1),
    },
    ...(['reflect', 'edge', 'wrap'] as const).flatMap((mode) => [
      { shape: [3], run: (x: Tensor) => q.pad(x, [[2, 2]], { mode }), to: [7], from: ([i]: readonly number[]) => [continuations[mode][i]] },
      {
        shape: [2, 3],
        run: (x: Tensor) =>
          q.pad(
            x,
            [
              [0, 0],
              [2, 2],
            ],
            { mode },
          ),
        to: [2, 7],
        from: ([i, j]: readonly number[]) => [i, continuations[mode][j]],
      },
    ]),
  ]),
  at: moving([
    ...walks.map(({ range, places }) => ({
      shape: [2, 5],
      run: (x: Tensor) => q.at(x, '...', range),
      to: [2, places.length],
      from: ([i, j]: readonly number[]) => [i, places[j]],
    })),
    { shape: [3, 4], run: (x) => q.at(x, -1), to: [4], from: ([j]) => [2, j] },
    { shape: [3, 4], run: (x) => q.at(x, null, '...', 1), to: [1, 3], from: ([, i]) => [i, 1] },
    {
      shape: [3, 4],
      run: (x) => q.at(x, { step: -1 }, q.tensor([2, 0], { dtype: 'int32' })),
      to: [3, 2],
      from: ([i, j]) => [2 - i, 2 - 2 * j],
    },
  ]),
  'split and stack': moving([
    { shape: [2, 5], run: (x) => q.split(x, [1, 0, 4])[2], to: [2, 4], from: ([i, j]) => [i, j + 1] },
    { shape: [4, 3], run: (x) => q.split(x, 2, { axis: 0 })[1], to: [2, 3], from: ([i, j]) => [i + 2, j] },
    { shape: [3], run: (x) => q.stack([x, x], { axis: 1 }), to: [3, 2], from: ([i]) => [i] },
  ]),
}

const places = (values: readonly number[], shape: readonly number[] = [values.length]) => ndarray(Int32Array.from(values), shape, 'int32')

const selection: Record<string, Operation> = {
  gather: {
    dtypes,
    forms: [
      {
        inputs: [[4, 3], places([2, 0, -1, 2])],
        run: (x, k) => q.gather(x, k),
        twin: (x, k) => build([4, 3], ([i, j]) => at(x, [(k.data[i] + 4) % 4, j])),
      },
      {
        inputs: [[2, 4], places([3, 1, 0, -4], [2, 2])],
        run: (x, k) => q.gather(x, k, { axis: 1 }),
        twin: (x, k) => build([2, 2, 2], ([n, i, j]) => at(x, [n, (at(k, [i, j]) + 4) % 4])),
      },
      { inputs: [[4], places([], [0])], run: (x, k) => q.gather(x, k), twin: () => build([0], () => 0) },
    ],
  },
  takeAlong: {
    dtypes: numbers,
    forms: [
      {
        inputs: [[2, 4], places([3, 0, 0, 2, 1, -1], [2, 3])],
        run: (x, k) => q.takeAlong(x, k),
        twin: (x, k) => build([2, 3], ([i, j]) => at(x, [i, (at(k, [i, j]) + 4) % 4])),
      },
    ],
  },
  scatterSet: {
    dtypes: numbers,
    without: ['nan', 'infinite', 'huge'],
    forms: [
      {
        inputs: [[4, 3], places([2, 0]), [2, 3]],
        run: (x, k, updates) => q.scatterSet(x, k, updates),
        twin: (x, k, updates) => build([4, 3], ([i, j]) => (k.data.includes(i) ? at(updates, [k.data.indexOf(i), j]) : at(x, [i, j]))),
      },
      {
        inputs: [[2, 4], places([-1]), [2, 1]],
        run: (x, k, updates) => q.scatterSet(x, k, updates, { axis: 1 }),
        twin: (x, _, updates) => build([2, 4], ([i, j]) => (j === 3 ? at(updates, [i, 0]) : at(x, [i, j]))),
      },
    ],
  },
  bincount: {
    dtypes: floats,
    ...finite,
    forms: [
      {
        inputs: [places([1, 3, 1, 0, 1, 3]), [6]],
        run: (k, weights) => q.bincount(k, { length: 5, weights }),
        twin: (k, weights) => build([5], ([bin]) => total(weights.data.filter((_, i) => k.data[i] === bin))),
      },
      {
        inputs: [places([1, 3, 1, 0], [2, 2])],
        run: (k) => q.bincount(k, { length: 4 }),
        twin: (k) => build([4], ([bin]) => k.data.filter((place) => place === bin).length),
      },
    ],
  },
  broadcastTo: {
    dtypes,
    forms: [
      { inputs: [[3]], run: (x) => q.broadcastTo(x, [2, 3]), twin: (x) => build([2, 3], (index) => broadcastAt(x, index)) },
      { inputs: [[2, 1]], run: (x) => q.broadcastTo(x, [4, 2, 3]), twin: (x) => build([4, 2, 3], (index) => broadcastAt(x, index)) },
      { inputs: [[]], run: (x) => q.broadcastTo(x, [0, 2]), twin: () => build([0, 2], () => 0) },
    ],
  },
}

/** Σ over the letters that the result does not have, one term after another. */
export const sumOfProducts = (
  operands: readonly { letters: string; array: Plain }[],
  result: string,
  extents: Record<string, number>,
): Plain => {
  const summed = [...new Set(operands.flatMap(({ letters }) => [...letters]))].filter((letter) => !result.includes(letter))
  return build(
    [...result].map((letter) => extents[letter]),
    (index) => {
      const outer = Object.fromEntries([...result].map((letter, k) => [letter, index[k]]))
      return total(
        indicesOf(summed.map((letter) => extents[letter])).map((inner) => {
          const place = { ...outer, ...Object.fromEntries(summed.map((letter, k) => [letter, inner[k]])) }
          return operands.reduce(
            (product, { letters, array }) =>
              product *
              at(
                array,
                [...letters].map((letter) => place[letter]),
              ),
            1,
          )
        }),
      )
    },
  )
}

export const arrayThemes: Record<string, Record<string, Operation>> = { reductions, running, order, movement, selection }
