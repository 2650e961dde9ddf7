import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../engine/errors.ts'
import type { ExportControl } from '../experiment/export/control.ts'
import { type ExportedRun, readExportedRun } from '../experiment/export/exported-run.ts'
import { exportMlflow } from '../experiment/export/mlflow/mlflow.ts'
import { MlflowServer } from '../experiment/export/mlflow/server.ts'
import { exportTables } from '../experiment/export/tables/export-tables.ts'
import { type TableName, tableNames } from '../experiment/export/tables/tables.ts'
import { exportTensorboard } from '../experiment/export/tensorboard/tensorboard.ts'
import { shellCommand } from '../experiment/format.ts'
import { unknownName } from '../experiment/nearest.ts'
import { readRun } from '../experiment/run/run-folder.ts'
import { listRuns } from '../experiment/run/run-list.ts'
import type { Shell } from './cli.ts'
import { exitStatus } from './failure.ts'
import { progressOn } from './progress.ts'

export interface ExportOptions {
  /** The kind, and where to: all words after `--to`. */
  readonly to?: readonly string[]
  readonly table?: string
  readonly timeout?: string
  readonly json?: boolean
}

const kinds = ['tensorboard', 'mlflow', 'csv', 'jsonl'] as const
type Kind = (typeof kinds)[number]

interface Destination {
  readonly kind: Kind
  readonly target?: string
}

const examples: Record<Kind, string> = {
  tensorboard: '--to tensorboard logs/',
  mlflow: '--to mlflow http://127.0.0.1:5000',
  csv: '--to csv tables/',
  jsonl: '--to jsonl tables/',
}

function destinationOf({ to = [] }: ExportOptions): Destination {
  const [typed, target, extra] = to
  if (typed === undefined)
    throw new InputError('it needs --to', {
      where: 'quire export',
      fix: `for example ${Object.values(examples).slice(0, 3).join(', or ')}`,
    })
  const kind = kinds.find((name) => name === typed)
  if (!kind) throw unknownName('kind of export', typed, kinds, '--to')
  if (extra !== undefined)
    throw new InputError(`'${extra}' is one word too many`, {
      where: `--to ${kind}`,
      fix: `runs stand before --to: quire export ${extra} ${examples[kind]}`,
    })
  const tables = kind === 'csv' || kind === 'jsonl'
  if (!tables && (target === undefined || target === '-'))
    throw new InputError('it does not say where to', { where: `--to ${kind}`, fix: `for example ${examples[kind]}` })
  if (kind !== 'mlflow' && target !== undefined && existsSync(join(target, 'run.json')))
    throw new InputError('that is a run folder', { where: target, fix: `runs stand before --to: quire export ${target} ${examples[kind]}` })
  return { kind, target: target === '-' ? undefined : target }
}

/** The folders that were meant: a run, or all runs under a folder; without words all complete ones under runs/. */
function foldersOf(words: readonly string[], notice: (line: string) => void): string[] {
  if (words.length) return [...new Set(words.flatMap(runsAt))]
  const all = listRuns('runs')
  const complete = all.filter(({ status }) => status === 'complete').map(({ folder }) => folder)
  if (complete.length < all.length)
    notice(`${all.length - complete.length} runs are not complete and left out; name them to export what they have`)
  if (!complete.length) throw new InputError('there is no complete run', { where: 'runs', fix: 'quire run <method> makes one' })
  return complete
}

function runsAt(folder: string): string[] {
  const found = existsSync(join(folder, 'run.json'))
    ? [folder]
    : listRuns(folder)
        .filter(({ status }) => status !== 'damaged')
        .map((run) => run.folder)
  if (!found.length) readRun(folder)
  return found
}

/** With the method's own definition, where this quire has it. */
async function load(folder: string, { methods }: Shell): Promise<ExportedRun> {
  const method = methods.find(({ name }) => name === readRun(folder).method)
  return readExportedRun(folder, await method?.experiment())
}

function timeoutOf({ timeout = '30' }: ExportOptions): number {
  const seconds = Number(timeout)
  if (!(seconds > 0 && seconds <= 3600))
    throw new InputError(`'${timeout}' is no number of seconds`, { where: '--timeout', fix: 'for example --timeout 60' })
  return seconds
}

