import { InputError } from '../../../engine/errors.ts'
import type { UnitRecord } from '../../definition.ts'
import { type Agreement, agreement } from '../../run/agreement.ts'
import type { Statistic } from '../../verdict/estimate.ts'
import type { Outcome } from '../../verdict/judgement.ts'
import type { Verdict } from '../../verdict/verdict.ts'
import type { Figure } from '../figure.ts'
import type { ClaimRow, Measured, Report } from '../report.ts'
import { settingWords } from '../rows.ts'
import { type MeanDifference, meanDifference } from './difference.ts'

/** One of the two runs. */
export interface Side {
  readonly folder: string
  readonly report: Report
  readonly units: readonly UnitRecord[]
  readonly figures: readonly Figure[]
}

/** Something that the two runs do not have in common; null where a run lacks it. */
export interface Change {
  readonly key: string
  readonly a: string | null
  readonly b: string | null
}

/** A claim in a run. */
export interface ClaimSide extends Pick<Measured, 'mean' | 'ci95' | 'n'> {
  /** What is held against the bar, and what it is. */
  readonly estimate: number | null
  readonly statistic: Statistic
  readonly bar: Pick<ClaimRow, 'threshold' | 'direction'>
  readonly verdict: Verdict
}

export interface ClaimChange {
  readonly id: string
  readonly statement: string
  readonly statementZh: string
  readonly a: ClaimSide | null
  readonly b: ClaimSide | null
  /** B − A. */
  readonly difference: MeanDifference | null
  readonly verdictChanged: boolean
}

/** A control, of one claim, that fails in one run and does not in the other. */
export interface ControlChange {
  readonly id: string
  readonly claim: string
  readonly a: boolean | null
  readonly b: boolean | null
}

export interface QuantityChange {
  readonly arm: string
  readonly quantity: string
  readonly a: Pick<Measured, 'mean' | 'ci95' | 'n'>
  readonly b: Pick<Measured, 'mean' | 'ci95' | 'n'>
  readonly difference: MeanDifference
}

export interface SideInShort {
  readonly folder: string
  readonly id: string
  readonly preset: string
  readonly seeds: readonly number[]
  readonly started: string
  readonly outcome: Outcome
}

/** Two runs of one method, side by side; what `quire report A B --json` prints. */
export interface Comparison {
  readonly method: string
  readonly a: SideInShort
  readonly b: SideInShort
  readonly claims: readonly ClaimChange[]
  /** Controls whose answer is not the same in both. */
  readonly controls: readonly ControlChange[]
  /** Config keys with another value. */
  readonly config: readonly Change[]
  /** Preset, seeds, data, machine, versions and code that are not the same. */
  readonly setup: readonly Change[]
  readonly cost: readonly {
    readonly name: 'seconds' | 'wallSeconds' | 'peakBytes' | 'flops' | 'parameters'
    readonly a: number | null
    readonly b: number | null
  }[]
  /** Measurements that both have. */
  readonly quantities: readonly QuantityChange[]
  /** Whether their numbers agree bit for bit. */
  readonly agreement: Omit<Agreement, 'differences' | 'onlyBefore' | 'onlyNow'> & {
    readonly differing: number
    readonly onlyA: number
    readonly onlyB: number
  }
  /** Claims that hold in A and do not in B. */
  readonly lost: readonly string[]
}

const inShort = ({ folder, report: { id, preset, seeds, started, outcome } }: Side): SideInShort => ({
  folder,
  id,
  preset,
  seeds,
  started,
  outcome,
})

/** What differs between two tables of names and texts. */
function changesOf(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): Change[] {
  const keys = [...new Set([...a.keys(), ...b.keys()])]
  return keys.flatMap((key) => (a.get(key) === b.get(key) ? [] : [{ key, a: a.get(key) ?? null, b: b.get(key) ?? null }]))
}

const configOf = ({ report }: Side): Map<string, string> =>
  new Map(
    settingWords(report.config).map((word) => {
      const at = word.indexOf('=')
      return [word.slice(0, at), word.slice(at + 1)]
    }),
  )

