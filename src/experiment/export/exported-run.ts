import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../../engine/errors.ts'
import type { PlainObject } from '../config.ts'
import type { Arm, Experiment } from '../definition.ts'
import { armsOf } from '../experiment.ts'
import { armConfig } from '../plan.ts'
import type { Report } from '../report/report.ts'
import { readJson } from '../run/disk.ts'
import { pathsOf, type RunRecord, readRun, readUnit, type StoredUnit } from '../run/run-folder.ts'

/** One (arm, seed) of a run, as trackers are told of it. */
export interface ExportedUnit {
  readonly unit: string
  readonly arm: string
  readonly seed: number
  /** The arm's own config where the method is known, else the run's. */
  readonly config: PlainObject
  /** What it found; absent where it has not finished. Its curves are in metrics.jsonl. */
  readonly found?: Pick<StoredUnit, 'measurements' | 'seconds' | 'diverged'>
}

/** A run folder, as trackers are told of it. Everything but the observations, which are read as a stream. */
export interface ExportedRun {
  readonly folder: string
  /** `<method>/<id>`: the same wherever the folder lies. */
  readonly name: string
  readonly run: RunRecord
  /** Absent where the run has not finished. */
  readonly report?: Report
  readonly units: readonly ExportedUnit[]
}

/** A run folder of any age and state. `definition`, where the method is known, tells what each arm changes in the config. */
export function readExportedRun(folder: string, definition?: Experiment): ExportedRun {
  const run = readRun(folder)
  const configs = armConfigs(run, definition)
  const units = run.units.map(({ unit, arm, seed }) => ({
    unit,
    arm,
    seed,
    config: configs.get(arm) ?? run.config,
    found: findings(readUnit(folder, unit)),
  }))
  const report = run.status === 'complete' ? (readJson(join(folder, 'report.json')) as Report | undefined) : undefined
  return { folder, name: `${run.method}/${run.id}`, run, report, units }
}

const findings = (unit: StoredUnit | undefined): ExportedUnit['found'] =>
  unit && { measurements: unit.measurements, seconds: unit.seconds, diverged: unit.diverged }

/** Each arm's config. Where this version of the method no longer takes the run's, none: the run's own stands for all. */
function armConfigs({ config }: RunRecord, definition?: Experiment): Map<string, PlainObject> {
  if (!definition) return new Map()
  try {
    return new Map(armsOf(definition, config).map((arm: Arm) => [arm.id, armConfig(definition, config, arm) as PlainObject]))
  } catch (error) {
    if (error instanceof InputError) return new Map()
    throw error
  }
}

/** A file of the run folder, or undefined where it has none. */
export function runFile({ folder }: ExportedRun, name: string): Buffer | undefined {
  const path = join(folder, name)
  return existsSync(path) ? readFileSync(path) : undefined
}

/** The figures of a run, as the names of SVG files under artifacts/; the English ones. */
export function figureFiles({ folder }: ExportedRun): string[] {
  const { artifacts } = pathsOf(folder)
  if (!existsSync(artifacts)) return []
  return readdirSync(artifacts)
    .filter((name) => name.endsWith('.svg') && !name.endsWith('.zh.svg'))
    .sort()
}

/** Milliseconds since 1970 at which a run ended, as far as it is known. */
export const endOf = ({ run }: ExportedRun): number => Date.parse(run.finished ?? run.started)
