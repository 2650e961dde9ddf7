import { resolve } from 'node:path'
import { InputError } from '../engine/errors.ts'
import { configureRuntime } from '../engine/runtime/runtime.ts'
import { parseSettings } from '../experiment/config.ts'
import { type Device, type Experiment, type PresetName, presetNames } from '../experiment/definition.ts'
import { shellCommand } from '../experiment/format.ts'
import { unknownName } from '../experiment/nearest.ts'
import { termsOf } from '../experiment/ranks/agreement.ts'
import { followExperiment } from '../experiment/ranks/follow.ts'
import { Lead } from '../experiment/ranks/lead.ts'
import { environment } from '../experiment/run/machine.ts'
import { Interrupted, prepare, type RunControl, type RunRequest, resumeExperiment, runExperiment } from '../experiment/run/run.ts'
import type { Method } from '../methods/method.ts'
import type { Ranks } from '../train/parallel/index.ts'
import { checkShards } from '../train/parallel/shards.ts'
import type { Shell } from './cli.ts'
import { dryRun } from './dry-run.ts'
import { exitStatus } from './failure.ts'
import { findMethod } from './find-method.ts'
import { progressOn, runProgress } from './progress.ts'
import { amongRanks, stopped } from './ranks.ts'
import { painter } from './style.ts'
import type { Terminal } from './terminal.ts'
import { verdictLines } from './verdicts.ts'

