import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { z } from 'zod'
import { parseSettings } from '../../experiment/config.ts'
import { presetNames } from '../../experiment/definition.ts'
import { unknownName } from '../../experiment/nearest.ts'
import { lockHolder } from '../../experiment/run/lock.ts'
import { prepare } from '../../experiment/run/plan-run.ts'
import { defaultFolder, newRunId } from '../../experiment/run/run-folder.ts'
import { schemaProblem } from '../../experiment/schema.ts'
import type { Method } from '../../methods/method.ts'
import type { Started } from '../api.ts'
import { Refusal } from './problems.ts'
import { pathOf } from './run-path.ts'
import { runRecord } from './runs.ts'

/*
 * A run that is started from the page is a process of its own, the very command that somebody would type: it goes on when the lab ends, and is found by its
 * folder when the lab comes back. What it says is kept in `.quire/logs` beside the runs.
 */

/** Milliseconds in which a run must have begun; then it is told of as it is. */
const patience = 60_000

export interface Launcher {
  readonly root: string
  readonly methods: readonly Method[]
  /** The command line itself: a program and its first words. */
  readonly command: readonly string[]
}

const startRequest = z.strictObject({
  method: z.string(),
  preset: z.enum(presetNames),
  seeds: z.array(z.int().min(0)).min(1).max(1000).optional(),
  settings: z.record(z.string(), z.string()).optional(),
})

/** Starts a run as a form asks for it; what the command line would refuse is refused before. */
export async function startRun({ root, methods, command }: Launcher, body: unknown): Promise<Started> {
  const { data, error } = startRequest.safeParse(body)
  if (!data) throw new Refusal(400, schemaProblem(error), { where: 'the form' })
  const { method: name, preset, seeds, settings = {} } = data
  const method = findMethod(methods, name)
  const experiment = await method.experiment()
  const words = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
  await prepare(experiment, { preset, seeds, settings: parseSettings(experiment.config, words) })
  const folder = defaultFolder(root, name, newRunId([name, preset, seeds, settings]))
  const argv = ['run', name, '--preset', preset, ...seedWords(seeds), ...words.map((word) => `--set=${word}`), '--out', folder]
  return begun(root, folder, launched(root, folder, [...command, ...argv]), (child) => lockHolder(folder)?.pid === child.pid)
}

/** Goes on with a run that was interrupted. */
export function resumeRun({ root, methods, command }: Launcher, folder: string): Promise<Started> {
  const where = pathOf(root, folder)
  const { method, status } = runRecord(folder)
  findMethod(methods, method)
  if (lockHolder(folder)) throw new Refusal(409, 'it is running', { where, fix: 'stop it first' })
  if (status === 'complete') throw new Refusal(409, 'it has come to its end', { where, fix: 'start a new run' })
  const child = launched(root, folder, [...command, 'run', method, '--resume', folder])
  return begun(root, folder, child, () => lockHolder(folder)?.pid === child.pid)
}

/** Asks the process that works on a run to stop, as Ctrl-C does. */
export function stopRun(root: string, folder: string): Started {
  const holder = lockHolder(folder)
  const where = pathOf(root, folder)
  if (!holder) throw new Refusal(409, 'nobody is working on it', { where })
  process.kill(holder.pid, 'SIGINT')
  return { path: where }
}

function findMethod(methods: readonly Method[], name: string): Method {
  const found = methods.find((method) => method.name === name)
  if (found) return found
  throw unknownName(
    'method',
    name,
    methods.map((method) => method.name),
  )
}

/** The command line takes the first seeds, or one. */
function seedWords(seeds: readonly number[] | undefined): string[] {
  if (!seeds) return []
  if (seeds.every((seed, i) => seed === i)) return ['--seeds', String(seeds.length)]
  if (seeds.length === 1) return ['--seed', String(seeds[0])]
  throw new Refusal(400, `${seeds.join(', ')} are not the first seeds, nor one`, { where: 'seeds', fix: 'for example 0, 1, 2' })
}

const logOf = (root: string, folder: string): string =>
  join(root, '.quire', 'logs', `${relative(root, folder).replaceAll(/[\\/]/g, '--')}.log`)

/** What the process of a run said last, if the lab started it. */
export function lastWords(root: string, folder: string): string | undefined {
  try {
    return readFileSync(logOf(root, folder), 'utf8').trimEnd().split('\n').at(-1) || undefined
  } catch {
    return undefined
  }
}

function launched(root: string, folder: string, [program, ...words]: readonly string[]): ChildProcess {
  const path = logOf(root, folder)
  mkdirSync(dirname(path), { recursive: true })
  const log = openSync(path, 'a')
  try {
    const child = spawn(program, words, { detached: true, stdio: ['ignore', log, log], windowsHide: true })
    child.unref()
    return child
  } finally {
    closeSync(log)
  }
}

/** Waits until a run has its folder, or its process has ended without one. */
async function begun(root: string, folder: string, child: ChildProcess, works: (child: ChildProcess) => boolean): Promise<Started> {
  let ended = false
  child.once('exit', () => (ended = true)).once('error', () => (ended = true))
  for (const since = Date.now(); Date.now() - since < patience; await new Promise((resolve) => setTimeout(resolve, 50))) {
    if (works(child)) break
    if (ended) break
  }
  return { path: pathOf(root, folder) }
}
