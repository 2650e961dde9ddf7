import { join } from 'node:path'
import type { Provenance } from '../../data/index.ts'
import type { PlainObject } from '../config.ts'
import type { ArmKind, Experiment, PresetName } from '../definition.ts'
import { armsOf } from '../experiment.ts'
import type { ItemFile } from '../items.ts'
import type { Code } from '../run/code.ts'
import { writeAtomically, writeJson } from '../run/disk.ts'
import { checkItems } from '../run/items.ts'
import type { Machine, Versions } from '../run/machine.ts'
import { type About, finishedUnits, type RunRecord, readRun } from '../run/run-folder.ts'
import type { SplitRecord } from '../splits.ts'
import { inBoth, type Text } from '../text.ts'
import type { IntervalKind, Statistic } from '../verdict/estimate.ts'
import {
  exitStatusOf,
  type JudgedClaim,
  type JudgedControl,
  judgeClaims,
  judgeControls,
  judgedIn,
  type Outcome,
  outcomeOf,
  worstControl,
} from '../verdict/judgement.ts'
import type { Results } from '../verdict/results.ts'
import type { Strata } from '../verdict/scores.ts'
import { summarize } from '../verdict/statistics.ts'
import type { Judgement, Reason, Verdict } from '../verdict/verdict.ts'
import { type ChecklistRow, checklistOf } from './checklist.ts'
import type { Figure } from './figure.ts'

export interface Measured {
  readonly mean: number | null
  /** 95 % interval of the mean (Student-t), or of `estimate` where that is given; null for fewer than two seeds. */
  readonly ci95: readonly [number, number] | null
  readonly n: number
  readonly values: readonly (number | null)[]
}

/** Measured as a claim judges it. */
export interface JudgedMeasure extends Measured {
  /** What `ci95` is the interval of and what is held against the bar: the claim's statistic. */
  readonly estimate: number | null
  /** What was measured, one number a seed in each stratum, where that is not `values`. */
  readonly strata?: Readonly<Record<string, readonly (number | null)[]>>
}

/** How a claim was judged. */
interface Judged {
  readonly statistic: Statistic
  readonly interval: IntervalKind
  readonly verdict: Verdict
  readonly reason?: Reason
}

/** The control that came nearest to passing a claim. */
export interface WorstControl extends Judged {
  readonly id: string
  readonly arm: string
  readonly measured: JudgedMeasure
  readonly failsAsItShould: boolean
}

export interface ClaimRow extends Judged {
  readonly id: string
  readonly statement: string
  readonly statementZh: string
  readonly paper: { readonly value: number; readonly unit: string; readonly where: string }
  readonly arm: string
  readonly measured: JudgedMeasure & { readonly seeds: readonly number[] }
  readonly baseline:
    | (Omit<Measured, 'n'> & { readonly name: string; readonly nameZh: string; readonly strata?: JudgedMeasure['strata'] })
    | null
  readonly control: WorstControl | null
  readonly threshold: number
  readonly direction: 'atLeast' | 'atMost'
  readonly judge: 'interval' | 'everySeed' | 'single'
  readonly provisional?: { readonly original: number; readonly note: Text }
  readonly added?: Text
}

export interface ControlRow extends Judged {
  readonly id: string
  readonly broken: string
  readonly brokenZh: string
  readonly arm: string
  readonly claim: string
  readonly measured: JudgedMeasure
  readonly failsAsItShould: boolean
  readonly added?: Text
}

export interface ArmRow {
  readonly id: string
  readonly label: string
  readonly labelZh: string
  readonly kind: ArmKind
  readonly seeds: readonly number[]
  readonly measurements: Readonly<Record<string, Measured>>
  readonly seconds: number
  readonly diverged?: readonly string[]
}

export interface Cost {
  /** Of all units together. */
  readonly seconds: number
  /** How many units trained at a time: so many times less passed on the clock. */
  readonly atATime: number
  readonly peakBytes: number
  readonly flops: number
  readonly parameters: number
  /** From the beginning to the end, with pauses where the run was interrupted; null where the end is not recorded. */
  readonly wallSeconds: number | null
}

