import { type NDArray, sizeOf } from '../../engine/index.ts'
import { featureScale, type Scale } from '../../kits/classifier/index.ts'
import { onRawFeatures, type Plane, standardizedBy } from './classifier-file.ts'
import { accuracyOf, signExamples } from './examples.ts'
import { type MarginResult, type MaxMarginOptions, maxMargin, type Status } from './max-margin.ts'
import type { TwoClasses } from './own-examples.ts'

export interface FitOptions extends MaxMarginOptions {
  readonly bias: boolean
  readonly standardize: boolean
}

/** Two classes of somebody's data with the plane found between them. */
export interface FittedPlane {
  /** On features as they are. */
  readonly plane: Plane
  readonly result: MarginResult
  /** What the largest example was divided by: margins times it are distances in (standardized) features. */
  readonly scale: number
  /** Of the examples that it was fitted to. */
  readonly accuracy: number
  /** Numbers of the examples, from 1, within 1 % of the margin. */
  readonly supportRows: readonly number[]
  readonly examples: TwoClasses
  /** The same as signed examples, which `result` is about. */
  readonly z: NDArray
}

/** The scale that standardizes these features, if it is asked for. */
export const scaleOf = (x: NDArray, { standardize }: Pick<FitOptions, 'standardize'>): Scale | undefined =>
  standardize ? featureScale(x) : undefined

export const measuredFeatures = (x: NDArray, scale: Scale | undefined): NDArray => (scale ? standardizedBy(x, scale) : x)

export async function fitPlane(examples: TwoClasses, scale: Scale | undefined, options: FitOptions): Promise<FittedPlane> {
  const { x, y, positive, negative, rows } = examples
  const width = sizeOf(x.shape.slice(1))
  const signed = signExamples(measuredFeatures(x, scale), y, options)
  const result = await maxMargin(signed.z, options)
  const raw = onRawFeatures(result.weights, width, scale)
  return {
    plane: { positive, negative, ...raw, ...(scale && { standardized: { mean: [...scale.mean], deviation: [...scale.deviation] } }) },
    result,
    scale: signed.scale,
    accuracy: accuracyOf(Float64Array.of(...raw.weights, raw.bias), x, y),
    supportRows: result.support.map((i) => rows[i] + 1),
    examples,
    z: signed.z,
  }
}

const advice: Readonly<Record<Status, string>> = {
  converged: 'the certificate leaves next to nothing to gain',
  frozen: 'the norm grew faster than the direction could follow; give more steps, less growth or a larger learning rate',
  'radius-limit': 'the norm is so large that steps are lost in rounding; give less growth',
  unfinished: 'more steps would help',
  'not-separable': 'no plane separates these classes, as a weighted mean of the signed examples, which is zero, proves',
  'not-separated': 'no separating plane was found, nor a proof that there is none; give more steps',
}

/** `margin 0.0648, of at most 0.0649; converged: …` */
export const marginLine = ({ margin, upperBound, status }: MarginResult): string =>
  `margin ${margin.toPrecision(8)}, of at most ${upperBound.toPrecision(8)}; ${status}: ${advice[status]}`

/** What the settings do that the data do not allow. A learning rate that was chosen as the best is no fault. */
export function speedWarnings({ learningRate = 0, limits, status }: MarginResult, { learningRate: given }: MaxMarginOptions): string[] {
  if (!limits) return []
  const number = (value: number) => String(Number(value.toPrecision(2)))
  const overshoots = typeof given === 'number' && learningRate > limits.learningRate
  const outruns = status !== 'converged' && limits.kappa !== undefined && limits.kappa > limits.growth
  return [
    ...(overshoots
      ? [`the learning rate ${learningRate} is above 2/λ = ${number(limits.learningRate)}: steps at a fixed norm overshoot`]
      : []),
    ...(outruns
      ? [
          `the norm grows by κ = ${number(limits.kappa!)} a step, the slowest part of the direction follows by ηλ = ${number(limits.growth)}: it stays behind`,
        ]
      : []),
  ]
}

/** What a fit says of itself, as JSON. */
export function factsOf({ plane, result, scale, accuracy, supportRows }: FittedPlane) {
  const { trajectory, weights: _, support: __, ...facts } = result
  return { ...plane, ...facts, reach: trajectory?.reach.at(-1), scale, accuracy, supportRows }
}

/** One line a step: t, γ(w_t), ‖w_t‖, log L, and the angle still within reach (null where nothing limits it). */
export function curveLines({ margin, radius, logLoss, reach }: NonNullable<MarginResult['trajectory']>, more: object = {}): string {
  const line = (value: number, t: number) =>
    JSON.stringify({ ...more, t, margin: value, radius: radius[t], logLoss: logLoss[t], reach: reach[t] })
  return `${Array.from(margin, line).slice(1).join('\n')}\n`
}