function tableOf({ table }: ExportOptions): TableName | undefined {
  if (table === undefined) return undefined
  const found = tableNames.find((name) => name === table)
  if (!found) throw unknownName('table', table, tableNames, '--table')
  return found
}

/** What was exported: for people as lines, for programs as a document. */
interface Summary {
  readonly exported: readonly object[]
  readonly lines: readonly string[]
}

type Work = (
  shell: Shell,
  runs: readonly ExportedRun[],
  destination: Destination,
  options: ExportOptions,
  control: ExportControl,
) => Promise<Summary>

/** One run after another, each with its share of the bar. */
async function eachRun<T extends object>(
  runs: readonly ExportedRun[],
  control: ExportControl,
  one: (run: ExportedRun, control: ExportControl) => Promise<T>,
): Promise<T[]> {
  const done: T[] = []
  for (const run of runs) {
    const progress: ExportControl['progress'] = (fraction, text) => control.progress((done.length + fraction) / runs.length, text)
    done.push(await one(run, { ...control, progress }))
  }
  return done
}

const toTensorboard: Work = async (_, runs, { target = '' }, __, control) => {
  const exported = await eachRun(runs, control, (run, own) => exportTensorboard(run, target, own))
  const lines = exported.map(
    ({ run, units, scalars, images, folder }) => `${run}: ${units} units, ${scalars} scalars, ${images} images in ${folder}`,
  )
  return { exported, lines: [...lines, `see them: ${shellCommand(['tensorboard', '--logdir', target])}`] }
}

const toMlflow: Work = async ({ terminal }, runs, { target = '' }, options, control) => {
  const { notice, signal } = control
  const server = new MlflowServer(target, { env: terminal.env, timeout: timeoutOf(options), notice, signal })
  const exported = await eachRun(runs, control, (run, own) => exportMlflow(run, server, own))
  const lines = exported.map(
    ({ run, units, observations, artifacts, runId }) =>
      `${run}: ${units} nested runs, ${observations} new points, ${artifacts} files; run ${runId}`,
  )
  return { exported, lines: [...lines, `see them: ${server.address}`] }
}

const toTables: Work = async ({ terminal }, runs, { kind, target }, options, control) => {
  const exported = await exportTables(
    { runs, format: kind as 'csv' | 'jsonl', target, table: tableOf(options), out: (lines) => terminal.out(lines) },
    control,
  )
  return { exported, lines: exported.flatMap(({ file, rows }) => (file ? [`${rows} rows in ${file}`] : [])) }
}

const works: Record<Kind, Work> = { tensorboard: toTensorboard, mlflow: toMlflow, csv: toTables, jsonl: toTables }

/** `quire export [RUN …] --to <kind> [TARGET]` */
export async function exportRuns(shell: Shell, words: readonly string[], options: ExportOptions): Promise<number> {
  const { terminal } = shell
  const destination = destinationOf(options)
  if (options.json && (destination.kind === 'csv' || destination.kind === 'jsonl') && destination.target === undefined)
    throw new InputError('the table goes to standard output already', { where: '--json', fix: 'leave it out, or name a file or folder' })
  const progress = await progressOn(terminal)
  const control: ExportControl = {
    progress: (fraction, text) => progress.show(fraction, text),
    notice: (line) => progress.line(line),
    signal: terminal.signal,
  }
  try {
    const runs: ExportedRun[] = []
    for (const folder of foldersOf(words, control.notice)) runs.push(await load(folder, shell))
    const { exported, lines } = await works[destination.kind](shell, runs, destination, options, control)
    progress.stop()
    if (options.json) terminal.out(JSON.stringify({ to: destination.kind, target: destination.target ?? null, exported }, null, 2))
    else for (const line of lines) terminal.out(line)
    return exitStatus.ok
  } catch (error) {
    progress.stop()
    if (!terminal.signal.aborted) throw error
    terminal.err('interrupted; the same command goes on')
    return exitStatus.interrupted
  }
}
