import { existsSync, readdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { InputError } from '../../engine/errors.ts'
import { readJson } from '../run/disk.ts'
import { lockHolder } from '../run/lock.ts'
import { pathsOf, type RunRecord } from '../run/run-folder.ts'

/*
 * A run that several processes share is an ordinary run folder with a folder `tasks/` beside `units/`. A task is one seed: all units with it.
 *
 *   tasks/3/             an ordinary run folder: its lock, its checkpoints, its metrics, its manifest; no report
 *   tasks/3.done.json    written last
 *   tasks/3.failed.json  what went wrong when it was last tried
 *   tasks/3.log          what it said, where a launcher keeps it
 *   tasks/launch.json    the launcher's jobs, and its script
 *
 * Nobody writes into another's folder, and every file appears under its name whole, so a shared file system is all that processes need to have in common.
 */

/** One seed's share of a run, and where its files are. */
export interface Task {
  readonly seed: number
  readonly folder: string
  readonly done: string
  readonly failed: string
  readonly log: string
}

/** `tasks/<seed>.done.json`; what was done is in the task's folder, with a manifest. */
export interface DoneRecord {
  readonly seed: number
  readonly host: string
  readonly at: string
}

/** `tasks/<seed>.failed.json` */
export interface FailedRecord {
  readonly seed: number
  readonly host: string
  readonly message: string
  readonly at: string
}

export function taskOf(folder: string, seed: number): Task {
  const path = join(pathsOf(folder).tasks, String(seed))
  return { seed, folder: path, done: `${path}.done.json`, failed: `${path}.failed.json`, log: `${path}.log` }
}

export const tasksOf = (folder: string, { seeds }: RunRecord): Task[] => seeds.map((seed) => taskOf(folder, seed))

/** The task of a seed, or an error that names those there are. */
export function findTask(folder: string, run: RunRecord, seed: number): Task {
  if (run.seeds.includes(seed)) return taskOf(folder, seed)
  const seeds = run.seeds.length > 8 ? `${run.seeds.slice(0, 3).join(', ')} … ${run.seeds.at(-1)}` : run.seeds.join(', ')
  throw new InputError(`this run has no seed ${seed}`, { where: `--task ${seed}`, fix: `its seeds are ${seeds}` })
}

/** run.json of a task: the units of its seed, as the whole run planned them (some arms run with the first seeds only). */
export const taskRecord = (run: RunRecord, seed: number): RunRecord => ({
  ...run,
  seeds: [seed],
  units: run.units.filter((unit) => unit.seed === seed),
  started: new Date().toISOString(),
  finished: undefined,
  resumed: [],
})

/** What a finished task left, or undefined where it is not finished. */
export function readDone(task: Task): DoneRecord | undefined {
  const record = readJson(task.done) as DoneRecord | undefined
  return record?.seed === task.seed ? record : undefined
}

export const readFailed = (task: Task): FailedRecord | undefined => readJson(task.failed) as FailedRecord | undefined

export const doneRecord = ({ seed }: Task): DoneRecord => ({ seed, host: hostname(), at: new Date().toISOString() })

export const failedRecord = ({ seed }: Task, error: unknown): FailedRecord => ({
  seed,
  host: hostname(),
  message: (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' '),
  at: new Date().toISOString(),
})

/**
 * Whether every task is done, asked by one that has just been. Their marks are in one folder, which it has just changed: so a network file system looks
 * at the folder anew, and of two that finish at a time at least one sees both.
 */
export function allDone(folder: string, run: RunRecord): boolean {
  const names = new Set(readdirSync(pathsOf(folder).tasks))
  return tasksOf(folder, run).every((task) => names.has(`${task.seed}.done.json`) && readDone(task))
}

export type TaskState = 'done' | 'running' | 'failed' | 'stopped' | 'waiting'

/** How it stands with a task by its files alone; `held`: whether somebody works on it. */
export function stateOf(task: Task, held = lockHolder(task.folder) !== undefined): TaskState {
  if (readDone(task)) return 'done'
  if (!existsSync(task.folder)) return 'waiting'
  if (held) return 'running'
  return existsSync(task.failed) ? 'failed' : 'stopped'
}
