import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { InputError } from '../../engine/errors.ts'
import type { Experiment } from '../definition.ts'
import type { RunRequest } from '../run/request.ts'
import { resumeExperiment, runExperiment } from '../run/run.ts'
import { comparable, scratch } from './comparable.ts'
import { Death, dieAt, failAt, fillAt, mend } from './faults.ts'
import { powerCutAt } from './power-cut.ts'

/*
 * A fault at every file operation of a run. A run goes unit by unit and leaves everything in its folder, so it is swept stage by stage: from a copy of
 * the folder as it was after a unit, the next unit is trained with a fault at operation k, then the folder is gone on with; when that unit is finished
 * the folder must be what it was in the undisturbed run at that place. What follows depends on nothing but the folder and the config.
 */

export const modes = ['error', 'full', 'killed', 'power'] as const
export type Mode = (typeof modes)[number]

export interface SweepOptions {
  readonly modes?: readonly Mode[]
  /** Of every so many operations one is failed, each way its own; with as many as there are ways, every operation is failed in one way. Default each. */
  readonly stride?: number
  /** Instead of a stride: so many faults in all, spread evenly over the operations of the run, the ways taking turns. */
  readonly faults?: number
  progress?(stage: number, of: number, cases: number, failures: readonly string[]): void
}

export interface Swept {
  readonly operations: number
  readonly cases: number
  /** One line each: where it happened, and what differed. */
  readonly failures: readonly string[]
}

/** The folder after each unit, and at the end. */
interface Undisturbed {
  readonly stages: readonly string[]
  readonly expected: readonly Record<string, string>[]
}

const last = 'the report'

/** Trains until a unit is finished, or to the end. */
async function until(unit: string, going: (control: object) => Promise<unknown>): Promise<void> {
  const controller = new AbortController()
  const observer = { unitFinished: ({ record }: { record: { unit: string } }) => void (record.unit === unit && controller.abort()) }
  try {
    await going({ signal: controller.signal, observer })
  } catch (error) {
    if (!controller.signal.aborted) throw error
  }
}

/** Models that several units need are trained once and kept in the cache: each run has its own, or it would train nothing that another has trained. */
const useCacheBeside = (folder: string): void => void (process.env.XDG_CACHE_HOME = join(dirname(folder), 'cache'))

async function undisturbed(definition: Experiment, request: RunRequest, root: string): Promise<Undisturbed> {
  const stages: string[] = []
  const folder = join(root, 'whole', 'run')
  useCacheBeside(folder)
  const keep = () => {
    const copy = join(root, `after-${stages.length}`)
    cpSync(dirname(folder), copy, { recursive: true, filter: (path) => !/\/lock(\.|$)/.test(path) })
    return comparable(join(copy, 'run'))
  }
  const expected: Record<string, string>[] = []
  const unitFinished = ({ record }: { record: { unit: string } }) => {
    stages.push(record.unit)
    expected.push(keep())
  }
  await runExperiment(definition, { ...request, folder }, { observer: { unitFinished } })
  stages.push(last)
  expected.push(keep())
  return { stages, expected }
}

/** The lock of a process that is no more: here the process that "died" still runs. */
function asAnotherProcess(folder: string): void {
  const path = join(folder, 'lock')
  if (existsSync(path)) writeFileSync(path, readFileSync(path, 'utf8').replace(/"pid":\d+/, '"pid":4194305'))
}

