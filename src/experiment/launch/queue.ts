import { existsSync } from 'node:fs'
import { lockHolder } from '../run/lock.ts'
import { isShared, readRun } from '../run/run-folder.ts'
import type { RunSummary } from '../run/run-list.ts'
import { readLaunch, type SubmittedJob, slurm } from './slurm.ts'
import { readFailed, stateOf, type Task, tasksOf } from './tasks.ts'

/** How it stands with the tasks of a shared run. */
export interface Queue {
  /** The launcher's jobs that work on it. */
  readonly jobs: readonly string[]
  readonly tasks: readonly QueuedTask[]
}

export interface QueuedTask {
  readonly seed: number
  /** `requeued` was begun and waits to go on; `stopped` was begun and `waiting` was not, and nothing in a queue will go on with them. */
  readonly state: 'done' | 'running' | 'pending' | 'requeued' | 'failed' | 'stopped' | 'waiting'
  /** Why it waits, in Slurm's words, or what went wrong. */
  readonly reason?: string
}

const order: readonly QueuedTask['state'][] = ['running', 'pending', 'requeued', 'failed', 'stopped', 'waiting']

/**
 * In one line.
 * @example queueLine(queue)   // '12/20 done, 3 running, 5 pending (Resources)'
 */
export function queueLine({ tasks }: Queue): string {
  const parts = order.flatMap((state) => {
    const own = tasks.filter((task) => task.state === state)
    const reasons = [...new Set(own.flatMap(({ reason }) => reason ?? []))]
    return own.length ? [`${own.length} ${state}${reasons.length ? ` (${reasons.join('; ')})` : ''}`] : []
  })
  return [`${tasks.filter(({ state }) => state === 'done').length}/${tasks.length} done`, ...parts].join(', ')
}

/** A task in Slurm's queue or its books. */
interface Entry {
  readonly state: string
  readonly reason?: string
}

/** Array tasks by `job_index`. */
type Entries = ReadonlyMap<string, Entry>

const key = (job: string, seed: number | string): string => `${job}_${seed}`

/** What the queue knows. Slurm forgets jobs minutes after their end. */
function fromSqueue(jobs: readonly string[]): Entries | undefined {
  const answer = slurm('squeue', ['--noheader', '--array', '--states=all', `--jobs=${jobs.join(',')}`, '--format=%F|%K|%T|%r'])
  if (!answer) return undefined
  const lines = answer.ok ? answer.text.split('\n') : []
  return new Map(
    lines.flatMap((line) => {
      const [job, index, state, reason] = line.trim().split('|')
      return state ? [[key(job, index), { state, ...(reason && reason !== 'None' && { reason }) }] as const] : []
    }),
  )
}

/** What the books say, where a cluster keeps them. */
function fromSacct(jobs: readonly string[]): Entries {
  const answer = slurm('sacct', ['--noheader', '--parsable2', '--allocations', `--jobs=${jobs.join(',')}`, '--format=JobID,State'])
  const lines = answer?.ok ? answer.text.split('\n') : []
  return new Map(
    lines.flatMap((line) => (/^\d+_\d+\|/.test(line) ? [[line.split('|')[0], { state: line.split('|')[1].split(' ')[0] }]] : [])),
  )
}

const running = /^(RUNNING|COMPLETING|SUSPENDED|STOPPED|SIGNALING|STAGE_OUT|RESIZING)$/
const pending = /^(PENDING|CONFIGURING|REQUEUED|REQUEUE_HOLD|REQUEUE_FED|SPECIAL_EXIT|RESV_DEL_HOLD)$/

/** Whether somebody works on a task. The lock of a start that Slurm has ended, on another machine, is no sign of it. */
function isHeld(task: Task, name: string, entry: Entry | undefined): boolean {
  const holder = lockHolder(task.folder)
  const ended = entry !== undefined && !running.test(entry.state) && holder?.job?.task === name
  return holder !== undefined && !ended
}

function stateWith(task: Task, name: string, entry: Entry | undefined): QueuedTask {
  const byFiles = stateOf(task, isHeld(task, name, entry))
  const { seed } = task
  if (byFiles === 'done' || byFiles === 'running') return { seed, state: byFiles }
  if (entry && running.test(entry.state)) return { seed, state: 'running' }
  if (entry && pending.test(entry.state)) return { seed, state: existsSync(task.folder) ? 'requeued' : 'pending', reason: entry.reason }
  if (byFiles === 'failed') return { seed, state: 'failed', reason: readFailed(task)?.message }
  if (entry && entry.state !== 'COMPLETED') return { seed, state: 'failed', reason: entry.state.toLowerCase() }
  return { seed, state: byFiles }
}

/** The newest job that was asked for a task. */
const jobOf = (jobs: readonly SubmittedJob[], seed: number): string | undefined => jobs.findLast(({ seeds }) => seeds.includes(seed))?.job

/** The tasks of a shared run: what their files say, and what Slurm says of those that it was given. */
export function queueOf(folder: string): Queue {
  const launched = readLaunch(folder)?.jobs ?? []
  const jobs = launched.map(({ job }) => job)
  const entries = jobs.length ? askSlurm(jobs) : new Map<string, Entry>()
  const tasks = tasksOf(folder, readRun(folder)).map((task) => {
    const name = key(jobOf(launched, task.seed) ?? '', task.seed)
    return stateWith(task, name, entries.get(name))
  })
  return { jobs, tasks }
}

/** Asks Slurm if it is here: its queue, and its books for what the queue has forgotten. */
function askSlurm(jobs: readonly string[]): Entries {
  const queue = fromSqueue(jobs)
  return queue ? new Map([...fromSacct(jobs), ...queue]) : new Map()
}

/** Runs with the state of their tasks, where they are shared out in tasks and not complete. */
export function withQueue<Summary extends RunSummary>(run: Summary): Summary & { queue?: Queue } {
  if (run.status === 'complete' || run.status === 'damaged' || !isShared(run.folder)) return run
  const queue = queueOf(run.folder)
  const goesOn = queue.tasks.some(({ state }) => state === 'running' || state === 'pending' || state === 'requeued')
  return { ...run, status: goesOn ? 'running' : 'interrupted', problem: queueLine(queue), queue }
}
