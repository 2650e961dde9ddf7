import { dirname, join, normalize, relative, sep } from 'node:path'
import { InputError, NotFiniteError } from '../../engine/errors.ts'
import type { Communicator } from '../../train/index.ts'
import type { Arm, Checkpoint, Experiment, Findings, UnitContext } from '../definition.ts'
import { armConfig } from '../plan.ts'
import { parallelOf } from '../ranks/parallel-of.ts'
import { type CheckpointStore, checkpointStore } from './checkpoints.ts'
import { collectNowAndThen } from './collect.ts'
import { makeFolder, writeAtomically } from './disk.ts'
import { checkItems, storeItems } from './items.ts'
import { peakBytes } from './machine.ts'
import { countObservations, type MetricsLog, readMetrics, seriesOf, trimMetrics } from './metrics.ts'
import { pathsOf, type RunRecord, readUnit, type StoredUnit, unitName, writeUnit } from './run-folder.ts'
import { savingClock } from './saving-clock.ts'

export interface UnitJob {
  readonly definition: Experiment
  readonly folder: string
  readonly run: RunRecord
  readonly arm: Arm
  readonly seed: number
  readonly data: unknown
  /** Holds nothing of this unit beyond its newest checkpoint. */
  readonly metrics: MetricsLog
  readonly signal: AbortSignal
  /** The ranks that train it together. */
  readonly communicator?: Communicator
  progress(done: number, of: number, note?: string): void
  notice(line: string): void
}

/** Trains one arm with one seed, from its newest checkpoint if it has one, and stores what it found. */
export async function runUnit(job: UnitJob): Promise<StoredUnit> {
  collectNowAndThen()
  const { folder, arm, seed, metrics } = job
  const unit = unitName(arm.id, seed)
  const paths = pathsOf(folder)
  const store = storeOf(folder, unit, job.notice)
  const newest = store.newest()
  let observations = newest?.observations ?? 0
  const begun = performance.now()
  const seconds = () => (newest?.seconds ?? 0) + (performance.now() - begun) / 1000
  const clock = savingClock()
  const checkpoint: Checkpoint = {
    due: clock.due,
    async save(step, tensors, meta = null) {
      job.signal.throwIfAborted()
      metrics.sync()
      store.save({ step, tensors, meta, observations, seconds: seconds() })
      clock.saved()
      await turn()
      job.signal.throwIfAborted()
    },
    latest: async () => store.newest(),
    forget: async () => store.prune(0),
  }
  const log = (step: number, values: Readonly<Record<string, number>>) => {
    observations += metrics.append(unit, step, values)
  }
  const { items, ...findings } = await findingsOf(job, contextOf(job, unit, checkpoint, log))
  metrics.sync()
  const series = { ...seriesOf(readMetrics(paths.metrics), unit), ...findings.series }
  const stored = items && { items: storeItems(folder, unit, items) }
  const record = { ...findings, ...stored, unit, arm: arm.id, seed, series, seconds: seconds(), peakBytes: peakBytes(), observations }
  checkItems(job.definition, folder, record)
  writeUnit(folder, record)
  store.prune(1)
  return readUnit(folder, unit)!
}

const storeOf = (folder: string, unit: string, notice: (line: string) => void): CheckpointStore => {
  const { checkpoints, metrics } = pathsOf(folder)
  return checkpointStore(checkpoints, unit, () => countObservations(metrics, unit), notice)
}

/** What a kill between the end of a unit and its tidying up has left: a finished unit keeps its newest checkpoint only. */
export const tidyFinished = (folder: string, unit: string): void => storeOf(folder, unit, () => {}).prune(1)

/** How many observations of a unit stand: all of a finished one, else those before its newest checkpoint. */
const standingObservations = (folder: string, unit: string, notice: (line: string) => void): number =>
  (readUnit(folder, unit) ?? storeOf(folder, unit, notice).newest())?.observations ?? 0

/** Keeps of metrics.jsonl what stands: nothing of units that the run does not have. Nobody may have the file open. */
export function trimToCheckpoints(folder: string, { units }: RunRecord, notice: (line: string) => void): void {
  const known = new Set(units.map(({ unit }) => unit))
  trimMetrics(pathsOf(folder).metrics, (unit) => (known.has(unit) ? standingObservations(folder, unit, notice) : 0))
}

/** Training that goes to NaN or infinity is a finding: the unit has no measurements, and a claim about it fails. */
async function findingsOf(job: UnitJob, context: UnitContext<unknown, unknown>): Promise<Findings & { diverged?: string }> {
  try {
    return await job.definition.unit(context)
  } catch (error) {
    if (!(error instanceof NotFiniteError)) throw error
    job.notice(`${context.arm.id}, seed ${context.seed}: ${error.message}`)
    return { measurements: {}, diverged: error.message }
  }
}

/** Lets the event loop turn, so that signals and terminals are served. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const turnEvery = 50

function contextOf(
  job: UnitJob,
  unit: string,
  checkpoint: Checkpoint,
  log: UnitContext<unknown, unknown>['log'],
): UnitContext<unknown, unknown> {
  const { definition, run, arm, seed, data, signal } = job
  const config = armConfig(definition, run.config, arm)
  let turned = performance.now()
  return {
    arm,
    config,
    parallel: parallelOf(definition, run, config, job.communicator),
    seed,
    data,
    device: run.device,
    signal,
    checkpoint,
    log(step, values) {
      signal.throwIfAborted()
      log(step, values)
    },
    async progress(done, total, note) {
      job.progress(done, total, note)
      if (performance.now() - turned > turnEvery) {
        await turn()
        turned = performance.now()
      }
      signal.throwIfAborted()
    },
    artifact: async (name, content) => storeArtifact(job.folder, unit, name, content),
  }
}

function storeArtifact(folder: string, unit: string, name: string, content: Uint8Array | string): string {
  const own = join(pathsOf(folder).artifacts, unit)
  const path = normalize(join(own, name))
  if (!path.startsWith(own + sep)) throw new InputError(`'${name}' is outside the unit's folder`, { where: 'artifact' })
  makeFolder(dirname(path))
  writeAtomically(path, content)
  return relative(folder, path).split(sep).join('/')
}
