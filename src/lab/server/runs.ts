import { hostname } from 'node:os'
import { join } from 'node:path'
import { tasksOf } from '../../experiment/launch/tasks.ts'
import { type LockHolder, lockHolder } from '../../experiment/run/lock.ts'
import { isShared } from '../../experiment/run/run-folder.ts'
import { listRuns, type RunSummary } from '../../experiment/run/run-list.ts'
import { speedOfLastRun } from '../../experiment/run/speed.ts'
import type { Method } from '../../methods/method.ts'
import type { RunCard } from '../api.ts'
import { notFound, Refusal } from './problems.ts'
import { type Progress, progressOf } from './progress.ts'
import { hadBegun, lastWords } from './run-log.ts'
import { runMemory } from './run-memory.ts'
import { pathOf, runFolder } from './run-path.ts'
import { runRecord } from './run-record.ts'
import { goesOn, TaskQueues, type ToldQueue } from './tasks.ts'
import { unitStates } from './units.ts'

/** Whoever works on a run and can be asked to stop: a process of this machine that says when it was born, so that no other is meant. */
function ownHolder(folder: string): LockHolder | undefined {
  const holder = lockHolder(folder)
  return holder?.host === hostname() && (holder.born !== undefined || process.platform !== 'linux') ? holder : undefined
}

/** Those who can be asked to stop working on a run, or on its tasks; tasks of a job are stopped by whoever submitted it, and would queue again by themselves. */
export function ownHolders(folder: string): LockHolder[] {
  const tasks = isShared(folder) ? tasksOf(folder, runRecord(folder)).map((task) => task.folder) : []
  return [folder, ...tasks].flatMap((each) => ownHolder(each) ?? []).filter(({ job }) => job === undefined)
}

/** The runs in a folder, as the page is told of them. */
export class Runs {
  readonly root: string
  readonly methods: readonly Method[]
  readonly #memory
  readonly #queues: TaskQueues

  /** @param command the command line itself: a program and its first words */
  constructor(root: string, methods: readonly Method[], command: readonly string[]) {
    this.root = root
    this.methods = methods
    this.#memory = runMemory(root)
    this.#queues = new TaskQueues(command)
  }

  /** How it stands with the tasks of a run that is shared out. @throws InputError for a damaged one */
  tasks(folder: string): ToldQueue | undefined {
    return this.#queues.of(folder)
  }

  /** Between its last unit and its report a run is not at its end; one that is shared out is at work where a task is, or will be. */
  #isAtWork({ status, problem, folder }: RunSummary): boolean {
    if (status === 'running') return true
    if (status === 'complete') return problem !== undefined && lockHolder(folder) !== undefined
    const queue = this.tasks(folder)
    return queue !== undefined && goesOn(queue)
  }

  /**
   * The folder of one.
   * @throws Refusal where there is none: with the last words of its process, if it ended before there was anything to keep, or its folder was removed.
   */
  folder(method: string, id: string): string {
    try {
      return runFolder(this.root, method, id)
    } catch (error) {
      const folder = join(this.root, method, id)
      const said = error instanceof Refusal && error.status === 404 ? lastWords(this.root, folder) : undefined
      if (said === undefined) throw error
      const what = hadBegun(this.root, folder) ? 'its folder is gone; its process said last' : 'it ended before it began'
      throw notFound(`${what}: ${said}`, { where: `${method}/${id}` })
    }
  }

  /** The folder of one by its path; nothing where there is none, or none any more. */
  folderAt(path: string): string | undefined {
    const [method, ...id] = path.split('/')
    try {
      return this.folder(method, id.join('/'))
    } catch (error) {
      if (error instanceof Refusal) return undefined
      throw error
    }
  }

  /** All of them, the newest first. */
  cards(): RunCard[] {
    return listRuns(this.root, this.#memory)
      .filter(({ folder }) => folder !== this.root)
      .map((summary) => this.#card(summary))
      .sort((a, b) => (b.started ?? '').localeCompare(a.started ?? '') || a.path.localeCompare(b.path))
  }

  /** One of them; what is wrong with it is said in it. */
  card(folder: string): RunCard {
    const found = listRuns(folder).find((summary) => summary.folder === folder)
    return this.#card(found ?? { folder, status: 'damaged', problem: lastWords(this.root, folder) ?? 'it has no run.json' })
  }

  method(name: string | undefined): Method | undefined {
    return this.methods.find((method) => method.name === name)
  }

  #card(summary: RunSummary): RunCard {
    const { folder, ...facts } = summary
    const title = this.method(facts.method)?.title
    const card = { ...facts, path: pathOf(this.root, folder), ...(title !== undefined && { title }) }
    if (card.status === 'damaged' || (card.status === 'complete' && card.problem === undefined)) return card
    try {
      if (this.#isAtWork(summary)) return { ...card, status: 'running', problem: undefined, ...this.#progress(folder, true) }
      if (card.status !== 'interrupted') return card
      const { done, unitsDone } = this.#progress(folder, false)
      return { ...card, done, unitsDone }
    } catch {
      return card // it is being removed or rewritten at this moment
    }
  }

  #progress(folder: string, running: boolean): Progress & { unitsDone: number } {
    const run = runRecord(folder)
    const states = unitStates(folder, run, running)
    const unitsDone = states.filter(({ state }) => state === 'finished' || state === 'diverged').length
    return { ...progressOf(run, states, Date.now(), () => this.#speed(run.method)), unitsDone }
  }

  readonly #speeds = new Map<string, { readonly until: number; readonly value: number | undefined }>()

  /** Operations a second of the newest complete run of a method; looked up again after a minute. */
  #speed(method: string): number | undefined {
    const known = this.#speeds.get(method)
    if (known && known.until > Date.now()) return known.value
    const value = speedOfLastRun(method, this.root)?.flopsPerSecond
    this.#speeds.set(method, { until: Date.now() + 60_000, value })
    return value
  }
}
