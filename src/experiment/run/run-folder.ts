import { randomBytes } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Provenance } from '../../data/index.ts'
import { InputError } from '../../engine/errors.ts'
import type { PlainObject } from '../config.ts'
import type { Device, Estimate, PresetName, UnitRecord } from '../definition.ts'
import { schemaProblem } from '../schema.ts'
import type { SplitRecord } from '../splits.ts'
import type { Text } from '../text.ts'
import type { Code } from './code.ts'
import { guarded, makeFolder, namesIn, operations, readIfThere, readJson, removeFile, sha256, writeJson } from './disk.ts'
import { deadAfter } from './lock.ts'
import type { Machine, Versions } from './machine.ts'
import { storedRun, storedUnit } from './stored.ts'

/** The layout of run folders; a folder with another number is refused. */
export const runSchema = 1

/** What the report says of the paper; from the method's card. */
export interface About {
  readonly title: string
  readonly arxiv: string
  readonly summary: Text
}

export interface PlannedUnit extends Estimate {
  readonly unit: string
  readonly arm: string
  readonly seed: number
}

/** run.json */
export interface RunRecord {
  readonly schema: typeof runSchema
  readonly method: string
  readonly id: string
  readonly about?: About
  readonly preset: PresetName
  readonly seeds: readonly number[]
  readonly config: PlainObject
  /** What the user changed with `--set`. */
  readonly settings: PlainObject
  readonly device: Device
  readonly versions: Versions
  readonly machine: Machine
  /** Not in runs that were made before it was recorded. */
  readonly code?: Code
  readonly command: readonly string[]
  /** The id of the run that this one repeats. */
  readonly like?: string
  /** The folder of `--data`. */
  readonly dataFrom?: string
  readonly data?: Provenance
  /** The parts of the data, in short. */
  readonly splits?: readonly SplitRecord[]
  readonly units: readonly PlannedUnit[]
  /** Set where batches are cut into shards: how many, or `fast`, a shard a rank. `ranks` began it; how many they are is no part of the numbers unless `fast`. */
  readonly parallel?: { readonly shards: number | 'fast'; readonly ranks: number }
  /** How many units trained at a time. */
  readonly atATime?: number
  readonly status: 'running' | 'complete'
  readonly started: string
  readonly finished?: string
  /** When it was gone on with. */
  readonly resumed: readonly string[]
}

/** A unit's file also says how many observations it logged. */
export type StoredUnit = UnitRecord & { readonly observations: number }

export const pathsOf = (folder: string) => ({
  run: join(folder, 'run.json'),
  metrics: join(folder, 'metrics.jsonl'),
  units: join(folder, 'units'),
  checkpoints: join(folder, 'checkpoints'),
  artifacts: join(folder, 'artifacts'),
  tasks: join(folder, 'tasks'),
})

/** Whether a run is shared out in tasks, a seed each, that may be worked on by several processes (`launch/`). */
export const isShared = (folder: string): boolean => existsSync(pathsOf(folder).tasks)

/** A time and a short hash: sorts by age, and two runs of one second differ. */
export function newRunId(what: unknown, now = new Date()): string {
  const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  return `${stamp}-${sha256(JSON.stringify(what) + randomBytes(8).toString('hex')).slice(0, 6)}`
}

/** The id of a run whose folder is named by one. */
export function idIn(folder: string | undefined): string | undefined {
  const name = folder === undefined ? '' : basename(folder)
  return /^\d{8}-\d{6}-[0-9a-f]{6}$/.test(name) ? name : undefined
}

/** The file name of an arm with a seed; arms' names have no underscore, so it is unique. */
export const unitName = (arm: string, seed: number): string => `${arm.replaceAll('/', '_')}--seed-${seed}`

/** Refuses a folder that holds something, but for locks. */
export function refuseUsed(folder: string): void {
  if (!namesIn(folder).some((name) => !isLock(name))) return
  const fix = readIfThere(pathsOf(folder).run) ? `go on with --resume ${folder}, or choose another --out` : 'choose another --out'
  throw new InputError('the folder is not empty', { where: folder, fix })
}

const isLock = (name: string): boolean => /^lock(\.|$)/.test(name)

/** Makes what a run folder lacks, and removes the unfinished files that a killed process left under temporary names. */
export function tidy(folder: string): void {
  const { units, checkpoints, artifacts } = pathsOf(folder)
  for (const path of [units, checkpoints, artifacts]) makeFolder(path)
  for (const name of guarded(folder, () => operations.list(folder, { recursive: true, encoding: 'utf8' })))
    if (name.endsWith('.tmp') && !(isLock(name) && isYoung(join(folder, name)))) removeFile(join(folder, name))
}

/** Another process may be about to ask for the lock. */
const isYoung = (path: string): boolean => Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < deadAfter

/** run.json of a folder, or an error that says what is wrong with it. */
export function readRun(folder: string): RunRecord {
  const { run } = pathsOf(folder)
  if (!readIfThere(run)) throw new InputError('it is no run folder: it has no run.json', { where: folder, fix: 'quire runs lists them' })
  const json = readJson(run)
  if (json === undefined) throw new InputError('run.json is damaged: it is not JSON', { where: run, fix: 'start a new run' })
  const { schema } = (json ?? {}) as { schema?: unknown }
  if (typeof schema === 'number' && schema !== runSchema)
    throw new InputError(`its layout ("schema") is ${schema}, this quire reads ${runSchema}`, { where: run, fix: 'start a new run' })
  const { error } = storedRun.safeParse(json)
  if (error) throw new InputError(`run.json is damaged: ${schemaProblem(error)}`, { where: run, fix: 'start a new run' })
  return json as RunRecord
}

export const writeRun = (folder: string, record: RunRecord): void => writeJson(pathsOf(folder).run, record)

/** NaN and infinity have no JSON; they are stored as null. */
export const writeUnit = (folder: string, unit: StoredUnit): void => writeJson(join(pathsOf(folder).units, `${unit.unit}.json`), unit)

const orNaN = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN)

/** A finished unit, or undefined where it has none or a damaged file. */
export function readUnit(folder: string, name: string): StoredUnit | undefined {
  const json = readJson(join(pathsOf(folder).units, `${name}.json`))
  if (json === undefined || !storedUnit.safeParse(json).success) return undefined
  const unit = json as StoredUnit
  if (unit.unit !== name) return undefined
  const measurements = Object.fromEntries(Object.entries(unit.measurements).map(([key, value]) => [key, orNaN(value)]))
  const series = Object.fromEntries(Object.entries(unit.series).map(([key, { x, y }]) => [key, { x: x.map(orNaN), y: y.map(orNaN) }]))
  return { ...unit, measurements, series }
}

export const finishedUnits = (folder: string, { units }: RunRecord): StoredUnit[] =>
  units.flatMap(({ unit }) => readUnit(folder, unit) ?? [])

/** Where a run goes unless `--out` says otherwise. */
export const defaultFolder = (root: string, method: string, id: string): string => join(root, method, id)

export const runName = (folder: string): string => basename(folder)
