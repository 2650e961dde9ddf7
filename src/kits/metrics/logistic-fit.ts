import { InputError } from '../../engine/index.ts'
import { solve } from '../../engine/kernels/factorizations.ts'
import { isConstant, kendall, pearson, rootMeanSquare, spearman } from './correlation.ts'
import { average } from './predictions.ts'

/** b₁ … b₅ of {@link logisticMap}. */
export type LogisticParameters = readonly [number, number, number, number, number]

/** q = b₁ (½ − 1 / (1 + e^(b₂ (p − b₃)))) + b₄ p + b₅ (VQEG; Sheikh et al. 2006): from a metric's scale to that of opinions. */
export const logisticMap = ([b1, b2, b3, b4, b5]: LogisticParameters, p: number): number =>
  b1 * (0.5 - 1 / (1 + Math.exp(b2 * (p - b3)))) + b4 * p + b5

/** Derivatives of the map by its parameters. */
function slopes([b1, b2, b3]: LogisticParameters, p: number): readonly number[] {
  const share = 1 / (1 + Math.exp(b2 * (p - b3)))
  const steepness = share * (1 - share)
  return [0.5 - share, b1 * steepness * (p - b3), -b1 * steepness * b2, p, 1]
}

const rounds = 200

/**
 * The map of least squared error from predicted to actual scores, by Levenberg and Marquardt from the best of 25 curves. Deterministic; there may be other
 * minima.
 *
 * @throws InputError for fewer than six pairs: five parameters would pass through all of them.
 */
export function fitLogistic(predicted: ArrayLike<number>, actual: ArrayLike<number>): (p: number) => number {
  if (predicted.length < 6)
    throw new InputError(`${predicted.length} pairs are too few for a map of five parameters`, { fix: 'give at least 6' })
  const centre = average(predicted)
  const spread = Math.sqrt(average(Array.from(predicted, (p) => (p - centre) ** 2)))
  if (!(spread > 0)) return () => average(actual)
  const x = Float64Array.from(predicted, (p) => (p - centre) / spread)
  const error = (b: LogisticParameters) => x.reduce((sum, p, i) => sum + (actual[i] - logisticMap(b, p)) ** 2, 0)
  let best: LogisticParameters = startOf(x, actual, error)
  let [least, damping] = [error(best), 1e-3]
  for (let round = 0; round < rounds && damping < 1e12; round++) {
    const next = stepFrom(best, x, actual, damping)
    const reached = next ? error(next) : Number.POSITIVE_INFINITY
    if (next && reached < least) {
      ;[best, damping] = [next, damping / 3]
      if (least - reached < 1e-14 * least) break
      least = reached
    } else damping *= 4
  }
  return (p) => logisticMap(best, (p - centre) / spread)
}

/** Of curves of several slopes and places, each with the three parameters that are linear fitted to it, the best one. */
function startOf(x: Float64Array, actual: ArrayLike<number>, error: (b: LogisticParameters) => number): LogisticParameters {
  const starts = [0.5, 1, 2, 4, 8].flatMap((slope) => [-1, -0.5, 0, 0.5, 1].map((place) => linearFit([0, slope, place, 0, 0], x, actual)))
  return starts.reduce((best, start) => (error(start) < error(best) ? start : best))
}

/** Least squares in b₁, b₄ and b₅, with a touch of ridge where the curve is as good as a line. */
function linearFit([, b2, b3]: LogisticParameters, x: Float64Array, actual: ArrayLike<number>): LogisticParameters {
  const normal = new Float64Array(9)
  const right = new Float64Array(3)
  for (let i = 0; i < x.length; i++) {
    const columns = [0.5 - 1 / (1 + Math.exp(b2 * (x[i] - b3))), x[i], 1]
    for (let j = 0; j < 3; j++) {
      right[j] += columns[j] * actual[i]
      for (let k = 0; k < 3; k++) normal[3 * j + k] += columns[j] * columns[k]
    }
  }
  for (let j = 0; j < 3; j++) normal[4 * j] *= 1 + 1e-9
  const [b1, b4, b5] = solve(normal, right, [3, 1])
  return [b1, b2, b3, b4, b5]
}

/** One damped Gauss-Newton step; nothing where its equations have no finite solution. */
function stepFrom(b: LogisticParameters, x: Float64Array, actual: ArrayLike<number>, damping: number): LogisticParameters | undefined {
  const normal = new Float64Array(25)
  const right = new Float64Array(5)
  for (let i = 0; i < x.length; i++) {
    const slope = slopes(b, x[i])
    const rest = actual[i] - logisticMap(b, x[i])
    for (let j = 0; j < 5; j++) {
      right[j] += slope[j] * rest
      for (let k = 0; k < 5; k++) normal[5 * j + k] += slope[j] * slope[k]
    }
  }
  for (let j = 0; j < 5; j++) normal[6 * j] += damping * Math.max(normal[6 * j], 1e-9)
  const step = solve(normal, right, [5, 1])
  return step.every(Number.isFinite) ? (b.map((value, j) => value + step[j]) as unknown as LogisticParameters) : undefined
}

/** Agreement of predicted with actual scores, such as a metric's with people's. */
export interface Agreement {
  readonly srcc: number
  readonly plcc: number
  readonly krcc: number
  readonly rmse: number
  /** What was done to the predictions before PLCC and RMSE; ranks do not change under a rising map. */
  readonly map: 'none' | 'logistic'
}

/** All four, NaN with a warning to `log` where a list is constant. */
export function agreement(
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  { map = 'none', log }: { map?: Agreement['map']; log?(line: string): void } = {},
): Agreement {
  for (const [name, values] of Object.entries({ predicted, actual }))
    if (isConstant(values)) log?.(`the ${name} scores are all ${values[0]}: no correlation is defined`)
  const fitted = map === 'logistic' ? Array.from(predicted, fitLogistic(predicted, actual)) : predicted
  return {
    srcc: spearman(predicted, actual),
    plcc: pearson(fitted, actual),
    krcc: kendall(predicted, actual),
    rmse: rootMeanSquare(fitted, actual),
    map,
  }
}
