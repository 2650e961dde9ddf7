import { permutation } from '../../data/draws.ts'
import { foldKey } from '../../engine/threefry.ts'
import { areaUnderCurve, average, chanceError } from '../../kits/metrics/index.ts'
import type { Way } from './arms.ts'
import { lossTables, type Scene, type Subject, type Tables } from './attacks/attack.ts'
import { blindTest } from './attacks/blind.ts'
import type { Digits } from './data.ts'
import { lossTable } from './losses.ts'
import { identity } from './neighbours/index.ts'
import { useKey } from './noise.ts'
import { usualScores } from './point.ts'
import type { Parts } from './unit-parts.ts'

/** What the claims look at, of the attack and of each way to break it. */
export interface Judged {
  readonly loss: number
  readonly pfami: number
  /** With fresh noise for every loss. */
  readonly fresh: number
  /** The largest distance from ½, in standard errors of chance, of the loss and of PFAMI on a model that has seen neither side. */
  readonly nullDistance: number
  readonly blind: number
}

const shuffles = 20

/** So many records of each side serve where neighbours are the record: all of them tie. */
const identityRecords = 100

/** The judged numbers of the attack and of all the ways to break it, on models that are trained already. */
export async function judgedWays({
  scene,
  tables,
  shadow,
  parts,
  digits,
  seed,
}: {
  scene: Scene
  tables: Tables
  shadow: Subject
  parts: Parts
  digits: Digits
  seed: number
}): Promise<Record<'attack' | Way, Judged>> {
  const { labels } = parts
  const area = (scores: ArrayLike<number>, by: ArrayLike<number> = labels) => areaUnderCurve(scores, by)
  const scored = { loss: usualScores(tables, scene, 'loss'), pfami: usualScores(tables, scene, 'pfami-met') }
  const fresh = usualScores(await freshTables(scene), scene, 'pfami-met')
  const { logistic, nearest } = await blindTest(parts.scored, labels, seed)
  const attack: Judged = {
    loss: area(scored.loss),
    pfami: area(scored.pfami),
    fresh: area(fresh),
    nullDistance: nullDistance({ target: tables.reference!, matched: tables.matched }, scene, labels),
    blind: Math.max(logistic.value, nearest.value),
  }
  const other = await outModelTables(scene, tables, shadow)
  const random = (by: (labels: ArrayLike<number>) => number) =>
    average(Array.from({ length: shuffles }, (_, k) => by(shuffled(labels, seed, k))))
  const byDigit = labels.map((_, n) => Number(digits.labels[parts.scoredRows[n]] < 5))
  const split = await blindTest(parts.scored, byDigit, seed)
  return {
    attack,
    'out-model': { ...attack, loss: area(usualScores(other, scene, 'loss')), pfami: area(usualScores(other, scene, 'pfami-met')) },
    'identity-neighbours': { ...attack, pfami: await identityArea(scene, labels) },
    'shuffled-membership': {
      ...attack,
      loss: random((own) => area(scored.loss, own)),
      pfami: random((own) => area(scored.pfami, own)),
      fresh: random((own) => area(fresh, own)),
    },
    'fresh-noise': { ...attack, pfami: attack.fresh },
    'target-as-reference': { ...attack, nullDistance: nullDistance({ target: tables.target, matched: tables.matched }, scene, labels) },
    'sorted-split': { ...attack, blind: Math.max(split.logistic.value, split.nearest.value) },
  }
}

/** Tables of one draw with fresh noise; their matched part is not needed. */
async function freshTables({ target, reference, records, neighbours, seed }: Scene): Promise<Tables> {
  const options = (model: number) => ({ draws: 1, common: false, seed, model })
  const own = await lossTable(target.oracle!, records, neighbours, options(0))
  return { target: own, reference: await lossTable(reference!.oracle!, records, neighbours, options(1)), matched: { target: own } }
}

/** The shadow model in the target's place: it has seen neither side. */
async function outModelTables(scene: Scene, tables: Tables, shadow: Subject): Promise<Tables> {
  const target = await lossTable(shadow.oracle!, scene.records, scene.neighbours, { draws: 1, seed: scene.seed })
  return { ...tables, target }
}

function nullDistance(tables: Tables, scene: Scene, labels: ArrayLike<number>): number {
  const members = Array.from(labels).filter((label) => label === 1).length
  const error = chanceError(members, labels.length - members)
  const distance = (attack: string) => Math.abs(areaUnderCurve(usualScores(tables, scene, attack), labels) - 0.5) / error
  return Math.max(distance('loss'), distance('pfami-uncalibrated'))
}

async function identityArea(scene: Scene, labels: Int32Array): Promise<number> {
  const members = labels.reduce((sum, label) => sum + label, 0)
  const chosen = [0, members].flatMap((first) =>
    Array.from({ length: Math.min(identityRecords, members, labels.length - members) }, (_, k) => first + k),
  )
  const size = scene.records.data.length / labels.length
  const data = new Float32Array(chosen.length * size)
  for (const [i, row] of chosen.entries()) data.set(scene.records.data.subarray(row * size, (row + 1) * size) as Float32Array, i * size)
  const few: Scene = {
    ...scene,
    draws: 1,
    neighbours: identity(),
    records: { ...scene.records, data, shape: [chosen.length, ...scene.records.shape.slice(1)] },
  }
  return areaUnderCurve(
    usualScores(await lossTables(few), few, 'pfami-met'),
    chosen.map((row) => labels[row]),
  )
}

const shuffled = (labels: ArrayLike<number>, seed: number, k: number): number[] =>
  Array.from(permutation(foldKey(foldKey(useKey(seed, 'splits'), 4), k), labels.length), (place) => labels[place])

/**
 * Whether areas are computed rightly, which a leak would not show: random halves of the non-members, 20 times. The largest distance of one from ½, and that
 * of their mean, in standard errors √(1 / 3n) of n non-members.
 */
export function halvesCheck(scores: Float64Array, labels: ArrayLike<number>, seed: number): { largest: number; ofMean: number } {
  const others = scores.filter((_, n) => labels[n] === 0)
  const error = Math.sqrt(1 / (3 * others.length))
  const half = others.map((_, n) => Number(n < others.length / 2))
  const areas = Array.from({ length: shuffles }, (_, k) => areaUnderCurve(others, shuffled(half, seed + 1, k)))
  return { largest: Math.max(...areas.map((area) => Math.abs(area - 0.5))) / error, ofMean: Math.abs(average(areas) - 0.5) / error }
}
