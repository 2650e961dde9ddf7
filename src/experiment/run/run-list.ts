import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Provenance } from '../../data/index.ts'
import type { Report } from '../report/report.ts'
import type { Verdict } from '../verdict/verdict.ts'
import { readJson } from './disk.ts'
import { lockHolder } from './lock.ts'
import { readRun } from './run-folder.ts'

export interface RunSummary {
  readonly folder: string
  readonly status: 'complete' | 'running' | 'interrupted' | 'damaged'
  /** What is wrong with a damaged folder. */
  readonly problem?: string
  readonly method?: string
  readonly id?: string
  readonly preset?: string
  readonly seeds?: readonly number[]
  readonly started?: string
  readonly real?: boolean
  readonly seconds?: number
  readonly exitStatus?: number
  readonly verdicts?: Readonly<Record<string, Verdict>>
}

function foldersIn(path: string): string[] {
  if (!existsSync(path)) return []
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name))
    .sort()
}

function judged(folder: string): Pick<RunSummary, 'seconds' | 'verdicts' | 'exitStatus' | 'problem'> {
  const report = readJson(join(folder, 'report.json')) as Report | undefined
  if (!Array.isArray(report?.claims)) return { problem: 'its report.json is missing or damaged; quire report makes it again' }
  return {
    seconds: report.cost.seconds,
    exitStatus: report.exitStatus,
    verdicts: Object.fromEntries(report.claims.map(({ id, verdict }) => [id, verdict])),
  }
}

/** One run folder in short; whatever is wrong with it is said, not thrown. */
export function summarizeRun(folder: string): RunSummary {
  try {
    const { status, method, id, preset, seeds, started, data } = readRun(folder)
    const now = status === 'complete' ? status : lockHolder(folder) ? 'running' : 'interrupted'
    const real = (data as Provenance | undefined)?.real
    return { folder, status: now, method, id, preset, seeds, started, real, ...(now === 'complete' ? judged(folder) : {}) }
  } catch (error) {
    return { folder, status: 'damaged', problem: (error as Error).message }
  }
}

/** Every run under a folder: the folder itself, those in it, and those one below (`runs/<method>/<id>`). */
export function listRuns(root: string): RunSummary[] {
  if (existsSync(join(root, 'run.json'))) return [summarizeRun(root)]
  return foldersIn(root).flatMap((folder) =>
    existsSync(join(folder, 'run.json')) ? [summarizeRun(folder)] : foldersIn(folder).map(summarizeRun),
  )
}
