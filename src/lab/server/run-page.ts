import { join } from 'node:path'
import { armsOf } from '../../experiment/experiment.ts'
import { shellCommand } from '../../experiment/format.ts'
import { readReport } from '../../experiment/run/run-facts.ts'
import type { RunRecord } from '../../experiment/run/run-folder.ts'
import type { Method } from '../../methods/method.ts'
import type { RunCard, RunPage, RunUnit } from '../api.ts'
import { artifactsOf } from './artifacts.ts'
import { remembered } from './memo.ts'
import { lastWords } from './run-log.ts'
import { runRecord } from './run-record.ts'
import { ownHolders, type Runs } from './runs.ts'
import { goesOn, type ToldQueue } from './tasks.ts'
import { runUnits, unitStates } from './units.ts'

const rememberedReport = remembered((path) => readReport(path).report)

/** What of a run changes while it goes on. */
export interface RunState {
  readonly card: RunCard
  readonly units: readonly RunUnit[]
}

/** The arms of a run, as its method calls them; none where the method is not here, or has other settings by now. */
async function armsIn(method: Method | undefined, { config }: RunRecord) {
  try {
    return method ? armsOf(await method.experiment(), config) : []
  } catch {
    return []
  }
}

export async function runState(runs: Runs, folder: string): Promise<RunState> {
  const card = runs.card(folder)
  if (card.status === 'damaged') return { card, units: [] }
  try {
    const run = runRecord(folder)
    const units = unitStates(folder, run, card.status === 'running')
    return { card: { title: run.about?.title, ...card }, units: runUnits(units, await armsIn(runs.method(run.method), run)) }
  } catch (error) {
    // Damaged since the card was made.
    return { card: { ...card, status: 'damaged', problem: (error as Error).message }, units: [] }
  }
}

/** All that the page shows of a run, but for its curves. */
export async function runPage(runs: Runs, folder: string): Promise<RunPage> {
  const { card, units } = await runState(runs, folder)
  const none = { config: {}, settings: {}, units, artifacts: artifactsOf(folder), can: { stop: false, resume: false } }
  const said = card.status === 'complete' ? undefined : lastWords(runs.root, folder)
  if (card.status === 'damaged') return { card, ...none, said }
  const { method, config, settings } = runRecord(folder)
  const queue = runs.tasks(folder)
  // Nothing is gone on with, or submitted again, that Slurm may be at work on.
  const isIdle = card.status === 'interrupted' && !queue?.isProvisional
  return {
    card,
    ...none,
    ...{ config, settings },
    command: shellCommand(['npx', 'quire', 'run', '--like', folder]),
    ...(isIdle && { resume: shellCommand(['npx', 'quire', 'run', method, '--resume', folder]) }),
    ...(queue && { tasks: { ...queue, ...(queue.jobs.length > 0 && commandsOf(folder, method, queue)) } }),
    ...(card.status === 'complete' && !card.problem && { report: rememberedReport(join(folder, 'report.json')) }),
    said,
    can: { stop: ownHolders(folder).length > 0, resume: isIdle && runs.method(method) !== undefined },
  }
}

/** What only somebody at the cluster can do. */
function commandsOf(folder: string, method: string, queue: ToldQueue) {
  if (queue.isProvisional) return {}
  if (goesOn(queue)) return { cancel: shellCommand(['scancel', ...queue.jobs]) }
  return { submit: shellCommand(['npx', 'quire', 'run', method, '--resume', folder, '--launcher', 'slurm']) }
}
