import { draws } from '../../data/draws.ts'
import { foldKey } from '../../engine/threefry.ts'
import { areaDifference, areaUnderCurve, type Measured } from '../../kits/metrics/index.ts'
import { useKey } from './noise.ts'

/** A model at one moment of its training, as the two attacks that are compared see it. */
export interface SweepPoint {
  readonly trainedOn: number
  readonly step: number
  /** (l_non − l_mem) / l_mem */
  readonly gap: number
  readonly loss: number
  readonly lossCalibrated: number
  readonly pfami: number
  /** AUC of calibrated PFAMI less that of the calibrated loss on as many queries. */
  readonly difference: Measured
}

/** Scores of one point, calibrated by the reference. */
export interface SweepScores {
  readonly point: SweepPoint
  readonly pfami: Float64Array
  readonly lossCalibrated: Float64Array
}

/** Below this gap a model is not over-fitted; above this area an attack sees anything at all. */
const [largestGap, leastArea] = [0.05, 0.53]

/** Whether the claim that PFAMI works before over-fitting is judged at this point. */
export const isJudged = ({ gap, pfami, lossCalibrated }: Pick<SweepPoint, 'gap' | 'pfami' | 'lossCalibrated'>): boolean =>
  gap < largestGap && Math.max(pfami, lossCalibrated) > leastArea

export function sweepPoint(
  about: Pick<SweepPoint, 'trainedOn' | 'step' | 'gap' | 'loss'>,
  scores: Omit<SweepScores, 'point'>,
  labels: ArrayLike<number>,
): SweepScores {
  const { pfami, lossCalibrated } = scores
  const point = {
    ...about,
    pfami: areaUnderCurve(pfami, labels),
    lossCalibrated: areaUnderCurve(lossCalibrated, labels),
    difference: areaDifference(pfami, lossCalibrated, labels),
  }
  return { point, ...scores }
}

const resamples = 400

/** The standard error of the mean difference over the judged points of one model, whose records are the same at every point: by resampling these. */
export function pooledError(points: readonly SweepScores[], labels: ArrayLike<number>, seed: number): number {
  const judged = points.filter(({ point }) => isJudged(point))
  if (judged.length === 0) return Number.NaN
  const sides = [1, 0].map((side) => Array.from(labels).flatMap((label, n) => (Number(label === 1) === side ? [n] : [])))
  const { integer } = draws(foldKey(useKey(seed, 'splits'), 3))
  const means = Array.from({ length: resamples }, () => {
    const chosen = sides.flatMap((side) => side.map(() => side[integer(side.length)]))
    const own = chosen.map((n) => labels[n])
    const area = (scores: Float64Array) =>
      areaUnderCurve(
        chosen.map((n) => scores[n]),
        own,
      )
    return judged.reduce((sum, { pfami, lossCalibrated }) => sum + area(pfami) - area(lossCalibrated), 0) / judged.length
  })
  const mean = means.reduce((a, b) => a + b, 0) / resamples
  return Math.sqrt(means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (resamples - 1))
}
