import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync } from 'node:fs'
import { z } from 'zod'
import { type PlainObject, parseSettings, resolveConfig } from '../../experiment/config.ts'
import { type Experiment, presetNames } from '../../experiment/definition.ts'
import { armsOf } from '../../experiment/experiment.ts'
import { unknownName } from '../../experiment/nearest.ts'
import { lockHolder } from '../../experiment/run/lock.ts'
import { defaultFolder, newRunId, pathsOf } from '../../experiment/run/run-folder.ts'
import { schemaProblem } from '../../experiment/schema.ts'
import type { Method } from '../../methods/method.ts'
import type { Started, StartRequest } from '../api.ts'
import { Refusal } from './problems.ts'
import { lastWords, openLog } from './run-log.ts'
import { pathOf } from './run-path.ts'
import { runRecord } from './run-record.ts'
import { ownHolders, type Runs } from './runs.ts'

/*
 * A run that is started from the page is a process of its own, the very command that somebody would type: it goes on when the lab ends, and is found by
 * its folder when the lab comes back.
 */

/** Milliseconds in which a run must have begun; then it is told of as it is. */
const patience = 60_000

export interface Launcher {
  readonly runs: Runs
  /** The command line itself: a program and its first words. */
  readonly command: readonly string[]
}

const startRequest = z.strictObject({
  method: z.string(),
  preset: z.enum(presetNames),
  seeds: z.array(z.int().min(0)).min(1).max(1000).optional(),
  // A process is given no word with a NUL.
  settings: z.record(z.string(), z.string().regex(/^[^\0]*$/, 'has a NUL')).optional(),
}) satisfies z.ZodType<StartRequest>

/** Starts a run as a form asks for it; what the command line would refuse of it is refused before. */
export async function startRun({ runs, command }: Launcher, body: unknown): Promise<Started> {
  const { data, error } = startRequest.safeParse(body)
  if (!data) throw new Refusal(400, schemaProblem(error), { where: 'the form' })
  const { method: name, preset, seeds, settings = {} } = data
  const experiment = await methodOf(runs, name).experiment()
  const words = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
  requireConfig(experiment, preset, words)
  const folder = defaultFolder(runs.root, name, newRunId([name, preset, seeds, settings]))
  const argv = ['run', name, '--preset', preset, ...seedWords(seeds), ...words.map((word) => `--set=${word}`), '--out', folder]
  return begun(runs, folder, launched(runs, folder, [...command, ...argv]))
}

/** Goes on with a run that was interrupted. */
export async function resumeRun({ runs, command }: Launcher, folder: string): Promise<Started> {
  const where = pathOf(runs.root, folder)
  const { method, status } = runRecord(folder)
  methodOf(runs, method)
  if (lockHolder(folder)) throw new Refusal(409, 'it is running', { where, fix: 'stop it first' })
  if (status === 'complete') throw new Refusal(409, 'it has come to its end', { where, fix: 'start a new run' })
  return begun(runs, folder, launched(runs, folder, [...command, 'run', method, '--resume', folder]))
}

/** Asks the process that works on a run to stop, as Ctrl-C does. */
export function stopRun({ runs }: Launcher, folder: string): Started {
  const where = pathOf(runs.root, folder)
  const holders = ownHolders(folder)
  if (!holders.length && lockHolder(folder))
    throw new Refusal(409, 'a process of another machine works on it', { where, fix: 'stop it there' })
  if (!holders.length) throw new Refusal(409, 'nobody is working on it that can be stopped from here', { where })
  for (const { pid } of holders) process.kill(pid, 'SIGINT')
  return { path: where }
}

function methodOf(runs: Runs, name: string): Method {
  const known = runs.methods.map((method) => method.name)
  const found = runs.method(name)
  if (!found) throw unknownName('method', name, known)
  return found
}

/** @throws InputError where the settings are none of the experiment's, or no arm can be made of them. */
function requireConfig(experiment: Experiment, preset: StartRequest['preset'], words: readonly string[]): void {
  const layers = [(experiment.presets[preset].config ?? {}) as PlainObject, parseSettings(experiment.config, words)]
  armsOf(experiment, resolveConfig(experiment.config, layers, `${experiment.method} ${preset}`))
}

/** The command line takes the first seeds, or one. */
function seedWords(seeds: readonly number[] | undefined): string[] {
  if (!seeds) return []
  if (seeds.every((seed, i) => seed === i)) return ['--seeds', String(seeds.length)]
  if (seeds.length === 1) return ['--seed', String(seeds[0])]
  throw new Refusal(400, `${seeds.join(', ')} are not the first seeds, nor one`, { where: 'seeds', fix: 'for example 0, 1, 2' })
}

/** No shell reads these words, and nothing of the lab's is open in the process but the log. */
function launched({ root }: Runs, folder: string, [program, ...words]: readonly string[]): ChildProcess {
  const log = openLog(root, folder)
  try {
    const child = spawn(program, words, { detached: true, stdio: ['ignore', log, log], windowsHide: true })
    child.unref()
    return child
  } finally {
    closeSync(log)
  }
}

/** Waits until a process works on its run, or has done so. @throws Refusal with its last words where it ended before. */
async function begun({ root }: Runs, folder: string, child: ChildProcess): Promise<Started> {
  let ended: number | string | undefined
  child.once('error', ({ message }) => (ended = message)).once('exit', (status, signal) => (ended = status ?? signal ?? 'unknown'))
  const isAtWork = () => lockHolder(folder)?.pid === child.pid && existsSync(pathsOf(folder).run)
  for (const since = Date.now(); Date.now() - since < patience && !isAtWork(); ) {
    if (ended === usageError || typeof ended === 'string')
      throw new Refusal(409, lastWords(root, folder) ?? `its process ended: ${ended}`, { where: pathOf(root, folder) })
    if (ended !== undefined) break
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return { path: pathOf(root, folder) }
}

/** The exit status of a command line that was refused: `cli/failure.ts`. */
const usageError = 2
