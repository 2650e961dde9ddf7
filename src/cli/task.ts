import { resolve } from 'node:path'
import { InputError } from '../engine/errors.ts'
import type { Experiment } from '../experiment/definition.ts'
import { joinShared, runTask } from '../experiment/launch/shared.ts'
import { readDone, tasksOf } from '../experiment/launch/tasks.ts'
import type { RunControl, RunRequest } from '../experiment/run/request.ts'
import { isShared, readRun } from '../experiment/run/run-folder.ts'
import type { Shell } from './cli.ts'
import type { RunOptions } from './run-request.ts'
import { painter } from './style.ts'
import { verdictLines } from './verdicts.ts'
import { wholeNumber } from './words.ts'

/**
 * `quire run <method> --task K`: one seed of a run that several processes share, with the folder of `--resume`, or that of `--out`, which the first of them
 * makes. Its status says whether the task was done; the verdict is in the report that the last one makes.
 */
export async function task(
  { terminal }: Shell,
  experiment: Experiment,
  request: RunRequest,
  options: RunOptions,
  control: RunControl,
): Promise<number> {
  const seed = wholeNumber('--task', options.task!, 0)
  const folder = options.resume ?? options.out
  if (folder === undefined)
    throw new InputError('the folder that the tasks share is missing', { where: '--task', fix: 'give it with --out or --resume' })
  if (options.resume === undefined) await joinShared(experiment, { ...request, folder }, control)
  else if (!isShared(folder)) throw new InputError('this run is not shared out in tasks', { where: folder, fix: 'leave --task out' })
  const outcome = await runTask(experiment, folder, seed, { ...control, data: options.data && resolve(options.data) })
  const tasks = tasksOf(folder, readRun(folder))
  const done = tasks.filter(readDone).length
  if (options.json)
    terminal.out(JSON.stringify({ method: experiment.method, folder, seed, done, tasks: tasks.length, report: outcome?.report }, null, 2))
  else {
    terminal.out(`seed ${seed} is done; ${done} of ${tasks.length} tasks are`)
    if (outcome) for (const line of verdictLines(outcome.report, folder, painter(terminal))) terminal.out(line)
  }
  return 0
}
