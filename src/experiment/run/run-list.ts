import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { namesIn } from './disk.ts'
import { lockHolder } from './lock.ts'
import type { Details, Facts } from './run-facts.ts'
import { pathsOf } from './run-folder.ts'
import { detailsOf, type Entry, type RunIndex, runIndex } from './run-index.ts'

/** A run folder in short. */
export interface RunSummary extends Omit<Facts, 'status'> {
  readonly folder: string
  readonly status: 'complete' | 'running' | 'interrupted' | 'damaged'
  /** How many units are finished. */
  readonly unitsDone?: number
  /** Of a running one: when its process last gave a sign of life. */
  readonly lastSeen?: string
}

/** A run with what queries can ask for. */
export interface ListedRun {
  readonly summary: RunSummary
  /** JSON of `details`. */
  readonly text: string
  details(): Details
}

/** Tells one content of a file from another; empty where there is none. What cannot be looked at is found to be damaged when it is read. */
const stateOf = (path: string): string => {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    return stat ? `${stat.mtimeMs}:${stat.size}:${stat.ino}` : ''
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}

/** Folders under a folder that are runs or look like ones: the folder itself, those in it, and those one below (`runs/<method>/<id>`). */
function* candidates(root: string): Generator<{ folder: string; run: string }> {
  const own = stateOf(join(root, 'run.json'))
  if (own) return yield { folder: root, run: own }
  for (const folder of foldersIn(root)) {
    const run = stateOf(`${folder}/run.json`)
    if (run) yield { folder, run }
    else for (const inner of foldersBelow(folder)) yield { folder: inner, run: stateOf(`${inner}/run.json`) }
  }
}

function foldersIn(path: string): string[] {
  if (!existsSync(path)) return []
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => join(path, entry.name))
    .sort()
}

/** One folder that may not be read hides no other. */
function foldersBelow(path: string): string[] {
  try {
    return foldersIn(path)
  } catch {
    return []
  }
}

/** What changes while the two files of the facts do not: who works in the folder, and how far it is. */
function summaryOf(folder: string, { facts }: Entry): RunSummary {
  const { status, ...more } = facts
  if (status === 'complete') return { folder, status, ...more, unitsDone: more.unitsTotal }
  if (status === 'damaged') return { folder, status, ...more }
  try {
    const holder = lockHolder(folder)
    const unitsDone = namesIn(pathsOf(folder).units).filter((name) => name.endsWith('.json')).length
    if (!holder) return { folder, status: 'interrupted', ...more, unitsDone }
    return { folder, status: 'running', ...more, unitsDone, lastSeen: new Date(holder.lastSeen).toISOString() }
  } catch (error) {
    return { folder, status: 'damaged', ...more, problem: (error as Error).message }
  }
}

/** Every run under a folder, by name, with what queries can ask for. */
export function listRunsInFull(root: string, index: RunIndex = runIndex(root)): ListedRun[] {
  const runs: ListedRun[] = []
  for (const { folder, run } of candidates(root)) {
    const entry = index.entry(folder, `${run} ${stateOf(`${folder}/report.json`)}`)
    runs.push({ summary: summaryOf(folder, entry), text: entry.details, details: () => detailsOf(entry) })
  }
  index.save()
  return runs
}

/** Every run under a folder, by name. */
export const listRuns = (root: string, index?: RunIndex): RunSummary[] => listRunsInFull(root, index).map(({ summary }) => summary)
