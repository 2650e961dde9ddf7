import type { NDArray } from '../../engine/index.ts'
import type { Findings } from '../../experiment/index.ts'
import type { Scene, Tables } from './attacks/attack.ts'
import type { Judged } from './broken-ways.ts'
import { type Digits, type Role, rowsOf, splitOf } from './data.ts'
import { someDraws } from './losses.ts'
import { crop } from './neighbours/index.ts'
import { type AttackName, type AttackRow, labelsFor } from './table.ts'
import type { Context } from './units.ts'

/** Records of a unit: what models are trained on, and what is scored. */
export interface Parts {
  readonly rows: Readonly<Record<Role, readonly number[]>>
  readonly train: (role: Role) => NDArray
  /** Members, then non-members. */
  readonly scored: NDArray
  readonly scoredRows: readonly number[]
  readonly shadowScored: NDArray
  readonly labels: Int32Array
}

export function partsOf({ x }: Digits, { train, scored }: { train: number; scored: number }, seed: number): Parts {
  const count = Math.min(scored, train)
  const rows = splitOf(x.shape[0], { train, scored: count }, seed)
  const both = (members: readonly number[], others: readonly number[]) => [...members.slice(0, count), ...others]
  const scoredRows = both(rows.members, rows.nonMembers)
  return {
    rows,
    train: (role) => rowsOf(x, rows[role]),
    scored: rowsOf(x, scoredRows),
    scoredRows,
    shadowScored: rowsOf(x, both(rows.shadowMembers, rows.shadowNonMembers)),
    labels: labelsFor(count, rows.nonMembers.length),
  }
}

/** One draw of common noise for the paper's neighbours: what all arms start from. */
export const sceneOf = (
  context: Pick<Context, 'config' | 'seed' | 'progress'>,
  changes: Pick<Scene, 'target' | 'records'> & Partial<Scene>,
): Scene => ({
  neighbours: crop(),
  draws: 1,
  common: true,
  antithetic: true,
  seed: context.seed,
  samples: context.config.samples,
  // Attacks come after training, of which alone a unit's progress is told; this only lets Ctrl-C in.
  progress: (done, total, note) => context.progress(done, total, note),
  ...changes,
})

/** The first draw of tables, as if they had been made with one. */
export const singleDraw = ({ target, reference, matched }: Tables): Tables => {
  const one = (table: Tables['target']) => someDraws(table, 0, 1)
  const versions = target.versions
  const many = (table: Tables['target']) => someDraws(table, 0, versions)
  return {
    target: one(target),
    ...(reference && { reference: one(reference) }),
    matched: { target: many(matched.target), ...(matched.reference && { reference: many(matched.reference) }) },
  }
}

/** `pfami-met` as `PfamiMet`. */
const camel = (name: string): string => name.replace(/(^|[-\s])(\w)/g, (_, __, letter: string) => letter.toUpperCase())

const aucName = (attack: string): string => `auc${camel(attack)}`
const asrName = (attack: string): string => `asr${camel(attack)}`

/** The name of a judged number, in a way of the attack: `outModelPfami`. */
export const judgedName = (way: string, number: keyof Judged): string => camel(way).replace(/^./, (c) => c.toLowerCase()) + camel(number)

export const waysMeasurements = (ways: Readonly<Record<string, Judged>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(ways).flatMap(([way, judged]) =>
      Object.entries(judged).map(([number, value]) => [judgedName(way, number as keyof Judged), value]),
    ),
  )

/** What a table measures: areas, success rates, true positives at 1 %. */
export function tableMeasurements(rows: readonly AttackRow[]): Record<string, number> {
  return Object.fromEntries(
    rows.flatMap(({ attack, auc, asr, asrEqual, tpr }) => [
      [aucName(attack), auc.value],
      [asrName(attack), asr],
      [`asrEqual${camel(attack)}`, asrEqual],
      ...(tpr[0.01].rate === undefined ? [] : [[`tprAt1${camel(attack)}`, tpr[0.01].rate]]),
    ]),
  )
}

/** Rival attacks of the paper: those that use no neighbours. */
const rivals: readonly AttackName[] = [
  'loss',
  'loss-matched',
  'loss-calibrated',
  'loss-calibrated-matched',
  'secmi',
  'pia',
  'sima',
  'mc',
  'gan-leaks',
  'logan',
]

/** The success rate of PFAMI over that of the best other attack, less 1: what the paper's abstract calls 27.9 %. */
export function asrGain(rows: readonly AttackRow[]): number {
  const of = (wanted: (attack: AttackName) => boolean) => Math.max(...rows.filter(({ attack }) => wanted(attack)).map(({ asr }) => asr))
  return of((attack) => attack === 'pfami-met' || attack === 'pfami-nn') / of((attack) => rivals.includes(attack)) - 1
}

/** What is kept of a table beside its measurements. */
export const tableDetails = (rows: readonly AttackRow[]) =>
  rows.map(({ scores: _, errors, ...row }) => ({ ...row, ...(errors && { meanError: errors.reduce((a, b) => a + b, 0) / errors.length }) }))

/** Every record with its scores. */
export const recordItems = ({ scoredRows, labels }: Parts, rows: readonly AttackRow[]): Findings['items'] => ({
  records: { id: scoredRows, member: labels, ...Object.fromEntries(rows.map(({ attack, scores }) => [attack, scores])) },
})
