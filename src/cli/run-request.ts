import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { InputError } from '../engine/errors.ts'
import { parseSettings } from '../experiment/config.ts'
import { type Device, type Experiment, type PresetName, presetNames } from '../experiment/definition.ts'
import { parseDuration } from '../experiment/launch/sbatch.ts'
import { type RunRequest, requestLike } from '../experiment/run/request.ts'
import type { RunRecord } from '../experiment/run/run-folder.ts'
import type { Method } from '../methods/method.ts'
import type { Ranks } from '../train/parallel/index.ts'
import { checkShards } from '../train/parallel/shards.ts'
import type { Shell } from './cli.ts'
import { type LaunchOptions, slurmOptionIn } from './launch-options.ts'
import { firstSeeds, oneOf, wholeNumber } from './words.ts'

/* What the options of `quire run` ask for. */

export interface RunOptions extends LaunchOptions {
  readonly preset?: string
  readonly seeds?: string
  readonly seed?: string
  readonly set?: readonly string[]
  readonly out?: string
  readonly resume?: string
  readonly like?: string
  readonly task?: string
  readonly stopAfter?: string
  readonly device?: string
  readonly shards?: string
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

const refuseTogether = (options: RunOptions, others: readonly (keyof RunOptions)[], why: string): void => {
  const given = others.find((name) => options[name] !== undefined)
  if (!given) return
  const flag = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new InputError(`${why}, without --${flag}`, { where: 'quire run', fix: 'leave one of the two out' })
}

/** A run goes on as it began, and comes again as it was. */
export function refuseContradictions(options: RunOptions): void {
  const fixed = ['preset', 'seeds', 'seed', 'set', 'device', 'shards'] as const
  if (options.resume !== undefined) refuseTogether(options, [...fixed, 'out', 'dryRun', 'like'], '--resume goes on as the run began')
  if (options.like !== undefined) refuseTogether(options, fixed, '--like repeats the run as it was')
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

/** What is asked for, by options or by the run that is to be repeated. */
export function requestOf(
  shell: Shell,
  method: Method,
  experiment: Experiment,
  options: RunOptions,
  { like, ranks }: { like?: RunRecord; ranks?: Ranks },
): RunRequest {
  const command = commandOf(method.name, options)
  if (like) return { ...requestLike(like), folder: options.out, data: dataLike(like, options, shell), command }
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
    command,
  }
}

/** Where the data of a run to repeat are: where it says, or, on another machine, where any run looks. Their hash decides whether they are the same. */
const dataLike = ({ dataFrom }: RunRecord, options: RunOptions, shell: Shell): string | undefined =>
  options.data === undefined && dataFrom !== undefined && existsSync(dataFrom) ? dataFrom : dataFolder(options, shell)

/** The command line again, for the record. */
function commandOf(name: string, { preset, seeds, seed, set = [], out, device, shards, data, like }: RunOptions): string[] {
  const given = Object.entries({ like, preset, seeds, seed, out, device, shards, data }).flatMap(([key, value]) =>
    value === undefined ? [] : [`--${key}`, value],
  )
  return ['quire', 'run', name, ...given, ...set.flatMap((word) => ['--set', word])]
}

const launchers = ['local', 'slurm'] as const

/** Where the run is to go; what only a cluster understands is refused elsewhere. */
export function launcherOf(options: RunOptions): (typeof launchers)[number] {
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
export function stopSignal({ stopAfter }: RunOptions, { terminal }: Shell): AbortSignal {
  if (stopAfter === undefined) return terminal.signal
  return AbortSignal.any([terminal.signal, AbortSignal.timeout(parseDuration('--stop-after', stopAfter) * 1000)])
}
