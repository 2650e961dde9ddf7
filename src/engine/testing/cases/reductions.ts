import { numbers } from '../../dtype.ts'
import * as q from '../../index.ts'
import type { Tensor } from '../../tensor.ts'
import type { Operation } from './generate.ts'
import { largest, type Options, ofLines, onLines, reduction, total } from './lines.ts'

const { POSITIVE_INFINITY: infinity } = Number

const average = (line: readonly number[]): number => total(line) / line.length
const spreadOf = (line: readonly number[], correction: number): number =>
  total(line.map((value) => (value - average(line)) ** 2)) / Math.max(0, line.length - correction)

/** Squares and sums of these classes overflow or cancel in float32 where float64 does not. */
const moderate = { without: ['huge', 'infinite'] } as const

const firstPlace = (line: readonly number[], better: (a: number, b: number) => boolean): number => {
  const unknown = line.findIndex(Number.isNaN)
  if (unknown >= 0) return unknown
  return line.reduce((best, value, k) => (better(value, line[best]) ? k : best), 0)
}

export const reductionOperations: Record<string, Operation> = {
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

export const runningOperations = Object.fromEntries([
  ...cumulative('cumsum', q.cumsum, total, { without: ['huge'] }),
  ...cumulative('cumprod', q.cumprod, (prefix) => prefix.reduce((product, value) => value * product, 1), { without: ['huge', 'small'] }),
  ...cumulative('cummax', q.cummax, (prefix) => (prefix.length > 0 ? largest(prefix) : -infinity)),
  ...cumulative('cummin', q.cummin, (prefix) => (prefix.length > 0 ? -largest(prefix.map((value) => -value)) : infinity)),
  ...cumulative('cumLogSumExp', q.cumLogSumExp, (prefix) => {
    const most = prefix.length > 0 ? largest(prefix) : -infinity
    return Number.isFinite(most) ? most + Math.log(total(prefix.map((value) => Math.exp(value - most)))) : most
  }),
])
