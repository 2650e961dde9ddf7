import { availableParallelism, totalmem } from 'node:os'
import { InputError } from '../../engine/errors.ts'
import { type PlainObject, resolveConfig } from '../config.ts'
import type { Device, Experiment } from '../definition.ts'
import { armsOf } from '../experiment.ts'
import { planUnits } from '../plan.ts'
import { codeChanges, codeVersion } from './code.ts'
import { changes, environment, quireVersion } from './machine.ts'
import type { RunControl, RunRequest } from './request.ts'
import { defaultFolder, idIn, newRunId, type PlannedUnit, type RunRecord, readRun, runSchema } from './run-folder.ts'
import { canStartWorkers, type StartWorker } from './worker-pool.ts'

/* What is known of a run before it works: its config and units, the machine and the versions, and what of that is not as it was. */

/** Whether units train side by side, in worker threads: only on the processor. */
export const inWorkers = ({ workers }: Experiment, device: Device, start?: StartWorker): boolean =>
  workers !== undefined && device === 'cpu' && canStartWorkers(start)

/** How many units train at a time: in workers one a core, or as many as QUIRE_WORKERS says, as long as half of the memory holds them. */
export function unitsAtATime(definition: Experiment, device: Device, units: readonly PlannedUnit[], start?: StartWorker): number {
  if (!inWorkers(definition, device, start)) return 1
  const most = Math.max(1, ...units.map(({ bytes }) => bytes))
  const workers = Number(process.env.QUIRE_WORKERS) || Math.floor(availableParallelism() / definition.workers!.threads)
  return Math.max(1, Math.min(units.length, workers, Math.floor(totalmem() / 2 / most)))
}

/** What the numbers depend on; in workers the runtime has the threads that the experiment asks for. */
export async function environmentOf(definition: Experiment, device: Device, start?: StartWorker) {
  const here = { ...(await environment(device)), code: codeVersion() }
  return inWorkers(definition, device, start) ? { ...here, machine: { ...here.machine, threads: definition.workers!.threads } } : here
}

/**
 * A run's config, arms and units before anything is trained; what `--dry-run` shows.
 *
 * @example
 * import { methods } from 'quire/methods'
 *
 * const prgd = await methods.find(({ name }) => name === 'prgd')!.experiment()
 * const prepared = await prepare(prgd, { preset: 'smoke' })
 */
export async function prepare(definition: Experiment, request: RunRequest) {
  const preset = definition.presets[request.preset]
  const seeds = request.seeds ?? Array.from({ length: preset.seeds }, (_, seed) => seed)
  const layers = request.like ? [request.like.config] : [(preset.config ?? {}) as PlainObject, request.settings ?? {}]
  const config = resolveConfig(definition.config, layers, `${definition.method} ${request.preset}`)
  return { seeds, config: config as PlainObject, units: await planUnits(definition, armsOf(definition, config), config, seeds) }
}

/** run.json as a run begins, before anything is in its folder. */
export async function planRun(definition: Experiment, request: RunRequest, control: RunControl = {}): Promise<RunRecord> {
  const { seeds, config, units } = await prepare(definition, request)
  const device = request.device ?? 'cpu'
  const here = await environmentOf(definition, device, control.startWorker)
  if (request.like) announce(request.like, here, 'in the run that is repeated', control)
  return {
    schema: runSchema,
    method: definition.method,
    id: idIn(request.folder) ?? newRunId([definition.method, config, seeds]),
    about: request.about,
    preset: request.preset,
    seeds,
    config,
    settings: request.settings ?? {},
    device,
    ...here,
    command: request.command ?? [],
    like: request.like?.id,
    dataFrom: request.data,
    data: request.like?.data,
    units,
    parallel: request.shards ? { shards: request.shards, ranks: control.lead?.size ?? 1 } : undefined,
    atATime: control.lead ? control.lead.atATime(definition, request.shards) : unitsAtATime(definition, device, units, control.startWorker),
    status: 'running',
    started: new Date().toISOString(),
    resumed: [],
  }
}

/** The folder that a request names, or the one that its run's id gives. */
export const folderOf = ({ folder, root = 'runs' }: RunRequest, { method, id }: RunRecord): string =>
  folder ?? defaultFolder(root, method, id)

/** A run is gone on with by the method and the version of Quire that began it. */
export function refuseOther(definition: Experiment, folder: string, record: RunRecord): void {
  const fix = 'start a new run'
  if (record.method !== definition.method)
    throw new InputError(`it is a run of ${record.method}, not of ${definition.method}`, {
      where: folder,
      fix: `quire run ${record.method} --resume ${folder}`,
    })
  if (record.versions.quire !== quireVersion())
    throw new InputError(`it was begun with quire ${record.versions.quire}, this is ${quireVersion()}`, { where: folder, fix })
}

/** Tells what is not as it was, of all that a run's numbers depend on. */
function announce(stored: RunRecord, now: Awaited<ReturnType<typeof environmentOf>>, when: string, { observer, lead }: RunControl): void {
  const { memoryBytes: _, ...machine } = now.machine
  for (const change of [
    ...changes(stored.versions, now.versions),
    ...changes(stored.machine, machine),
    ...codeChanges(stored.code, now.code),
    ...(stored.parallel?.shards === 'fast' ? changes({ ranks: stored.parallel.ranks }, { ranks: lead?.size ?? 1 }) : []),
  ])
    observer?.notice?.(`not as ${when}, so its numbers may differ in the last digits: ${change}`)
}

/** run.json of a run that is gone on with here and now. */
export async function resumedRecord(definition: Experiment, folder: string, control: RunControl & { data?: string }): Promise<RunRecord> {
  const stored = readRun(folder)
  refuseOther(definition, folder, stored)
  announce(stored, await environmentOf(definition, stored.device, control.startWorker), 'when the run began', control)
  const resumed = stored.status === 'complete' ? stored.resumed : [...stored.resumed, new Date().toISOString()]
  const record = { ...stored, dataFrom: control.data ?? stored.dataFrom, resumed }
  await control.lead?.agree(definition, record, true)
  return record
}