/** Numbers in [0, 1) that depend only on the seed (mulberry32). */
export function draws(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

function arm(mode: Mode, k: number, root: string) {
  if (mode === 'power') return powerCutAt(k, root)
  return { count: { error: failAt, full: fillAt, killed: dieAt }[mode](k), cutTo: undefined }
}

/** One fault of a sweep. */
interface Fault {
  readonly stage: number
  readonly mode: Mode
  /** It strikes at the k-th operation of the stage, from 1 on. */
  readonly k: number
}

class Sweep {
  readonly #definition: Experiment
  readonly #request: RunRequest
  readonly #root: string
  readonly whole: Undisturbed

  constructor(definition: Experiment, request: RunRequest, root: string, whole: Undisturbed) {
    this.#definition = definition
    this.#request = request
    this.#root = root
    this.whole = whole
  }

  /** Begins or goes on, until the stage is over. What it threw, if anything. */
  #go(folder: string, stage: number): Promise<unknown> {
    useCacheBeside(folder)
    const going = (control: object) =>
      existsSync(join(folder, 'run.json'))
        ? resumeExperiment(this.#definition, folder, control)
        : runExperiment(this.#definition, { ...this.#request, folder }, control)
    return until(this.whole.stages[stage], going).catch((error) => error)
  }

  /** A folder that holds the run as it was before a stage. */
  #before(stage: number): string {
    const here = join(this.#root, 'case')
    rmSync(here, { recursive: true, force: true })
    if (stage > 0) cpSync(join(this.#root, `after-${stage}`), here, { recursive: true })
    else mkdirSync(here)
    return here
  }

  /** How many operations a stage has. */
  async operations(stage: number): Promise<number> {
    const here = this.#before(stage)
    const count = failAt(Number.POSITIVE_INFINITY)
    const error = await this.#go(join(here, 'run'), stage)
    mend()
    if (error) throw error
    return count()
  }

  /** What must not be: a fault that is not told as one line, or a resumed folder that differs. */
  async try({ stage, mode, k }: Fault): Promise<string | undefined> {
    const here = this.#before(stage)
    const { cutTo } = arm(mode, k, here)
    const error = await this.#go(join(here, 'run'), stage)
    let after = here
    if (cutTo) {
      after = join(this.#root, 'cut')
      rmSync(after, { recursive: true, force: true })
      cutTo(after, draws(k + 7919 * stage))
    }
    mend()
    const complaint = complaintOf(error, mode)
    asAnotherProcess(join(after, 'run'))
    // Where nothing was begun it is begun again, in a folder of its own.
    const folder = existsSync(join(after, 'run', 'run.json')) ? join(after, 'run') : join(this.#root, `again-${k}`, 'run')
    const failed = await this.#go(folder, stage)
    // With no unit left to train, it goes on to the end.
    const expected = existsSync(join(folder, 'manifest.json')) ? this.whole.expected.at(-1)! : this.whole.expected[stage]
    const difference = failed ? `does not go on: ${(failed as Error).message}` : differenceOf(comparable(folder), expected)
    if (folder.includes('again-')) rmSync(join(this.#root, `again-${k}`), { recursive: true })
    return complaint ?? difference
  }
}

function complaintOf(error: unknown, mode: Mode): string | undefined {
  if (mode === 'killed' || mode === 'power') return error === undefined || isDeath(error) ? undefined : `died of ${(error as Error).stack}`
  // What is only tidied up may fail without a word.
  if (error === undefined) return undefined
  if (!(error instanceof InputError)) return `is no input error: ${(error as Error).stack}`
  return error.message.includes('\n') ? `is more than a line: ${error.message}` : undefined
}

const isDeath = (error: unknown): boolean => error instanceof Death || (error as Error).cause instanceof Death

export function differenceOf(own: Record<string, string>, expected: Record<string, string>): string | undefined {
  const names = [...new Set([...Object.keys(own), ...Object.keys(expected)])]
  const name = names.find((name) => own[name] !== expected[name])
  if (name === undefined) return undefined
  if (own[name] === undefined) return `${name} is missing`
  if (expected[name] === undefined) return `${name} is too many`
  const [a, b] = [own[name], expected[name]]
  const at = [...a].findIndex((letter, i) => letter !== b[i])
  return `${name} differs: ${a.slice(Math.max(0, at - 60), at + 40)} | ${b.slice(Math.max(0, at - 60), at + 40)}`
}

/** Every operation of every stage, or one in `stride` of them. */
function strided(counts: readonly number[], ways: readonly Mode[], stride: number): Fault[] {
  const from = (first: number, count: number) =>
    Array.from({ length: Math.ceil((count - first + 1) / stride) }, (_, i) => first + i * stride)
  return counts.flatMap((count, stage) =>
    ways.flatMap((mode, j) => from(1 + ((stage + j) % stride), count).map((k) => ({ stage, mode, k }))),
  )
}

/** So many operations of the run, at equal distances, the ways taking turns. */
function spread(counts: readonly number[], ways: readonly Mode[], faults: number): Fault[] {
  const all = counts.flatMap((count, stage) => Array.from({ length: count }, (_, i) => ({ stage, k: i + 1 })))
  const most = Math.min(faults, all.length)
  return Array.from({ length: most }, (_, i) => ({ ...all[Math.floor(((i + 0.5) * all.length) / most)], mode: ways[i % ways.length] }))
}

/** Fails the k-th file operation of a run, for every k and in every way, and compares what resuming makes of it. */
export async function sweep(definition: Experiment, request: RunRequest, options: SweepOptions = {}): Promise<Swept> {
  const { stride = 1, faults, modes: ways = modes, progress } = options
  const root = scratch()
  const { XDG_CACHE_HOME } = process.env
  const tries = new Sweep(definition, request, root, await undisturbed(definition, request, root))
  const { stages } = tries.whole
  const counts: number[] = []
  for (const stage of stages.keys()) counts.push(await tries.operations(stage))
  const chosen = faults === undefined ? strided(counts, ways, stride) : spread(counts, ways, faults)
  const failures: string[] = []
  for (const [i, fault] of chosen.entries()) {
    const failure = await tries.try(fault)
    if (failure) failures.push(`${definition.method}, ${stages[fault.stage]}, ${fault.mode} at operation ${fault.k}: ${failure}`)
    if (fault.stage !== chosen[i + 1]?.stage) progress?.(fault.stage + 1, stages.length, i + 1, failures)
  }
  if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME
  else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME
  rmSync(root, { recursive: true })
  return { operations: counts.reduce((sum, count) => sum + count, 0), cases: chosen.length, failures }
}
