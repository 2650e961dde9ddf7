import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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
  /** Of the stages, only one in so many; default each. */
  readonly stages?: number
  progress?(stage: number, of: number, cases: number): void
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

async function undisturbed(definition: Experiment, request: RunRequest, root: string): Promise<Undisturbed> {
  const stages: string[] = []
  const folder = join(root, 'whole', 'run')
  const keep = () => {
    const copy = join(root, `after-${stages.length}`, 'run')
    cpSync(folder, copy, { recursive: true, filter: (path) => !/\/lock(\.|$)/.test(path) })
    return comparable(copy)
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

/** What must not be: a fault that is not told as one line, or a resumed folder that differs. */
async function tryOne(definition: Experiment, request: RunRequest, whole: Undisturbed, stage: number, mode: Mode, k: number, root: string) {
  const before = join(root, `after-${stage}`)
  const here = join(root, 'case')
  rmSync(here, { recursive: true, force: true })
  if (stage > 0) cpSync(before, here, { recursive: true })
  else mkdirSync(here)
  const go = (folder: string) => (control: object) =>
    existsSync(join(folder, 'run.json'))
      ? resumeExperiment(definition, folder, control)
      : runExperiment(definition, { ...request, folder }, control)
  const unit = whole.stages[stage]
  const { count, cutTo } = arm(mode, k, here)
  const error = await until(unit, go(join(here, 'run'))).catch((caught) => caught)
  const operations = count()
  let after = here
  if (cutTo) {
    after = join(root, 'cut')
    rmSync(after, { recursive: true, force: true })
    cutTo(after, draws(k + 7919 * stage))
  }
  mend()
  if (operations < k) return { operations }
  const complaint = complaintOf(error, mode)
  asAnotherProcess(join(after, 'run'))
  // Where nothing was begun it is begun again, in a folder of its own.
  const folder = existsSync(join(after, 'run', 'run.json')) ? join(after, 'run') : join(root, `again-${k}`, 'run')
  const failed = await until(unit, go(folder)).catch((caught) => caught)
  const difference = failed ? `does not go on: ${failed.message}` : differenceOf(comparable(folder), whole.expected[stage])
  if (folder.includes('again-')) rmSync(join(root, `again-${k}`), { recursive: true })
  return { operations, failure: complaint ?? difference }
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

/** Fails the k-th file operation of a run, for every k and in every way, and compares what resuming makes of it. */
export async function sweep(definition: Experiment, request: RunRequest, options: SweepOptions = {}): Promise<Swept> {
  const { stride = 1, stages: onlyEvery = 1, progress } = options
  const root = scratch()
  const failures: string[] = []
  let [cases, operations] = [0, 0]
  const whole = await undisturbed(definition, request, root)
  for (let stage = 0; stage < whole.stages.length; stage++) {
    if (stage % onlyEvery !== 0 && whole.stages[stage] !== last) continue
    let most = 0
    for (const [j, mode] of (options.modes ?? modes).entries()) {
      for (let k = 1 + ((stage + j) % stride); ; k += stride) {
        const tried = await tryOne(definition, request, whole, stage, mode, k, root)
        if (tried.operations < k) {
          most = Math.max(most, tried.operations)
          break
        }
        cases++
        if (tried.failure) failures.push(`${definition.method}, ${whole.stages[stage]}, ${mode} at operation ${k}: ${tried.failure}`)
      }
    }
    operations += most
    progress?.(stage + 1, whole.stages.length, cases)
  }
  rmSync(root, { recursive: true })
  return { operations, cases, failures }
}
