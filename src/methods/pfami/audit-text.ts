import { aligned } from '../../experiment/index.ts'
import type { Measured } from '../../kits/metrics/index.ts'
import type { Audit } from './audit.ts'
import type { AttackRow } from './table.ts'

/* What an audit says, in words that claim no more than it found. */

const two = (value: number): string => value.toFixed(3)
const range = ({ value, interval: [low, high] }: Measured): string => `${two(value)} [${two(low)}, ${two(high)}]`
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** Above this the split itself tells the sides apart. */
const blindLimit = 0.6

/** The paper's attack where it could be made, else the first that could. */
export const headline = ({ rows }: Audit): AttackRow | undefined =>
  ['pfami-met', 'pfami-uncalibrated', 'loss-calibrated', 'loss'].flatMap((name) => rows.find(({ attack }) => attack === name) ?? [])[0] ??
  rows[0]

/**
 * One or two sentences on what was found.
 *
 * @example
 * const found = { rows: [], members: 0, nonMembers: 0 } as never
 * conclusion(found) // 'No attack could be made on this model.'
 */
export function conclusion(audit: Audit): string {
  const { members, nonMembers, detectable } = audit
  const row = headline(audit)
  if (!row) return 'No attack could be made on this model.'
  if (isSplitLeaking(audit)) return 'The split, not the model, separates the two sides: nothing follows about the model.'
  const best = audit.rows.reduce((a, b) => (b.auc.value > a.auc.value ? b : a))
  const found = row.tpr['0.01']?.rate
  const [low, high] = row.auc.interval
  const head = `${row.attack}: AUC ${range(row.auc)} over ${members} members and ${nonMembers} non-members`
  if (low > 0.5) {
    const at = found === undefined ? '' : `; at a false positive rate of 1 % it finds ${percent(found)} of the members`
    return `${head}${at}. The scores are consistent with the model remembering some of its training records.${plainLoss(audit)}`
  }
  const other =
    best.auc.interval[0] > 0.5
      ? ` Another attack does better than chance: ${best.attack}, AUC ${range(best.auc)} (the best of ${audit.rows.length}, so that chance has helped).`
      : ''
  if (high < 0.5)
    return `${head}: members score lower, against the attack's orientation, which was fixed beforehand. No evidence for this attack.${other}`
  return `${head}: no evidence of memory at this power (an area of ${two(detectable)} would be seen in four cases of five).${other}`
}

function plainLoss({ rows }: Audit): string {
  const calibrated = rows.find(({ attack }) => attack === 'loss-calibrated')
  return calibrated ? ` The calibrated loss alone: AUC ${range(calibrated.auc)}.` : ''
}

const isSplitLeaking = ({ blind }: Audit): boolean =>
  [blind.logistic, blind.nearest].some(({ value, interval }) => value > blindLimit && interval[0] > 0.5)

/** Everything a reader must know before the numbers. */
export function warnings(audit: Audit): string[] {
  const { blind, nullTest, halves, notFinite, members, nonMembers } = audit
  const found: string[] = []
  if (isSplitLeaking(audit))
    found.push(
      `THE SPLIT, NOT THE MODEL, SEPARATES THEM: the bare records tell members from non-members (logistic ${range(blind.logistic)}, 8 nearest ${range(blind.nearest)}); areas below mean nothing`,
    )
  if (nullTest && !nullTest.passed)
    found.push(
      `the reference model tells the sides apart by itself (loss ${two(nullTest.loss)}, fluctuation ${two(nullTest.pfami)}, ± ${two(nullTest.standardError)} by chance): it may have been trained on some of these records`,
    )
  if (halves && (halves.largest > 4 || halves.ofMean > 3))
    found.push(
      `random halves of the non-members differ by ${halves.largest.toFixed(1)} standard errors: something is wrong with the scores`,
    )
  if (notFinite.length > 0)
    found.push(
      `${notFinite.length} records have losses that are not finite: ${notFinite.slice(0, 10).join(', ')}${notFinite.length > 10 ? ' …' : ''}`,
    )
  if (Math.min(members, nonMembers) < 100) found.push('fewer than 100 records a side: intervals only, no true positive rates')
  return found
}

export function tableLines({ rows, refused }: Audit): string[] {
  const rate = (row: AttackRow, at: '0.01' | '0.001') => {
    const { rate, interval } = row.tpr[at]
    return rate === undefined ? '–' : `${percent(rate)} [${percent(interval![0])}, ${percent(interval![1])}]`
  }
  return [
    ...aligned([
      ['attack', 'AUC [95 %]', 'ASR (best)', 'ASR (equal)', 'TPR at FPR 1 %', 'TPR at 0.1 %', 'queries', 'setting'],
      ...rows.map((row) => [
        row.attack,
        range(row.auc),
        two(row.asr),
        two(row.asrEqual),
        rate(row, '0.01'),
        rate(row, '0.001'),
        row.queries === 0 ? 'samples' : String(Math.round(row.queries)),
        `${row.choice.variant}${row.choice.sign < 0 ? ', turned' : ''}${row.choice.shadowArea === undefined ? '' : ' (by the shadow)'}`,
      ]),
    ]),
    ...refused.map(({ attack, why }) => `${attack}: not made, ${why}`),
  ]
}
