import { join } from 'node:path'
import { lockHolder } from '../../experiment/run/lock.ts'
import { pathsOf, type RunRecord, readRun } from '../../experiment/run/run-folder.ts'
import { listRuns, type RunSummary } from '../../experiment/run/run-list.ts'
import type { RunCard } from '../api.ts'
import { remembered } from './memo.ts'
import { type Progress, progressOf } from './progress.ts'
import { pathOf } from './run-path.ts'
import { unitStates } from './units.ts'

const recordOf = remembered((path): RunRecord => readRun(join(path, '..')))

/** run.json of a folder. @throws InputError */
export const runRecord = (folder: string): RunRecord => recordOf(pathsOf(folder).run) ?? readRun(folder)

/** Between its last unit and its report a run is not at its end. */
function isAtWork({ status, problem, folder }: RunSummary): boolean {
  if (status === 'running') return true
  return status === 'complete' && problem !== undefined && lockHolder(folder) !== undefined
}

/** A run as the list shows it. */
export function runCard(root: string, summary: RunSummary): RunCard {
  const { folder, ...facts } = summary
  const card = { ...facts, path: pathOf(root, folder) }
  if (isAtWork(summary)) return { ...card, status: 'running', problem: undefined, ...howFar(folder, true) }
  return card.status === 'interrupted' ? { ...card, done: howFar(folder, false).done } : card
}

/** Nothing where the run is removed or rewritten at this moment. */
function howFar(folder: string, running: boolean): Partial<Progress> {
  try {
    const run = runRecord(folder)
    return progressOf(run, unitStates(folder, run, running))
  } catch {
    return {}
  }
}

/** Every run under a folder, the newest first. */
export function runCards(root: string): RunCard[] {
  return listRuns(root)
    .filter(({ folder }) => folder !== root)
    .map((summary) => runCard(root, summary))
    .sort((a, b) => (b.started ?? '').localeCompare(a.started ?? '') || a.path.localeCompare(b.path))
}

/** One run; what is wrong with it is said in it. */
export function runCardOf(root: string, folder: string): RunCard {
  const found = listRuns(folder).find((summary) => summary.folder === folder)
  return runCard(root, found ?? { folder, status: 'damaged', problem: 'it has no run.json' })
}
