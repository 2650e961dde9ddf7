import { hostname } from 'node:os'
import { join } from 'node:path'
import { tasksOf } from '../../experiment/launch/tasks.ts'
import { type LockHolder, lockHolder } from '../../experiment/run/lock.ts'
import { isShared, pathsOf, type RunRecord, readRun } from '../../experiment/run/run-folder.ts'
import { listRuns, type RunSummary } from '../../experiment/run/run-list.ts'
import { speedOfLastRun } from '../../experiment/run/speed.ts'
import type { Method } from '../../methods/method.ts'
import type { RunCard } from '../api.ts'
import { remembered } from './memo.ts'
import { notFound, Refusal } from './problems.ts'
import { type Progress, progressOf } from './progress.ts'
import { lastWords } from './run-log.ts'
import { runMemory } from './run-memory.ts'
import { pathOf, runFolder } from './run-path.ts'
import { unitStates } from './units.ts'

const recordOf = remembered((path): RunRecord => readRun(join(path, '..')))

/** run.json of a folder. @throws InputError */
export const runRecord = (folder: string): RunRecord => recordOf(pathsOf(folder).run) ?? readRun(folder)

/** Whoever works on a run and can be asked to stop: a process of this machine that says when it was born, so that no other is meant. */
export function ownHolder(folder: string): LockHolder | undefined {
  const holder = lockHolder(folder)
  return holder?.host === hostname() && (holder.born !== undefined || process.platform !== 'linux') ? holder : undefined
}

/** Between its last unit and its report a run is not at its end; one that is shared out is at work where a task is. */
function isAtWork({ status, problem, folder }: RunSummary): boolean {
  if (status === 'running') return true
  if (status === 'complete') return problem !== undefined && lockHolder(folder) !== undefined
  return status === 'interrupted' && isShared(folder) && tasksOf(folder, runRecord(folder)).some((task) => lockHolder(task.folder))
}

/** The runs in a folder, as the page is told of them. */
export class Runs {
  readonly root: string
  readonly methods: readonly Method[]
  readonly #memory

  constructor(root: string, methods: readonly Method[]) {
    this.root = root
    this.methods = methods
    this.#memory = runMemory(root)
  }

  /**
   * The folder of one.
   * @throws Refusal where there is none: with the last words of its process, if it ended before there was anything to keep.
   */
  folder(method: string, id: string): string {
    try {
      return runFolder(this.root, method, id)
    } catch (error) {
      const said = error instanceof Refusal && error.status === 404 ? lastWords(this.root, join(this.root, method, id)) : undefined
      throw said === undefined ? error : notFound(`it ended before it began: ${said}`, { where: `${method}/${id}` })
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
      if (isAtWork(summary)) return { ...card, status: 'running', problem: undefined, ...this.#progress(folder, true) }
      return card.status === 'interrupted' ? { ...card, done: this.#progress(folder, false).done } : card
    } catch {
      return card // it is being removed or rewritten at this moment
    }
  }

  #progress(folder: string, running: boolean): Progress {
    const run = runRecord(folder)
    return progressOf(run, unitStates(folder, run, running), Date.now(), () => this.#speed(run.method))
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
