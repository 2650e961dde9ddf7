import { resolve } from 'node:path'
import { InputError } from '../engine/errors.ts'
import { configureRuntime } from '../engine/runtime/runtime.ts'
import type { Experiment } from '../experiment/definition.ts'
import { shellCommand } from '../experiment/format.ts'
import { termsOf } from '../experiment/ranks/agreement.ts'
import { followExperiment } from '../experiment/ranks/follow.ts'
import { Lead } from '../experiment/ranks/lead.ts'
import type { Report } from '../experiment/report/report.ts'
import { findRun } from '../experiment/run/find-run.ts'
import { environment } from '../experiment/run/machine.ts'
import { prepare } from '../experiment/run/plan-run.ts'
import { Interrupted, type RunControl, type RunRequest } from '../experiment/run/request.ts'
import { resumeExperiment, runExperiment } from '../experiment/run/run.ts'
import { readRun } from '../experiment/run/run-folder.ts'
import type { Method } from '../methods/method.ts'
import type { Ranks } from '../train/parallel/index.ts'
import type { Shell } from './cli.ts'
import { dryRun } from './dry-run.ts'
import { exitStatus } from './failure.ts'
import { findMethod } from './find-method.ts'
import { progressOn, runProgress } from './progress.ts'
import { amongRanks, stopped } from './ranks.ts'
import { agreementOf, type Original, type Repeat, repeatLines } from './repeat.ts'
import { launcherOf, type RunOptions, refuseContradictions, requestOf, stopSignal } from './run-request.ts'
import { painter } from './style.ts'
import type { Terminal } from './terminal.ts'
import { verdictLines } from './verdicts.ts'

/** The method to run, and the run that it repeats. */
function subject({ methods }: Shell, name: string | undefined, { like }: RunOptions): { method: Method; original?: Original } {
  if (like === undefined) {
    if (name === undefined) throw new InputError("missing required argument 'method'", { where: 'quire run', fix: 'quire list shows them' })
    return { method: findMethod(methods, name) }
  }
  const folder = findRun(like)
  const run = readRun(folder)
  if (name !== undefined && findMethod(methods, name).name !== run.method)
    throw new InputError(`it is a run of ${run.method}, not of ${name}`, { where: folder, fix: `quire run --like ${like}` })
  return { method: findMethod(methods, run.method), original: { folder, run } }
}

/** `quire run <method>`, by itself or as one of the ranks of an mpirun. */
export const run = (shell: Shell, name: string | undefined, options: RunOptions): Promise<number> =>
  amongRanks(shell.terminal, (ranks) => runAs(shell, name, options, ranks))

async function runAs(shell: Shell, name: string | undefined, options: RunOptions, ranks?: Ranks): Promise<number> {
  const { terminal } = shell
  refuseContradictions(options)
  const { method, original } = subject(shell, name, options)
  const experiment = await method.experiment()
  const request = requestOf(shell, method, experiment, options, { like: original?.run, ranks })
  if (launcherOf(options) === 'slurm') return (await import('./launch.ts')).launch(shell, experiment, request, options)
  if (options.dryRun) return dryRun(terminal, experiment, request, options.json === true)
  // The numbers depend on the threads, which must not depend on how many ranks share a machine.
  if (ranks || request.shards) configureRuntime({ threads: experiment.workers?.threads ?? 1 })
  if (ranks && ranks.rank > 0) return follow(experiment, request, options, ranks, terminal)
  const progress = await progressOn(terminal)
  const lead = ranks && new Lead(ranks)
  const stop = stopSignal(options, shell)
  const signal = lead ? AbortSignal.any([stop, lead.signal]) : stop
  const control: RunControl = { observer: runProgress(progress), signal, lead }
  try {
    if (options.task !== undefined) return await (await import('./task.ts')).task(shell, experiment, request, options, control)
    const { folder, report } =
      options.resume === undefined
        ? await runExperiment(experiment, request, control)
        : await resumeExperiment(experiment, options.resume, { ...control, data: options.data && resolve(options.data) })
    lead?.end()
    progress.stop()
    const repeat = original && agreementOf(original, folder)
    if (options.json) terminal.out(JSON.stringify({ ...report, folder, ...(repeat && { repeat }) }, null, 2))
    else for (const line of resultLines(report, folder, painter(terminal), repeat)) terminal.out(line)
    return report.exitStatus
  } catch (error) {
    progress.stop()
    if (!(error instanceof Interrupted)) throw error
    const goOn = () => interrupted(shell, method.name, error.folder, options)
    const cause = await ranks?.reason()
    if (cause) return stopped(cause, ranks!, terminal, goOn)
    const status = goOn()
    await ranks?.fail(error)
    return status
  }
}

const resultLines = (report: Report, folder: string, paint: ReturnType<typeof painter>, repeat?: Repeat): string[] => {
  const lines = verdictLines(report, folder, paint)
  return repeat ? [...lines.slice(0, -1), ...repeatLines(repeat), lines.at(-1)!] : lines
}

/** The part of a rank that is not the first: it is told what to train. */
async function follow(experiment: Experiment, request: RunRequest, options: RunOptions, ranks: Ranks, terminal: Terminal): Promise<number> {
  const resumed = options.resume !== undefined
  const { seeds, config } = await prepare(experiment, request)
  const here = await environment(request.device ?? 'cpu')
  const { method } = experiment
  const record = {
    ...here,
    method,
    preset: request.preset,
    seeds,
    config,
    device: request.device,
    parallel: request.shards ? { shards: request.shards, ranks: ranks.size } : undefined,
  }
  const signal = AbortSignal.any([terminal.signal, ranks.signal])
  await followExperiment(experiment, { ranks, terms: termsOf(record, resumed), data: request.data, signal })
  return exitStatus.ok
}

function interrupted({ terminal }: Shell, method: string, folder: string, { json, data, task }: RunOptions): number {
  const more = Object.entries({ data, task }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]))
  const resume = shellCommand(['quire', 'run', method, '--resume', folder, ...more])
  if (json) terminal.out(JSON.stringify({ method, status: 'interrupted', folder, resume }, null, 2))
  terminal.err(`interrupted; go on with: ${resume}`)
  return exitStatus.interrupted
}
