import { InputError } from '../../../engine/errors.ts'
import { shellCommand } from '../../format.ts'
import type { Report } from '../../report/report.ts'
import { pathsOf } from '../../run/run-folder.ts'
import type { ExportControl } from '../control.ts'
import { type ExportedRun, endOf } from '../exported-run.ts'
import { numberOf, readObservations } from '../observations.ts'
import { verdictTable } from '../verdict-table.ts'
import { uploadArtifacts } from './artifacts.ts'
import { NestedRun, paramsOf } from './nested-run.ts'
import type { MlflowServer } from './server.ts'
import { createRun, experimentId, findRuns, type StoredRun } from './stored-run.ts'
import { type Entry, metric, tag } from './values.ts'

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
  const { name, folder } = run
  if (/['`\\]/.test(name)) throw new InputError(`'${name}' is no name of a run`, { where: folder, fix: 'look at its run.json' })
  const experiment = await experimentId(server, run.run.method)
  const there = await server.retrying(() => findRuns(server, experiment, 'quire.run', name))
  const parent = there.get(name) ?? (await createRun(server, experiment, parentRun(run)))
  const kept = await parent.logParams(paramsOf(run.run.config, { preset: run.run.preset, seeds: run.run.seeds.join(' ') }))
  const nested = new Map(run.units.map((unit) => [unit.unit, new NestedRun(run, unit, { server, experiment, parent, there })]))
  for await (const { observations, fraction } of readObservations(pathsOf(folder).metrics)) {
    control.signal.throwIfAborted()
    for (const observation of observations)
      await nested.get(observation.unit)?.point(observation.name, numberOf(observation), observation.time, observation.step)
    control.progress(fraction, name)
  }
  for (const unit of nested.values()) await unit.end()
  await endParent(run, parent)
  const artifacts = await uploadArtifacts(server, run, parent.artifacts)
  for (const line of remarks([...nested.values()], kept, artifacts)) control.notice(`${name}: ${line}`)
  const observations = [...nested.values()].reduce((sum, { fresh }) => sum + fresh, 0)
  return { run: name, experiment: run.run.method, runId: parent.id, units: nested.size, observations, artifacts }
}

/** What did not go as one may expect. */
function remarks(nested: readonly NestedRun[], kept: readonly string[], artifacts: number): string[] {
  const changed = [...new Set([...kept, ...nested.flatMap((unit) => unit.changed)])]
  return [
    changed.length ? `MLflow changes no param; as an earlier export gave them stay ${changed.join(', ')}` : '',
    artifacts ? '' : 'no files were exported: the server does not take them (mlflow server --serve-artifacts makes it)',
  ].filter(Boolean)
}

const parentRun = ({ name, run }: ExportedRun) => ({
  id: name,
  name: run.id,
  start: Date.parse(run.started),
  tags: [tag('quire.run', name), tag('mlflow.source.type', 'LOCAL'), tag('mlflow.source.name', shellCommand(run.command))],
})

async function endParent(run: ExportedRun, parent: StoredRun): Promise<void> {
  const { report } = run
  await parent.setTags([...setupTags(run), ...(report ? verdictTags(report) : [])])
  if (!report) return parent.update('RUNNING')
  const end = endOf(run)
  await parent.logFinal(judgedNumbers(report).map(([name, value]) => metric(name, value ?? Number.NaN, end, 0)))
  await parent.update('FINISHED', end)
}

const setupTags = ({ run: { method, preset, device, machine, versions, data } }: ExportedRun): Entry[] => [
  tag('quire.method', method),
  tag('quire.preset', preset),
  tag('quire.device', device),
  tag('quire.cpu', machine.cpu),
  ...Object.entries(versions).map(([name, version]) => tag(`quire.version.${name}`, version)),
  ...(data ? [tag('quire.data', data.name), tag('quire.data.sha256', data.sha256), tag('quire.data.real', String(data.real))] : []),
]

/** The verdicts by name, and as a text that MLflow shows beside the run. */
const verdictTags = (report: Report): Entry[] => [
  tag('mlflow.note.content', verdictTable(report)),
  tag('quire.outcome', report.outcome),
  ...report.claims.map(({ id, verdict }) => tag(`quire.verdict.${id}`, verdict)),
  ...report.controls.map(({ id, claim, failsAsItShould }) =>
    tag(`quire.control.${id}.${claim}`, failsAsItShould ? 'fails as it should' : 'does not fail'),
  ),
]

/** The means by which claims and controls were judged, and the cost. */
const judgedNumbers = ({ claims, controls, cost }: Report): [string, number | null][] => [
  ...claims.map(({ id, measured }): [string, number | null] => [`claim/${id}`, measured.mean]),
  ...controls.map(({ id, claim, measured }): [string, number | null] => [`control/${id}/${claim}`, measured.mean]),
  ...Object.entries(cost).flatMap(([name, value]): [string, number][] => (typeof value === 'number' ? [[`cost/${name}`, value]] : [])),
]
