import { areaUnderCurve, average } from '../../kits/metrics/index.ts'
import { lossTables, type Scene, type Tables } from './attacks/attack.ts'
import { likelihoodOutcomes } from './attacks/likelihood.ts'
import { ownLosses } from './losses.ts'
import { type SweepPoint, type SweepScores, sweepPoint } from './sweep.ts'

/** Scores by the paper's setting and orientation, without a look at anybody's labels. */
export function usualScores(tables: Tables, scene: Pick<Scene, 'neighbours' | 'antithetic'>, attack: string): Float64Array {
  const { variants, usual } = likelihoodOutcomes(tables, scene)[attack]
  return variants[usual]
}

/** Mean losses of members and of others, over levels and draws. */
export function lossesBySide(tables: Tables, labels: ArrayLike<number>): { members: number; others: number } {
  const own = ownLosses(tables.target)
  const side = (label: number) => average(own.filter((_, n) => labels[n] === label))
  return { members: side(1), others: side(0) }
}

/** Two attacks on a model at one moment of its training, with the same noise and as many queries. */
export function pointOf(
  about: Pick<SweepPoint, 'trainedOn' | 'step'>,
  tables: Tables,
  scene: Scene,
  labels: ArrayLike<number>,
): SweepScores {
  const { members, others } = lossesBySide(tables, labels)
  const pfami = usualScores(tables, scene, 'pfami-met')
  const lossCalibrated = usualScores(tables, scene, 'loss-calibrated-matched')
  const loss = areaUnderCurve(usualScores(tables, scene, 'loss-matched'), labels)
  return sweepPoint({ ...about, gap: (others - members) / members, loss }, { pfami, lossCalibrated }, labels)
}

export const pointAt = async (
  about: Pick<SweepPoint, 'trainedOn' | 'step'>,
  scene: Scene,
  labels: ArrayLike<number>,
): Promise<SweepScores> => pointOf(about, await lossTables(scene), scene, labels)
