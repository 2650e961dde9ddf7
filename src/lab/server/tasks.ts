import { execFile } from 'node:child_process'
import { type Queue, queueOf } from '../../experiment/launch/queue.ts'
import { readLaunch } from '../../experiment/launch/slurm.ts'
import { stateOf, tasksOf } from '../../experiment/launch/tasks.ts'
import { isShared } from '../../experiment/run/run-folder.ts'
import { runRecord } from './run-record.ts'

/** Milliseconds after which Slurm is asked again. */
const freshFor = 10_000

interface Asked {
  readonly at: number
  readonly queue?: Queue
  /** Whether an answer, or none, has come once. */
  readonly isOver: boolean
}

export interface ToldQueue extends Queue {
  /** It is what the files tell; Slurm's first answer is to come. */
  readonly isProvisional?: true
}

/**
 * The tasks of shared runs. What Slurm knows of them comes from `quire runs`, in a process of its own: a queue that does not answer holds up nobody. Until
 * it has answered, and where no job was submitted, their files tell.
 */
export class TaskQueues {
  readonly #command: readonly string[]
  readonly #asked = new Map<string, Asked>()

  /** @param command the command line itself: a program and its first words */
  constructor(command: readonly string[]) {
    this.#command = command
  }

  /** Undefined of a run that is not shared out, or is gathered. @throws InputError for a damaged one */
  of(folder: string): ToldQueue | undefined {
    if (!isShared(folder) || runRecord(folder).status === 'complete') return undefined
    const jobs = readLaunch(folder)?.jobs ?? []
    if (!jobs.length) return queueOf(folder)
    const known = this.#asked.get(folder)
    if (!known || known.at + freshFor < Date.now()) this.#ask(folder, known)
    const told = { jobs: jobs.map(({ job }) => job), tasks: byFiles(folder) }
    return known?.queue ?? (known?.isOver ? told : { ...told, isProvisional: true })
  }

  #ask(folder: string, before: Asked | undefined): void {
    this.#asked.set(folder, { isOver: false, ...before, at: Date.now() })
    const [program, ...words] = this.#command
    execFile(program, [...words, 'runs', folder, '--json'], { timeout: 60_000, maxBuffer: 2 ** 26 }, (_, text) => {
      this.#asked.set(folder, { at: Date.now(), queue: queueIn(text) ?? before?.queue, isOver: true })
    })
  }
}

const byFiles = (folder: string): Queue['tasks'] =>
  tasksOf(folder, runRecord(folder)).map((task) => ({ seed: task.seed, state: stateOf(task) }))

function queueIn(text: string): Queue | undefined {
  try {
    return (JSON.parse(text) as { queue?: Queue }[])[0]?.queue
  } catch {
    return undefined
  }
}

/** Whether somebody works on a task, or will. */
export const goesOn = ({ tasks }: Queue): boolean =>
  tasks.some(({ state }) => state === 'running' || state === 'pending' || state === 'requeued')
