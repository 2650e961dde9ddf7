import { curvesBesides } from '../curves.ts'
import { type ExportedRun, type ExportedUnit, endOf } from '../exported-run.ts'
import { flatConfig } from '../flat-config.ts'
import type { MlflowServer } from './server.ts'
import { createRun, type StoredRun } from './stored-run.ts'
import { type Entry, limits, type Metric, metric, param, tag } from './values.ts'

/** Where the runs of one export go. */
export interface Place {
  readonly server: MlflowServer
  readonly experiment: string
  readonly parent: StoredRun
  /** What an earlier export has made, by its `quire.id`. */
  readonly there: ReadonlyMap<string, StoredRun>
}

export const paramsOf = (config: object, more: object): Entry[] =>
  Object.entries({ ...flatConfig(config), ...more }).map(([key, value]) => param(key, value))

/** One unit: a run nested in that of the whole. It is made when the first thing is known of it, so that it begins when the unit began. */
export class NestedRun {
  /** Points that were new to the server. */
  fresh = 0
  /** Params that an earlier export gave another value, which stays. */
  changed: readonly string[] = []
  readonly #run: ExportedRun
  readonly #unit: ExportedUnit
  readonly #place: Place
  readonly #logged = new Set<string>()
  #stored?: StoredRun
  #seen = 0
  #pending: Metric[] = []
  #last: { timestamp: number; step: number }

  constructor(run: ExportedRun, unit: ExportedUnit, place: Place) {
    this.#run = run
    this.#unit = unit
    this.#place = place
    this.#last = { timestamp: endOf(run), step: 0 }
  }

  async #begin(start: number): Promise<StoredRun> {
    if (this.#stored) return this.#stored
    const { server, experiment, parent, there } = this.#place
    const { arm, seed, config, unit } = this.#unit
    const { name } = this.#run
    const id = `${name}/${unit}`
    const tags = [tag('quire.run', name), tag('mlflow.parentRunId', parent.id), tag('quire.arm', arm), tag('quire.seed', String(seed))]
    this.#stored = there.get(id) ?? (await createRun(server, experiment, { id, name: `${arm} seed ${seed}`, start, tags }))
    this.changed = await this.#stored.logParams(paramsOf(config, { arm, seed }))
    return this.#stored
  }

  /** The next point of a curve; those that an earlier export logged are passed over. */
  async point(name: string, value: number, timestamp: number, step: number): Promise<void> {
    const stored = await this.#begin(timestamp)
    this.#logged.add(name)
    this.#last = { timestamp, step }
    this.#seen++
    if (this.#seen <= stored.points) return
    this.#pending.push(metric(name, value, timestamp, step))
    this.fresh++
    if (this.#pending.length === limits.metrics - 1) await this.#flush(stored)
  }

  async #flush(stored: StoredRun): Promise<void> {
    if (this.#pending.length === 0) return
    await stored.logPoints(this.#pending, this.#seen)
    this.#pending = []
  }

  /** What is known only when the unit has finished. One that has not begun has no run. */
  async end(): Promise<void> {
    const { found, unit } = this.#unit
    if (!found && !this.#stored) return
    const stored = await this.#begin(this.#last.timestamp)
    const { timestamp, step } = this.#last
    if (found)
      for (const { name, x, y } of curvesBesides(this.#run, unit, this.#logged))
        for (const [i, at] of x.entries()) await this.point(name, y[i], timestamp, at)
    await this.#flush(stored)
    if (!found) return stored.update('RUNNING')
    const { measurements, seconds, diverged } = found
    await stored.logFinal(Object.entries(measurements).map(([name, value]) => metric(`final/${name}`, value, timestamp, step)))
    await stored.setTags([tag('quire.seconds', String(seconds)), ...(diverged === undefined ? [] : [tag('quire.diverged', diverged)])])
    await stored.update(diverged === undefined ? 'FINISHED' : 'FAILED', timestamp)
  }
}
