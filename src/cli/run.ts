import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { InputError } from '../engine/errors.ts'
import { parseSettings } from '../experiment/config.ts'
import { type Device, type Experiment, type PresetName, presetNames } from '../experiment/definition.ts'
import { shellCommand } from '../experiment/format.ts'
import { unknownName } from '../experiment/nearest.ts'
import type { Report } from '../experiment/report/report.ts'
import { findRun } from '../experiment/run/find-run.ts'
import { Interrupted, type RunControl, type RunRequest, requestLike, resumeExperiment, runExperiment } from '../experiment/run/run.ts'
import { type RunRecord, readRun } from '../experiment/run/run-folder.ts'
import type { Method } from '../methods/method.ts'
import type { Shell } from './cli.ts'
import { dryRun } from './dry-run.ts'
import { exitStatus } from './failure.ts'
import { findMethod } from './find-method.ts'
import { progressOn, runProgress } from './progress.ts'
import { agreementOf, type Original, type Repeat, repeatLines } from './repeat.ts'
import { painter } from './style.ts'
import { verdictLines } from './verdicts.ts'

export interface RunOptions {
  readonly preset?: string
  readonly seeds?: string
  readonly seed?: string
  readonly set?: readonly string[]
  readonly out?: string
  readonly resume?: string
  readonly like?: string
  readonly device?: string
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

const refuseTogether = (options: RunOptions, others: readonly (keyof RunOptions)[], why: string): void => {
  const given = others.find((name) => options[name] !== undefined)
  if (!given) return
  const flag = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new InputError(`${why}, without --${flag}`, { where: 'quire run', fix: 'leave one of the two out' })
}

/** A run goes on as it began, and comes again as it was. */
function refuseContradictions(options: RunOptions): void {
  const fixed = ['preset', 'seeds', 'seed', 'set', 'device'] as const
  if (options.resume !== undefined) refuseTogether(options, [...fixed, 'out', 'dryRun', 'like'], '--resume goes on as the run began')
  if (options.like !== undefined) refuseTogether(options, fixed, '--like repeats the run as it was')
}

/** As an absolute path, so that a run can be gone on with from anywhere. */
function dataFolder({ data }: RunOptions, { terminal }: Shell): string | undefined {
  const given = data ?? terminal.env.QUIRE_DATA
  return given ? resolve(given) : undefined
}

function requestOf(shell: Shell, method: Method, experiment: Experiment, options: RunOptions, like?: RunRecord): RunRequest {
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
    about: { title, arxiv, summary },
    command,
  }
}

/** Where the data of a run to repeat are: where it says, or, on another machine, where any run looks. Their hash decides whether they are the same. */
const dataLike = ({ dataFrom }: RunRecord, options: RunOptions, shell: Shell): string | undefined =>
  options.data === undefined && dataFrom !== undefined && existsSync(dataFrom) ? dataFrom : dataFolder(options, shell)

/** The command line again, for the record. */
function commandOf(name: string, { preset, seeds, seed, set = [], out, device, data, like }: RunOptions): string[] {
  const given = Object.entries({ like, preset, seeds, seed, out, device, data }).flatMap(([key, value]) =>
    value === undefined ? [] : [`--${key}`, value],
  )
  return ['quire', 'run', name, ...given, ...set.flatMap((word) => ['--set', word])]
}

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

/** `quire run <method>` */
export async function run(shell: Shell, name: string | undefined, options: RunOptions): Promise<number> {
  const { terminal } = shell
  refuseContradictions(options)
  const { method, original } = subject(shell, name, options)
  const experiment = await method.experiment()
  const request = requestOf(shell, method, experiment, options, original?.run)
  if (options.dryRun) return dryRun(terminal, experiment, request, options.json === true)
  const progress = await progressOn(terminal)
  const control: RunControl = { observer: runProgress(progress), signal: terminal.signal }
  try {
    const { folder, report } =
      options.resume === undefined
        ? await runExperiment(experiment, request, control)
        : await resumeExperiment(experiment, options.resume, { ...control, data: options.data && resolve(options.data) })
    progress.stop()
    const repeat = original && agreementOf(original, folder)
    if (options.json) terminal.out(JSON.stringify({ ...report, folder, ...(repeat && { repeat }) }, null, 2))
    else for (const line of resultLines(report, folder, painter(terminal), repeat)) terminal.out(line)
    return report.exitStatus
  } catch (error) {
    progress.stop()
    if (!(error instanceof Interrupted)) throw error
    return interrupted(shell, method.name, error.folder, options)
  }
}

const resultLines = (report: Report, folder: string, paint: ReturnType<typeof painter>, repeat?: Repeat): string[] => {
  const lines = verdictLines(report, folder, paint)
  return repeat ? [...lines.slice(0, -1), ...repeatLines(repeat), lines.at(-1)!] : lines
}

function interrupted({ terminal }: Shell, method: string, folder: string, { json, data }: RunOptions): number {
  const resume = shellCommand(['quire', 'run', method, '--resume', folder, ...(data === undefined ? [] : ['--data', data])])
  if (json) terminal.out(JSON.stringify({ method, status: 'interrupted', folder, resume }, null, 2))
  terminal.err(`interrupted; go on with: ${resume}`)
  return exitStatus.interrupted
}
