import type { NDArray } from '../../engine/index.ts'
import type { AuditedRow } from './audit.ts'
import type { Subject } from './subject.ts'

/** What is written of each audited row, one JSON object a line. */
export interface RowRecord {
  readonly row: number
  readonly label: string
  readonly predicted: string
  /** Features by name, the most salient first, before and after the worst attack. */
  readonly top: readonly string[]
  readonly topAfter: readonly string[]
  readonly precision: number
  /** P@k under each attack, of a random point as far away, and the thickness. */
  readonly under: AuditedRow['under']
  readonly random: number
  readonly thickness: number
  readonly gap: number
  readonly attack: string
  readonly perturbation: number
  /** The least perturbation found with another top k. */
  readonly flip?: number
  /** The top k cannot change within this radius. */
  readonly certificate?: number
  /** An estimate of the same from points that were met; no certificate. */
  readonly empiricalRadius?: number
}

interface Radii {
  readonly certificate?: readonly number[]
  readonly empiricalRadius?: readonly number[]
}

/** Audited rows with names in the place of numbers. */
export const rowRecords = (
  rows: readonly AuditedRow[],
  { card, nameOf }: Pick<Subject, 'card' | 'nameOf'>,
  labels: NDArray,
  { certificate, empiricalRadius }: Radii = {},
): RowRecord[] =>
  rows.map(({ predicted, top, topAfter, ...numbers }, row) => ({
    row,
    label: card.classes[labels.data[row]],
    predicted: card.classes[predicted],
    top: top.map(nameOf),
    topAfter: topAfter.map(nameOf),
    ...numbers,
    ...(certificate && { certificate: certificate[row] }),
    ...(empiricalRadius && { empiricalRadius: empiricalRadius[row] }),
  }))