export interface RunOptions {
  readonly preset?: string
  readonly seeds?: string
  readonly seed?: string
  readonly set?: readonly string[]
  readonly out?: string
  readonly resume?: string
  readonly device?: string
  readonly shards?: string
  readonly data?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

const devices: readonly Device[] = ['cpu', 'webgpu', 'cuda']

function oneOf<Name extends string>(kind: string, typed: string, known: readonly Name[]): Name {
  const found = known.find((name) => name === typed)
  if (!found) throw unknownName(kind, typed, known, `--${kind}`)
  return found
}

function wholeNumber(option: string, typed: string, least: number): number {
  const value = Number(typed)
  if (!/^\d+$/.test(typed) || !Number.isSafeInteger(value) || value < least)
    throw new InputError(`'${typed}' is not a whole number of at least ${least}`, { where: option, fix: `for example ${option} 3` })
  return value
}

function seedsOf({ seeds, seed }: RunOptions): readonly number[] | undefined {
  if (seeds !== undefined && seed !== undefined)
    throw new InputError('--seeds and --seed exclude each other', {
      where: 'quire run',
      fix: '--seeds 3 is seeds 0, 1, 2; --seed 3 is only seed 3',
    })
  if (seed !== undefined) return [wholeNumber('--seed', seed, 0)]
  return seeds === undefined ? undefined : Array.from({ length: wholeNumber('--seeds', seeds, 1) }, (_, i) => i)
}

/** A run goes on as it began. */
function refuseWithResume(options: RunOptions): void {
  const changed = (['preset', 'seeds', 'seed', 'set', 'out', 'device', 'shards', 'dryRun'] as const).filter(
    (name) => options[name] !== undefined,
  )
  if (changed.length)
    throw new InputError(`--resume goes on as the run began, without --${changed[0] === 'dryRun' ? 'dry-run' : changed[0]}`, {
      where: 'quire run',
      fix: 'leave one of the two out',
    })
}

/** As an absolute path, so that a run can be gone on with from anywhere. */
function dataFolder({ data }: RunOptions, { terminal }: Shell): string | undefined {
  const given = data ?? terminal.env.QUIRE_DATA
  return given ? resolve(given) : undefined
}

/** Logical shards of a batch: as many as were asked for, or by default none, and under mpirun eight. */
function shardsOf({ shards }: RunOptions, ranks?: Ranks): RunRequest['shards'] {
  if (shards === undefined) return ranks && shardsOf({ shards: '8' }, ranks)
  if (shards === 'off') return undefined
  if (shards === 'fast') {
    if (ranks) return shards
    throw new InputError('a shard a rank needs ranks', { where: '--shards fast', fix: 'start it with mpirun -n 4 quire run …' })
  }
  const count = wholeNumber('--shards', shards, 1)
  checkShards(count, ranks?.size ?? 1)
  return count
}

function requestOf(shell: Shell, method: Method, experiment: Experiment, options: RunOptions, ranks?: Ranks): RunRequest {
  const preset: PresetName = oneOf('preset', options.preset ?? 'small', presetNames)
  const { title, arxiv, summary } = method
  return {
    preset,
    seeds: seedsOf(options),
    settings: parseSettings(experiment.config, options.set ?? []),
    folder: options.out,
    data: dataFolder(options, shell),
    device: oneOf('device', options.device ?? 'cpu', devices),
    shards: shardsOf(options, ranks),
    about: { title, arxiv, summary },
    command: commandOf(method.name, options),
  }
}

/** The command line again, for the record. */
function commandOf(name: string, { preset, seeds, seed, set = [], out, device, shards, data }: RunOptions): string[] {
  const given = Object.entries({ preset, seeds, seed, out, device, shards, data }).flatMap(([key, value]) =>
    value === undefined ? [] : [`--${key}`, value],
  )
  return ['quire', 'run', name, ...given, ...set.flatMap((word) => ['--set', word])]
}

/** `quire run <method>`, by itself or as one of the ranks of an mpirun. */
export const run = (shell: Shell, name: string, options: RunOptions): Promise<number> =>
  amongRanks(shell.terminal, (ranks) => runAs(shell, name, options, ranks))

async function runAs(shell: Shell, name: string, options: RunOptions, ranks?: Ranks): Promise<number> {
  const { terminal, methods } = shell
  const method = findMethod(methods, name)
  if (options.resume !== undefined) refuseWithResume(options)
  const experiment = await method.experiment()
  const request = requestOf(shell, method, experiment, options, ranks)
  if (options.dryRun) return dryRun(terminal, experiment, request, options.json === true)
  // The numbers depend on the threads, which must not depend on how many ranks share a machine.
  if (ranks || request.shards) configureRuntime({ threads: experiment.workers?.threads ?? 1 })
  if (ranks && ranks.rank > 0) return follow(experiment, request, options, ranks, terminal)
  const progress = await progressOn(terminal)
  const lead = ranks && new Lead(ranks)
  const signal = lead ? AbortSignal.any([terminal.signal, lead.signal]) : terminal.signal
  const control: RunControl = { observer: runProgress(progress), signal, lead }
  try {
    const { folder, report } =
      options.resume === undefined
        ? await runExperiment(experiment, request, control)
        : await resumeExperiment(experiment, options.resume, { ...control, data: options.data && resolve(options.data) })
    lead?.end()
    progress.stop()
    if (options.json) terminal.out(JSON.stringify({ ...report, folder }, null, 2))
    else for (const line of verdictLines(report, folder, painter(terminal))) terminal.out(line)
    return report.exitStatus
  } catch (error) {
    progress.stop()
    if (!(error instanceof Interrupted)) throw error
    const goOn = () => interrupted(shell, name, error.folder, options)
    const cause = await ranks?.reason()
    if (cause) return stopped(cause, ranks!, terminal, goOn)
    const status = goOn()
    await ranks?.fail(error)
    return status
  }
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

function interrupted({ terminal }: Shell, method: string, folder: string, { json, data }: RunOptions): number {
  const resume = shellCommand(['quire', 'run', method, '--resume', folder, ...(data === undefined ? [] : ['--data', data])])
  if (json) terminal.out(JSON.stringify({ method, status: 'interrupted', folder, resume }, null, 2))
  terminal.err(`interrupted; go on with: ${resume}`)
  return exitStatus.interrupted
}
