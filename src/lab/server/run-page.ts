import { join } from 'node:path'
import { armsOf } from '../../experiment/experiment.ts'
import { shellCommand } from '../../experiment/format.ts'
import type { Report } from '../../experiment/report/report.ts'
import { readJson } from '../../experiment/run/disk.ts'
import type { RunRecord } from '../../experiment/run/run-folder.ts'
import type { Method } from '../../methods/method.ts'
import type { RunCard, RunPage, RunUnit } from '../api.ts'
import { artifactsOf } from './artifacts.ts'
import { remembered } from './memo.ts'
import { runCardOf, runRecord } from './runs.ts'
import { runUnits, unitStates } from './units.ts'

const readReport = remembered((path) => readJson(path) as Report | undefined)

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

export async function runState(root: string, folder: string, methods: readonly Method[]): Promise<RunState> {
  const card = runCardOf(root, folder)
  if (card.status === 'damaged') return { card, units: [] }
  const run = runRecord(folder)
  const method = methods.find(({ name }) => name === run.method)
  const units = unitStates(folder, run, card.status === 'running')
  return { card: { ...card, title: method?.title ?? run.about?.title }, units: runUnits(units, await armsIn(method, run)) }
}

/** All that the page shows of a run, but for its curves. */
export async function runPage(root: string, folder: string, methods: readonly Method[]): Promise<RunPage> {
  const { card, units } = await runState(root, folder, methods)
  const none = { config: {}, settings: {}, units, artifacts: artifactsOf(folder), can: { stop: false, resume: false } }
  if (card.status === 'damaged') return { card, ...none }
  const { method, config, settings } = runRecord(folder)
  const known = methods.some(({ name }) => name === method)
  return {
    card,
    ...none,
    ...{ config, settings },
    command: shellCommand(['npx', 'quire', 'run', '--like', folder]),
    ...(card.status === 'interrupted' && { resume: shellCommand(['npx', 'quire', 'run', method, '--resume', folder]) }),
    ...(card.status === 'complete' && !card.problem && { report: readReport(join(folder, 'report.json')) }),
    can: { stop: card.status === 'running', resume: known && card.status === 'interrupted' },
  }
}
