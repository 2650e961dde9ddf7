import { join } from 'node:path'
import { z } from 'zod'
import type { PlainObject } from '../config.ts'
import type { Report } from '../report/report.ts'
import type { Statistic } from '../verdict/estimate.ts'
import type { Outcome } from '../verdict/judgement.ts'
import type { Reason, Verdict } from '../verdict/verdict.ts'
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
  /** How often it was gone on with. */
  readonly resumed?: number
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

const number = z.number().nullable()
const text = z.looseObject({ en: z.string(), zh: z.string() })
const measured = z.looseObject({ mean: number, ci95: z.tuple([z.number(), z.number()]).nullable(), values: z.array(number) })
/** Reports from before other statistics than the mean were judged have no estimate. */
const judgedMeasure = measured.extend({ n: z.number(), estimate: number.optional() })
const verdicts = ['holds', 'fails', 'undecided'] as const satisfies readonly Verdict[]
const reasons = [
  'wrongSide',
  'straddles',
  'seedBelow',
  'tooFewSeeds',
  'tooFewRuns',
  'notFinite',
  'missing',
] as const satisfies readonly Reason[]
const statistics = ['mean', 'iqm', 'improvement'] as const satisfies readonly Statistic[]

/** What is read of report.json here and in the lab. */
const storedReport = z.looseObject({
  data: z.looseObject({ real: z.boolean() }),
  claims: z.array(
    z.looseObject({
      id: z.string(),
      statement: z.string(),
      statementZh: z.string().optional(),
      paper: z.looseObject({ value: z.number(), unit: z.string(), where: z.string() }),
      verdict: z.enum(verdicts),
      reason: z.enum(reasons).optional(),
      statistic: z.enum(statistics).optional(),
      measured: judgedMeasure,
      baseline: measured.extend({ name: z.string(), nameZh: z.string().optional() }).nullish(),
      control: z.looseObject({ id: z.string(), measured: judgedMeasure, failsAsItShould: z.boolean() }).nullish(),
      threshold: z.number(),
      direction: z.enum(['atLeast', 'atMost']),
      judge: z.enum(['interval', 'everySeed', 'single']),
      provisional: z.looseObject({ original: z.number(), note: text }).optional(),
      added: text.optional(),
    }),
  ),
  controls: z.array(z.looseObject({ claim: z.string() })),
  cost: z.looseObject({ seconds: z.number() }),
  outcome: z.enum([...verdicts, 'controlHolds', 'notJudged'] satisfies Outcome[]),
  exitStatus: z.number(),
  arms: z.array(z.looseObject({ kind: z.string(), measurements: z.record(z.string(), z.looseObject({ mean: number })) })),
})

const none: Details = { config: {}, settings: {}, measurements: {}, claims: [] }

/** report.json, or what is wrong with it: one of another version may hold something else than what is read of it. */
export function readReport(path: string): { readonly report?: Report; readonly problem?: string } {
  const json = readJson(path)
  const { error } = storedReport.safeParse(json)
  if (!error) return { report: json as Report }
  const where = error.issues[0].path.join('.')
  const what = where ? `damaged or of another version (${where})` : 'missing or damaged'
  return { problem: `its report.json is ${what}; quire report makes it again` }
}

/** Reads a run folder; whatever is wrong with it is said, not thrown. */
export function factsOf(folder: string): { facts: Facts; details: Details } {
  try {
    const run = readRun(folder)
    const { status, method, id, preset, seeds, started, finished, data, config, settings, units } = run
    const [real, resumed, unitsTotal] = [data?.real, run.resumed.length, units.length]
    const facts: Facts = { status, method, id, preset, seeds, started, finished, real, resumed, unitsTotal }
    if (status !== 'complete') return { facts, details: { ...none, config, settings } }
    const { report, problem } = readReport(join(folder, 'report.json'))
    if (!report) return { facts: { ...facts, problem }, details: { ...none, config, settings } }
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