/** report.json. The keys up to `cost` are a contract with other programs. */
export interface Report {
  readonly method: string
  readonly preset: PresetName
  readonly seeds: readonly number[]
  readonly data: Provenance
  readonly claims: readonly ClaimRow[]
  readonly controls: readonly ControlRow[]
  readonly cost: Cost
  readonly outcome: Outcome
  readonly exitStatus: 0 | 1 | 3
  readonly id: string
  readonly about?: About
  readonly arms: readonly ArmRow[]
  readonly differences: readonly Text[]
  readonly config: PlainObject
  readonly settings: PlainObject
  readonly device: string
  readonly versions: Versions
  readonly machine: Machine
  /** Set where batches were cut into shards; with ranks where the numbers depend on how many they were. */
  readonly parallel?: { readonly shards: number | 'fast'; readonly ranks?: number }
  readonly command: readonly string[]
  readonly dataFrom?: string
  readonly started: string
  readonly finished?: string
  readonly resumed: number
  readonly splits: readonly SplitRecord[]
  /** Files of per-item outputs. */
  readonly items: readonly (ItemFile & { readonly unit: string })[]
  readonly figures: readonly string[]
  readonly code?: Code
  /** The run that this one repeats. */
  readonly like?: string
  readonly checklist: readonly ChecklistRow[]
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

const measured = ({
  mean,
  ci95,
  n,
  values,
}: {
  mean: number
  ci95?: readonly [number, number]
  n: number
  values: readonly number[]
}): Measured => ({
  mean: finite(mean),
  ci95: ci95?.every(Number.isFinite) ? ci95 : null,
  n,
  values: values.map(finite),
})

const finiteStrata = (strata: Strata): JudgedMeasure['strata'] =>
  Object.fromEntries(Object.entries(strata).map(([name, values]) => [name, values.map(finite)]))

const judgedMeasure = (judgement: Judgement): JudgedMeasure => ({
  ...measured(judgement),
  estimate: finite(judgement.estimate),
  ...(judgement.strata && { strata: finiteStrata(judgement.strata) }),
})

const judged = ({ statistic, interval, verdict, reason }: Judgement): Judged => ({ statistic, interval, verdict, reason })

function baselineRow(baseline: JudgedClaim['baseline']): ClaimRow['baseline'] {
  if (!baseline) return null
  const { n: _, ...shown } = measured(baseline)
  const [name, nameZh] = inBoth(baseline.name)
  return { name, nameZh, ...shown, ...(baseline.strata && { strata: finiteStrata(baseline.strata) }) }
}

function claimRow({ claim, judgement, seeds, baseline }: JudgedClaim, controls: readonly JudgedControl[]): ClaimRow {
  const control = worstControl(claim, controls)
  return {
    id: claim.id,
    statement: claim.statement.en,
    statementZh: claim.statement.zh,
    paper: claim.paper,
    arm: claim.arm,
    ...judged(judgement),
    measured: { ...judgedMeasure(judgement), seeds },
    baseline: baselineRow(baseline),
    control: control ? worstRow(control) : null,
    threshold: claim.threshold,
    direction: claim.direction,
    judge: claim.single ? 'single' : (claim.judge ?? 'interval'),
    provisional: claim.provisional,
    added: claim.added,
  }
}

const worstRow = ({ control, judgement, failsAsItShould }: JudgedControl): WorstControl => ({
  id: control.id,
  arm: control.arm,
  ...judged(judgement),
  measured: judgedMeasure(judgement),
  failsAsItShould,
})

const controlRow = ({ control, claim, judgement, failsAsItShould }: JudgedControl): ControlRow => ({
  id: control.id,
  broken: control.broken.en,
  brokenZh: control.broken.zh,
  arm: control.arm,
  claim,
  ...judged(judgement),
  measured: judgedMeasure(judgement),
  failsAsItShould,
  added: control.added,
})

function armRows({ arms, units }: Results): ArmRow[] {
  return arms.flatMap(({ id, label, kind }) => {
    const own = units.filter((unit) => unit.arm === id)
    if (!own.length) return []
    const quantities = [...new Set(own.flatMap(({ measurements }) => Object.keys(measurements)))]
    const column = (quantity: string) => measured(summarize(own.map(({ measurements }) => measurements[quantity] ?? Number.NaN)))
    const diverged = own.flatMap((unit) => unit.diverged ?? [])
    const [name, nameZh] = inBoth(label)
    return [
      {
        id,
        label: name,
        labelZh: nameZh,
        kind,
        seeds: own.map(({ seed }) => seed),
        measurements: Object.fromEntries(quantities.map((quantity) => [quantity, column(quantity)])),
        seconds: own.reduce((sum, unit) => sum + unit.seconds, 0),
        ...(diverged.length && { diverged }),
      },
    ]
  })
}

function costOf({ arms, units }: Results, { units: planned, atATime = 1, started, finished }: RunRecord): Cost {
  const method = arms.find(({ kind }) => kind === 'method') ?? arms[0]
  const plan = new Map(planned.map((unit) => [unit.unit, unit]))
  return {
    seconds: units.reduce((sum, unit) => sum + unit.seconds, 0),
    atATime,
    peakBytes: Math.max(0, ...units.map((unit) => unit.peakBytes)),
    flops: units.reduce((sum, unit) => sum + (unit.cost?.flops ?? plan.get(unit.unit)!.flops), 0),
    parameters:
      units.find(({ arm }) => arm === method.id)?.cost?.parameters ?? planned.find(({ arm }) => arm === method.id)?.parameters ?? 0,
    wallSeconds: finished === undefined ? null : (Date.parse(finished) - Date.parse(started)) / 1000,
  }
}

/** The results of a stored run. */
export const resultsOf = (definition: Experiment, folder: string, run: RunRecord): Results => ({
  config: run.config,
  arms: armsOf(definition, run.config),
  units: finishedUnits(folder, run),
})

/** report.json from what a run folder holds. Presets that judge nothing have no claims in it. */
export function buildReport(definition: Experiment, run: RunRecord, results: Results, figures: readonly Figure[]): Report {
  const asked = run.preset === 'smoke' ? { claims: [], controls: [] } : judgedIn(definition, run.config)
  const claims = judgeClaims(asked, results)
  const controls = judgeControls(asked, results)
  const outcome = outcomeOf(claims, controls)
  const { method, preset, seeds, id, about, config, settings, device, versions, machine, command, dataFrom, started, finished, resumed } =
    run
  const { code, like, parallel } = run
  const report = {
    method,
    preset,
    seeds,
    data: run.data!,
    claims: claims.map((claim) => claimRow(claim, controls)),
    controls: controls.map(controlRow),
    cost: costOf(results, run),
    outcome,
    exitStatus: exitStatusOf(outcome),
    id,
    about,
    arms: armRows(results),
    differences: definition.differences ?? [],
    config,
    settings,
    device,
    versions,
    machine,
    parallel: parallel && (parallel.shards === 'fast' ? parallel : { shards: parallel.shards }),
    command,
    dataFrom,
    started,
    finished,
    resumed: resumed.length,
    splits: run.splits ?? [],
    items: results.units.flatMap(({ unit, items = [] }) => items.map((file) => ({ unit, ...file }))),
    figures: figures.map((figure) => figure.id),
    code,
    like,
  }
  return { ...report, checklist: checklistOf({ definition, report }) }
}

/**
 * Judges a complete run and writes report.json, report.md, report.html and the figures; also to re-make them later.
 *
 * @example
 * import { methods } from 'quire/methods'
 *
 * const prgd = await methods.find(({ name }) => name === 'prgd')!.experiment()
 * const again = (folder: string) => makeReport(prgd, folder) // from what the run folder holds
 */
export async function makeReport(definition: Experiment, folder: string): Promise<Report> {
  const run = readRun(folder)
  const results = resultsOf(definition, folder, run)
  for (const unit of results.units) checkItems(definition, folder, unit)
  const figures = definition.figures?.(results) ?? []
  const report = buildReport(definition, run, results, figures)
  const [{ markdownReport }, { htmlReport }, { drawFigures }] = await Promise.all([
    import('./markdown.ts'),
    import('./html.ts'),
    import('./draw.ts'),
  ])
  const drawn = await drawFigures(figures)
  for (const { file, svg } of drawn.files) writeAtomically(join(folder, 'artifacts', file), svg)
  writeJson(join(folder, 'artifacts', 'figures.json'), figures)
  writeAtomically(join(folder, 'report.md'), markdownReport(report, figures))
  writeAtomically(join(folder, 'report.html'), htmlReport(report, drawn.figures))
  writeJson(join(folder, 'report.json'), report)
  return report
}
