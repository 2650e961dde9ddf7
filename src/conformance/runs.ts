import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { PlainObject } from '../experiment/config.ts'
import type { Experiment } from '../experiment/index.ts'
import { isOfTheMachine } from '../experiment/run/machine.ts'
import type { RunControl } from '../experiment/run/request.ts'
import { resumeExperiment, runExperiment } from '../experiment/run/run.ts'
import { finishedUnits, readRun, type StoredUnit } from '../experiment/run/run-folder.ts'
import { inFolder } from './command.ts'

/** Units one after another in this thread. */
const inThisThread = (definition: Experiment): Experiment => ({ ...definition, workers: undefined })

/** A smoke run in this process: `work` is the working folder, the run goes to `run` in it. */
export async function runHere(
  definition: Experiment,
  work: string,
  { seeds = [0], settings, control = {} }: { seeds?: readonly number[]; settings?: PlainObject; control?: RunControl } = {},
): Promise<string> {
  const folder = join(work, 'run')
  await inFolder(work, () => runExperiment(inThisThread(definition), { preset: 'smoke', folder, seeds, settings }, control))
  return folder
}

export const resumeHere = (definition: Experiment, work: string, control: RunControl = {}) =>
  inFolder(work, () => resumeExperiment(inThisThread(definition), join(work, 'run'), control))

/** The finished units of a run folder. */
export const unitsIn = (folder: string): StoredUnit[] => finishedUnits(folder, readRun(folder))

const numbersOnly = (text: string): string => JSON.stringify(JSON.parse(text), (key, value) => (isOfTheMachine(key) ? undefined : value))

/** Observations have their names beside their values. */
const isNumber = (line: string): boolean => !isOfTheMachine((JSON.parse(line) as { name?: string }).name ?? '')

/** The SHA-256 of each file that holds numbers of a run: units, observations, what units stored. */
export function hashesOf(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /^(units|items|artifacts\/[^/]+)\/|^metrics\.jsonl$/.test(name) && statSync(join(folder, name)).isFile())
  return new Map(
    names.sort().map((name) => [
      name,
      createHash('sha256')
        .update(contentOf(join(folder, name)))
        .digest('hex'),
    ]),
  )
}

function contentOf(path: string): Uint8Array | string {
  const bytes = readFileSync(path)
  if (path.endsWith('.json')) return numbersOnly(bytes.toString('utf8'))
  if (!path.endsWith('.jsonl')) return bytes
  // Units that train side by side write their observations in turns.
  const lines = bytes.toString('utf8').split('\n').filter(Boolean)
  return lines
    .filter(isNumber)
    .map(numbersOnly)
    .map((line) => [(JSON.parse(line) as { unit?: string }).unit ?? '', line])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .join('\n')
}

/** The files in which two runs differ. */
export function differences(one: string, other: string): string[] {
  const [a, b] = [hashesOf(one), hashesOf(other)]
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name))
}

/** The first few, and how many more. */
export const listed = (names: readonly string[]): string =>
  names.length > 4 ? `${names.slice(0, 4).join(', ')} and ${names.length - 4} more` : names.join(', ')
