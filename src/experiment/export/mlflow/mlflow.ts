import { InputError } from '../../../engine/errors.ts'
import { shellCommand } from '../../format.ts'
import { pathsOf } from '../../run/run-folder.ts'
import type { ExportControl } from '../control.ts'
import { curvesBesides } from '../curves.ts'
import { type ExportedRun, type ExportedUnit, endOf } from '../exported-run.ts'
import { flatConfig } from '../flat-config.ts'
import { numberOf, readObservations } from '../observations.ts'
import { verdictTable } from '../verdict-table.ts'
import { uploadArtifacts } from './artifacts.ts'
import type { MlflowServer } from './server.ts'
import { createRun, experimentId, findRuns, type StoredRun } from './stored-run.ts'
import { type Entry, limits, type Metric, metric, param, tag } from './values.ts'

export interface MlflowExport {
  readonly run: string
  readonly experiment: string
  readonly runId: string
  readonly units: number
  /** Points of curves that were new to the server. */
  readonly observations: number
  readonly artifacts: number
}

/**
 * Logs a run to an MLflow server: one experiment a method, one run with a nested run for each unit. All are found again by their tag `quire.id`; what is there
 * already is not logged again, so an export that was interrupted goes on.
 */
export async function exportMlflow(run: ExportedRun, server: MlflowServer, control: ExportControl): Promise<MlflowExport> {
  if (/['`\\]/.test(run.name)) throw new InputError(`'${run.name}' is no name of a run`, { where: run.folder, fix: 'look at run.json' })
  const experiment = await experimentId(server, run.run.method)
  const there = await server.retrying(() => findRuns(server, experiment, 'quire.run', run.name))
  const parent = there.get(run.name) ?? (await createRun(server, experiment, parentRun(run)))
  const children = new Map<string, Child>()
  for (const unit of run.units) {
    const id = `${run.name}/${unit.unit}`
    const stored = there.get(id) ?? (await createRun(server, experiment, childRun(run, unit, id, parent)))
    children.set(unit.unit, new Child(run, unit, stored))
    control.progress(0, `${run.name}: ${children.size}/${run.units.length} runs`)
  }
  const changed = await parent.logParams(paramsOf(run.run.config, { preset: run.run.preset, seeds: run.run.seeds.join(' ') }))
  for (const child of children.values()) changed.push(...(await child.begin()))
  if (changed.length)
    control.notice(`${run.name}: ${[...new Set(changed)].join(', ')} keep the values of an earlier export; MLflow does not change params`)
  for await (const { observations, fraction } of readObservations(pathsOf(run.folder).metrics)) {
    control.signal.throwIfAborted()
    for (const observation of observations) {
      const { unit, name, step, time } = observation
      await children.get(unit)?.point(name, numberOf(observation), time, step)
    }
    control.progress(fraction, run.name)
  }
  for (const child of children.values()) await child.end()
  await endParent(run, parent)
  const artifacts = await uploadArtifacts(server, run, parent.artifacts)
  if (artifacts === 0)
    control.notice(`${run.name}: no files were exported, the server takes none (mlflow server --serve-artifacts makes it take them)`)
  const observations = [...children.values()].reduce((sum, { fresh }) => sum + fresh, 0)
  return { run: run.name, experiment: run.run.method, runId: parent.id, units: children.size, observations, artifacts }
}

const paramsOf = (config: object, more: object): Entry[] =>
  Object.entries({ ...flatConfig(config), ...more }).map(([key, value]) => param(key, value))

const parentRun = (run: ExportedRun) => ({
  id: run.name,
  name: run.run.id,
  start: Date.parse(run.run.started),
  tags: [tag('quire.run', run.name), tag('mlflow.source.type', 'LOCAL'), tag('mlflow.source.name', shellCommand(run.run.command))],
})

const childRun = (run: ExportedRun, { arm, seed }: ExportedUnit, id: string, parent: StoredRun) => ({
  id,
  name: `${arm} seed ${seed}`,
  start: Date.parse(run.run.started),
  tags: [tag('quire.run', run.name), tag('mlflow.parentRunId', parent.id), tag('quire.arm', arm), tag('quire.seed', String(seed))],
})

/** One unit, a nested run. */
class Child {
  /** Points that were new to the server. */
  fresh = 0
  readonly #run: ExportedRun
  readonly #unit: ExportedUnit
  readonly #stored: StoredRun
  readonly #logged = new Set<string>()
  #seen = 0
  #pending: Metric[] = []
  #last = { timestamp: 0, step: 0 }

  constructor(run: ExportedRun, unit: ExportedUnit, stored: StoredRun) {
    this.#run = run
    this.#unit = unit
    this.#stored = stored
    this.#last.timestamp = endOf(run)
  }

  begin(): Promise<string[]> {
    const { arm, seed, config } = this.#unit
    return this.#stored.logParams(paramsOf(config, { arm, seed }))
  }

  async point(name: string, value: number, timestamp: number, step: number): Promise<void> {
    this.#logged.add(name)
    this.#last = { timestamp, step }
    this.#seen++
    if (this.#seen <= this.#stored.points) return
    this.#pending.push(metric(name, value, timestamp, step))
    this.fresh++
    if (this.#pending.length === limits.metrics - 1) await this.#flush()
  }

  async #flush(): Promise<void> {
    if (this.#pending.length === 0) return
    await this.#stored.logPoints(this.#pending, this.#seen)
    this.#pending = []
  }

  /** What is known only when the unit has finished. */
  async end(): Promise<void> {
    const { found, unit } = this.#unit
    const { timestamp, step } = this.#last
    if (found)
      for (const { name, x, y } of curvesBesides(this.#run, unit, this.#logged))
        for (const [i, at] of x.entries()) await this.point(name, y[i], timestamp, at)
    await this.#flush()
    if (!found) return this.#stored.update('RUNNING')
    await this.#stored.logFinal(Object.entries(found.measurements).map(([name, value]) => metric(`final/${name}`, value, timestamp, step)))
    await this.#stored.setTags([
      tag('quire.seconds', String(found.seconds)),
      ...(found.diverged === undefined ? [] : [tag('quire.diverged', found.diverged)]),
    ])
    await this.#stored.update(found.diverged === undefined ? 'FINISHED' : 'FAILED', timestamp)
  }
}

/** The verdicts as tags, what was judged as metrics, and a text for the page. */
async function endParent(run: ExportedRun, parent: StoredRun): Promise<void> {
  const { report } = run
  const { versions, data, device, machine } = run.run
  await parent.setTags([
    tag('quire.method', run.run.method),
    tag('quire.preset', run.run.preset),
    tag('quire.device', device),
    tag('quire.cpu', machine.cpu),
    ...Object.entries(versions).map(([name, version]) => tag(`quire.version.${name}`, version)),
    ...(data ? [tag('quire.data', data.name), tag('quire.data.sha256', data.sha256), tag('quire.data.real', String(data.real))] : []),
    ...(report ? verdictTags(report) : []),
  ])
  if (!report) return parent.update('RUNNING')
  const end = endOf(run)
  const judged = report.claims.map(({ id, measured }) => metric(`claim/${id}`, measured.mean ?? Number.NaN, end, 0))
  const controls = report.controls.map(({ id, claim, measured }) => metric(`control/${id}/${claim}`, measured.mean ?? Number.NaN, end, 0))
  const cost = Object.entries(report.cost).flatMap(([name, value]) =>
    typeof value === 'number' ? [metric(`cost/${name}`, value, end, 0)] : [],
  )
  await parent.logFinal([...judged, ...controls, ...cost])
  await parent.update('FINISHED', end)
}

const verdictTags = (report: NonNullable<ExportedRun['report']>): Entry[] => [
  tag('mlflow.note.content', verdictTable(report)),
  tag('quire.outcome', report.outcome),
  ...report.claims.map(({ id, verdict }) => tag(`quire.verdict.${id}`, verdict)),
  ...report.controls.map(({ id, claim, failsAsItShould }) =>
    tag(`quire.control.${id}.${claim}`, failsAsItShould ? 'fails as it should' : 'does not fail'),
  ),
]
