import { mkdirSync } from 'node:fs'
import { join, normalize, sep } from 'node:path'
import { InputError } from '../../../engine/errors.ts'
import { asInputError } from '../../run/disk.ts'
import { lock } from '../../run/lock.ts'
import type { Observation } from '../../run/metrics.ts'
import { pathsOf } from '../../run/run-folder.ts'
import type { ExportControl } from '../control.ts'
import { curvesBesides } from '../curves.ts'
import { type ExportedRun, type ExportedUnit, endOf } from '../exported-run.ts'
import { flatConfig, type Scalar } from '../flat-config.ts'
import { numberOf, readObservations } from '../observations.ts'
import { EventFile, refuseForeignEvents } from './event-file.ts'
import { type SessionStatus, sessionEnd, sessionStart } from './hparams.ts'
import { writeOverview } from './overview.ts'
import { weightHistograms } from './weights.ts'

export interface TensorboardExport {
  readonly run: string
  /** The folder with the run's event files. */
  readonly folder: string
  readonly units: number
  readonly scalars: number
  readonly images: number
}

/**
 * Writes a run as TensorBoard event files under `target`: `<method>/<id>/` has the texts and figures, `<method>/<id>/<arm>/seed-<k>/` one unit. All files
 * are complete before the first takes its place, and those of an earlier export are replaced.
 */
export async function exportTensorboard(run: ExportedRun, target: string, control: ExportControl): Promise<TensorboardExport> {
  const folder = inside(target, run.name)
  for (const place of [folder, ...run.units.map((unit) => unitFolder(folder, unit))]) refuseForeignEvents(place)
  const release = lockTarget(folder)
  const sessions = new Map(run.units.map((unit) => [unit.unit, new Session(run, unit, unitFolder(folder, unit))]))
  const overview = new EventFile(folder, Date.parse(run.run.started) / 1000)
  try {
    for await (const { observations, fraction } of readObservations(pathsOf(run.folder).metrics)) {
      control.signal.throwIfAborted()
      for (const observation of observations) sessions.get(observation.unit)?.observe(observation)
      control.progress(fraction, run.name)
    }
    for (const session of sessions.values()) session.end()
    const images = await writeOverview(run, overview)
    const files = filesOf(sessions, overview)
    for (const file of files) file.finish()
    for (const file of files) file.commit()
    const scalars = [...sessions.values()].reduce((sum, session) => sum + session.scalars, 0)
    return { run: run.name, folder, units: sessions.size, scalars, images }
  } finally {
    for (const file of filesOf(sessions, overview)) file.discard()
    release()
  }
}

const filesOf = (sessions: ReadonlyMap<string, Session>, overview: EventFile): EventFile[] => [
  ...[...sessions.values()].flatMap(({ file }) => file ?? []),
  overview,
]

/** Two exports of one run at a time would write into each other's files. */
function lockTarget(folder: string): () => void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw asInputError(error, folder)
  }
  return lock(folder)
}

/** A path under a folder; the names come from a file, which may come from anywhere. */
function inside(folder: string, name: string): string {
  const path = normalize(join(folder, name))
  if (!path.startsWith(normalize(`${folder}${sep}`)) && normalize(folder) !== '.')
    throw new InputError(`'${name}' is outside it`, { where: folder, fix: 'look at the names in run.json' })
  return path
}

const unitFolder = (folder: string, { arm, seed }: ExportedUnit): string => join(inside(folder, arm), `seed-${seed}`)

/** One unit: in TensorBoard a run, and for its HPARAMS page a session. */
class Session {
  /** Made when something is known to say. */
  file?: EventFile
  scalars = 0
  readonly #run: ExportedRun
  readonly #unit: ExportedUnit
  readonly #folder: string
  readonly #logged = new Set<string>()
  /** Seconds since 1970 and the step of the last observation. */
  #last = { time: 0, step: 0 }

  constructor(run: ExportedRun, unit: ExportedUnit, folder: string) {
    this.#run = run
    this.#unit = unit
    this.#folder = folder
  }

  observe(observation: Observation): void {
    const { name, step, time } = observation
    this.#logged.add(name)
    this.#last = { time: time / 1000, step: wholeStep(step) }
    this.#begin(this.#last.time)
    this.#scalar(name, this.#last.step, numberOf(observation))
  }

  /** The session begins with the first thing that is known of it. */
  #begin(time: number): void {
    if (this.file) return
    this.file = new EventFile(this.#folder, time)
    this.#last = { ...this.#last, time }
    const { method, id, preset } = this.#run.run
    const { arm, config } = this.#unit
    const hparams: Record<string, Scalar> = { ...flatConfig(config), method, preset, arm }
    this.file.add(time, 0, sessionStart({ hparams, group: `${method}/${id}/${arm}`, time }))
  }

  #scalar(tag: string, step: number, value: number): void {
    this.file!.add(this.#last.time, step, { kind: 'scalar', tag, value })
    this.scalars++
  }

  /** What is known only when the unit has finished. */
  end(): void {
    const { found, unit } = this.#unit
    if (!found && !this.file) return
    this.#begin(endOf(this.#run) / 1000)
    if (found) {
      for (const { name, x, y } of curvesBesides(this.#run, unit, this.#logged))
        for (const [i, step] of x.entries()) this.#scalar(name, step, y[i])
      for (const [name, value] of Object.entries(found.measurements)) this.#scalar(`final/${name}`, this.#last.step, value)
    }
    const weights = weightHistograms(this.#run.folder, unit)
    for (const [name, histogram] of Object.entries(weights?.histograms ?? {}))
      this.file!.add(this.#last.time, wholeStep(weights!.step), { kind: 'histogram', tag: `weights/${name}`, histogram })
    this.file!.add(this.#last.time, 0, sessionEnd(this.#status(), this.#last.time))
  }

  #status(): SessionStatus {
    const { found } = this.#unit
    if (!found) return this.#run.run.status === 'running' ? 'running' : 'unknown'
    return found.diverged === undefined ? 'success' : 'failure'
  }
}

/** TensorBoard counts steps in whole numbers. */
const wholeStep = (step: number): number => Math.round(step)
