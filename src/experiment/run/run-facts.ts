import { join } from 'node:path'
import type { PlainObject } from '../config.ts'
import type { Report } from '../report/report.ts'
import type { Outcome } from '../verdict/judgement.ts'
import type { Verdict } from '../verdict/verdict.ts'
import { readJson } from './disk.ts'
import { readRun } from './run-folder.ts'

/*
 * What run.json and report.json of a folder say, in short. It changes only when one of these two files does, so it can be kept (run-index.ts).
 */

export interface Facts {
  readonly status: 'complete' | 'running' | 'damaged'
  /** What is wrong with a damaged folder, or with the report of a complete one. */
  readonly problem?: string
  readonly method?: string
  readonly id?: string
  readonly preset?: string
  readonly seeds?: readonly number[]
  readonly started?: string
  readonly finished?: string
  readonly real?: boolean
  /** How many units the run has in all. */
  readonly unitsTotal?: number
  readonly seconds?: number
  readonly exitStatus?: number
  readonly outcome?: Outcome
  readonly verdicts?: Readonly<Record<string, Verdict>>
}

/** What queries can ask for besides; kept apart since a list needs none of it. */
export interface Details {
  readonly config: PlainObject
  readonly settings: PlainObject
  /** Of the method's first arm, the mean over its seeds. */
  readonly measurements: Readonly<Record<string, number | null>>
  readonly claims: readonly ClaimDetails[]
}

export interface ClaimDetails {
  readonly claim: string
  readonly verdict: Verdict
  readonly mean: number | null
  readonly low: number | null
  readonly high: number | null
  readonly n: number
  readonly threshold: number
  readonly baseline: number | null
}

const none: Details = { config: {}, settings: {}, measurements: {}, claims: [] }

/** Reads a run folder; whatever is wrong with it is said, not thrown. */
export function factsOf(folder: string): { facts: Facts; details: Details } {
  try {
    const run = readRun(folder)
    const { status, method, id, preset, seeds, started, finished, data, config, settings, units } = run
    const facts: Facts = { status, method, id, preset, seeds, started, finished, real: data?.real, unitsTotal: units.length }
    if (status !== 'complete') return { facts, details: { ...none, config, settings } }
    const report = readJson(join(folder, 'report.json')) as Report | undefined
    if (!Array.isArray(report?.claims) || !Array.isArray(report.arms)) {
      const problem = 'its report.json is missing or damaged; quire report makes it again'
      return { facts: { ...facts, problem }, details: { ...none, config, settings } }
    }
    return { facts: { ...facts, ...judged(report) }, details: { config, settings, ...found(report) } }
  } catch (error) {
    return { facts: { status: 'damaged', problem: (error as Error).message }, details: none }
  }
}

const judged = ({ cost, exitStatus, outcome, claims }: Report): Partial<Facts> => ({
  seconds: cost.seconds,
  exitStatus,
  outcome,
  verdicts: Object.fromEntries(claims.map(({ id, verdict }) => [id, verdict])),
})

function found({ arms, claims }: Report): Pick<Details, 'measurements' | 'claims'> {
  const own = arms.find(({ kind }) => kind === 'method') ?? arms[0]
  return {
    measurements: Object.fromEntries(Object.entries(own?.measurements ?? {}).map(([name, { mean }]) => [name, mean])),
    claims: claims.map(({ id, verdict, measured, threshold, baseline }) => ({
      claim: id,
      verdict,
      mean: measured.mean,
      low: measured.ci95?.[0] ?? null,
      high: measured.ci95?.[1] ?? null,
      n: measured.n,
      threshold,
      baseline: baseline?.mean ?? null,
    })),
  }
}