/** Everything besides the config on which numbers depend. */
function setupOf({ report }: Side): Map<string, string> {
  const { preset, seeds, device, data, machine, versions, code } = report
  const { memoryBytes: _, ...hardware } = machine
  const rows: [string, string | undefined][] = [
    ['preset', preset],
    ['seeds', seeds.join(', ')],
    ['device', device],
    ['data', `${data.name}${data.real ? '' : ' (generated)'}`],
    ['data sha256', data.sha256],
    ...Object.entries(hardware).map(([name, value]): [string, string] => [name, String(value)]),
    ...Object.entries(versions),
    ['commit', code?.commit],
    ['modules', code?.sha256.slice(0, 12)],
    ['dependencies', code?.dependencies.slice(0, 12)],
    ...Object.entries(code?.packages ?? {}),
  ]
  return new Map(rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

/** Reports that were made before there were several statistics judged means. */
const claimSide = ({ measured, statistic = 'mean', threshold, direction, verdict }: ClaimRow): ClaimSide => ({
  mean: measured.mean,
  estimate: measured.estimate ?? measured.mean,
  statistic,
  ci95: measured.ci95,
  n: measured.n,
  bar: { threshold, direction },
  verdict,
})

/** Means have an interval; of other statistics the difference stands alone. */
function differenceOf(a: ClaimRow, b: ClaimRow): MeanDifference {
  const [own, other] = [claimSide(a), claimSide(b)]
  if (own.statistic === 'mean' && other.statistic === 'mean') return meanDifference(a.measured, b.measured)
  const known = own.estimate !== null && other.estimate !== null && own.statistic === other.statistic
  return { mean: known ? other.estimate! - own.estimate! : null, ci95: null, method: 'point' }
}

function claimChanges(a: Report, b: Report): ClaimChange[] {
  const ids = [...new Set([...a.claims, ...b.claims].map(({ id }) => id))]
  return ids.map((id) => {
    const [own, other] = [a, b].map(({ claims }) => claims.find((claim) => claim.id === id))
    const { statement, statementZh } = (other ?? own)!
    return {
      id,
      statement,
      statementZh,
      a: own ? claimSide(own) : null,
      b: other ? claimSide(other) : null,
      difference: own && other ? differenceOf(own, other) : null,
      verdictChanged: own?.verdict !== other?.verdict,
    }
  })
}

function controlChanges(a: Report, b: Report): ControlChange[] {
  const answers = ({ controls }: Report) =>
    new Map(controls.map(({ id, claim, failsAsItShould }) => [`${id} ${claim}`, { id, claim, failsAsItShould }]))
  const [own, other] = [answers(a), answers(b)]
  return [...new Set([...own.keys(), ...other.keys()])].flatMap((key) => {
    const [first, second] = [own.get(key), other.get(key)]
    if (first?.failsAsItShould === second?.failsAsItShould) return []
    const { id, claim } = (first ?? second)!
    return [{ id, claim, a: first?.failsAsItShould ?? null, b: second?.failsAsItShould ?? null }]
  })
}

function quantityChanges(a: Report, b: Report): QuantityChange[] {
  return a.arms.flatMap(({ id, label, seeds, measurements }) => {
    const other = b.arms.find((arm) => arm.id === id)
    return Object.entries(measurements).flatMap(([quantity, own]) => {
      const theirs = other?.measurements[quantity]
      if (!theirs) return []
      const difference = meanDifference({ ...own, seeds }, { ...theirs, seeds: other.seeds })
      return [{ arm: label, quantity, a: own, b: theirs, difference }]
    })
  })
}

const costNames = ['seconds', 'wallSeconds', 'peakBytes', 'flops', 'parameters'] as const

/**
 * Compares two runs of one method by what they stored. Nothing is judged again: each run's verdicts are those of the Quire that made its report.
 * @throws InputError where the runs are of different methods.
 */
export function compareRuns(a: Side, b: Side): Comparison {
  if (a.report.method !== b.report.method)
    throw new InputError(`they are runs of ${a.report.method} and of ${b.report.method}`, {
      where: `${a.folder} and ${b.folder}`,
      fix: 'compare two runs of one method',
    })
  const { identical, numbers, differences, onlyBefore, onlyNow } = agreement(a.units, b.units)
  const claims = claimChanges(a.report, b.report)
  return {
    method: a.report.method,
    a: inShort(a),
    b: inShort(b),
    claims,
    controls: controlChanges(a.report, b.report),
    config: changesOf(configOf(a), configOf(b)),
    setup: changesOf(setupOf(a), setupOf(b)),
    cost: costNames.map((name) => ({ name, a: a.report.cost[name] ?? null, b: b.report.cost[name] ?? null })),
    quantities: quantityChanges(a.report, b.report),
    agreement: { identical, numbers, differing: differences.length, onlyA: onlyBefore.length, onlyB: onlyNow.length },
    lost: claims.flatMap((claim) => (claim.a?.verdict === 'holds' && claim.b !== null && claim.b.verdict !== 'holds' ? [claim.id] : [])),
  }
}
