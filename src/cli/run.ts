import { resolve } from 'node:path'
import { InputError } from '../engine/errors.ts'
import { parseSettings } from '../experiment/config.ts'
import { type Device, type Experiment, type PresetName, presetNames } from '../experiment/definition.ts'
import { shellCommand } from '../experiment/format.ts'
import { parseDuration } from '../experiment/launch/sbatch.ts'
import { Interrupted, type RunControl, type RunRequest, resumeExperiment, runExperiment } from '../experiment/run/run.ts'
import type { Method } from '../methods/method.ts'
import type { Shell } from './cli.ts'
import { dryRun } from './dry-run.ts'
import { exitStatus } from './failure.ts'
import { findMethod } from './find-method.ts'
import { type LaunchOptions, slurmOptionIn } from './launch-options.ts'
import { progressOn, runProgress } from './progress.ts'
import { painter } from './style.ts'
import { verdictLines } from './verdicts.ts'
import { firstSeeds, oneOf, wholeNumber } from './words.ts'

export interface RunOptions extends LaunchOptions {
  readonly preset?: string
  readonly seeds?: string
  readonly seed?: string
  readonly set?: readonly string[]
  readonly out?: string
  readonly resume?: string
  readonly task?: string
  readonly stopAfter?: string
  readonly device?: string
  readonly data?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

const devices: readonly Device[] = ['cpu', 'webgpu', 'cuda']

function seedsOf({ seeds, seed }: RunOptions): readonly number[] | undefined {
  if (seeds !== undefined && seed !== undefined)
    throw new InputError('--seeds and --seed exclude each other', {
      where: 'quire run',
      fix: '--seeds 3 is seeds 0, 1, 2; --seed 3 is only seed 3',
    })
  if (seed !== undefined) return [wholeNumber('--seed', seed, 0)]
  return firstSeeds(seeds)
}

/** A run goes on as it began. */
function refuseWithResume(options: RunOptions): void {
  const changed = (['preset', 'seeds', 'seed', 'set', 'out', 'device', 'dryRun'] as const).filter((name) => options[name] !== undefined)
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

function requestOf(shell: Shell, method: Method, experiment: Experiment, options: RunOptions): RunRequest {
  const preset: PresetName = oneOf('preset', options.preset ?? 'small', presetNames)
  const { title, arxiv, summary } = method
  return {
    preset,
    seeds: seedsOf(options),
    settings: parseSettings(experiment.config, options.set ?? []),
    folder: options.out,
    data: dataFolder(options, shell),
    device: oneOf('device', options.device ?? 'cpu', devices),
    about: { title, arxiv, summary },
    command: commandOf(method.name, options),
  }
}

/** The command line again, for the record. */
function commandOf(name: string, { preset, seeds, seed, set = [], out, device, data }: RunOptions): string[] {
  const given = Object.entries({ preset, seeds, seed, out, device, data }).flatMap(([key, value]) =>
    value === undefined ? [] : [`--${key}`, value],
  )
  return ['quire', 'run', name, ...given, ...set.flatMap((word) => ['--set', word])]
}

const launchers = ['local', 'slurm'] as const

/** Where the run is to go; what only a cluster understands is refused elsewhere. */
function launcherOf(options: RunOptions): (typeof launchers)[number] {
  const launcher = oneOf('launcher', options.launcher ?? 'local', launchers)
  const slurmOnly = slurmOptionIn(options)
  if (launcher === 'local' && slurmOnly)
    throw new InputError('it is an option of a cluster', { where: slurmOnly, fix: 'add --launcher slurm' })
  if (launcher === 'slurm' && (options.task !== undefined || options.dryRun))
    throw new InputError(`it does not go with ${options.task === undefined ? '--dry-run' : '--task'}`, {
      where: '--launcher slurm',
      fix: 'leave one of the two out',
    })
  return launcher
}

/** Ends at a signal, or after the time of `--stop-after`. */
function stopSignal({ stopAfter }: RunOptions, { terminal }: Shell): AbortSignal {
  if (stopAfter === undefined) return terminal.signal
  return AbortSignal.any([terminal.signal, AbortSignal.timeout(parseDuration('--stop-after', stopAfter) * 1000)])
}

/** `quire run <method>` */
export async function run(shell: Shell, name: string, options: RunOptions): Promise<number> {
  const { terminal, methods } = shell
  const method = findMethod(methods, name)
  if (options.resume !== undefined) refuseWithResume(options)
  const experiment = await method.experiment()
  const request = requestOf(shell, method, experiment, options)
  if (launcherOf(options) === 'slurm') return (await import('./launch.ts')).launch(shell, experiment, request, options)
  if (options.dryRun) return dryRun(terminal, experiment, request, options.json === true)
  const progress = await progressOn(terminal)
  const control: RunControl = { observer: runProgress(progress), signal: stopSignal(options, shell) }
  try {
    if (options.task !== undefined) return await (await import('./task.ts')).task(shell, experiment, request, options, control)
    const { folder, report } =
      options.resume === undefined
        ? await runExperiment(experiment, request, control)
        : await resumeExperiment(experiment, options.resume, { ...control, data: options.data && resolve(options.data) })
    progress.stop()
    if (options.json) terminal.out(JSON.stringify({ ...report, folder }, null, 2))
    else for (const line of verdictLines(report, folder, painter(terminal))) terminal.out(line)
    return report.exitStatus
  } catch (error) {
    progress.stop()
    if (!(error instanceof Interrupted)) throw error
    return interrupted(shell, name, error.folder, options)
  }
}

function interrupted({ terminal }: Shell, method: string, folder: string, { json, data, task }: RunOptions): number {
  const more = Object.entries({ data, task }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]))
  const resume = shellCommand(['quire', 'run', method, '--resume', folder, ...more])
  if (json) terminal.out(JSON.stringify({ method, status: 'interrupted', folder, resume }, null, 2))
  terminal.err(`interrupted; go on with: ${resume}`)
  return exitStatus.interrupted
}
