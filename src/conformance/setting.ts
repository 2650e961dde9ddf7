import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { VerbGroup } from '../cli/toolboxes.ts'
import { configureRuntime } from '../engine/runtime/runtime.ts'
import type { Method } from '../methods/method.ts'
import { type Ended, quire } from './command.ts'
import { type Examples, examplesOf } from './examples.ts'
import { runHere } from './runs.ts'

/** Where checks work, and what several of them look at, made once. */
export interface Setting {
  /** The repository, which holds `src/methods/<name>/README.md`. */
  readonly repository: string
  /** The checkout whose `dist/` is the package that code blocks import. */
  readonly built: string
  /** A new empty folder. */
  scratch(): string
  /** The smoke run of a method by the command line, as anybody would start it. */
  smoke(method: Method): Promise<SmokeRun>
  /** The same in this thread, one unit after another. */
  undisturbed(method: Method): Promise<UndisturbedRun>
  /** The examples of all verbs, run in one folder. */
  examples(group: VerbGroup): Promise<Examples>
}

export interface SmokeRun extends Ended {
  readonly folder: string
  /** A file with a line for each graph that it compiled. */
  readonly graphs: string
  /** On the clock. */
  readonly seconds: number
  /** Of the processor, all threads together. */
  readonly processorSeconds: number
}

export interface UndisturbedRun {
  readonly folder: string
  /** How often its units said how far they were. */
  readonly steps: number
}

/**
 * A setting in a temporary folder that `close` removes. Data come from generators, whatever lies about on the machine, so that findings do not
 * depend on it.
 */
export function makeSetting(repository: string): Setting & { close(): void } {
  const root = mkdtempSync(join(tmpdir(), 'quire-conformance-'))
  Object.assign(process.env, { QUIRE_OFFLINE: '1', XDG_CACHE_HOME: join(root, 'cache') })
  delete process.env.QUIRE_DATA
  // As many threads as a worker's runtime has: their number is a part of the numbers.
  configureRuntime({ threads: 1 })
  const scratch = () => mkdtempSync(join(root, 'work-'))
  return {
    repository,
    built: repository,
    scratch,
    smoke: once((method: Method) => smokeRun(method, scratch())),
    undisturbed: once((method: Method) => undisturbedRun(method, scratch())),
    examples: once((group: VerbGroup) => examplesOf(group, scratch())),
    close: () => rmSync(root, { recursive: true, force: true }),
  }
}

function once<G, T>(make: (group: G) => Promise<T>): (group: G) => Promise<T> {
  const made = new Map<G, Promise<T>>()
  return (group) => made.get(group) ?? made.set(group, make(group)).get(group)!
}

async function smokeRun(method: Method, work: string): Promise<SmokeRun> {
  const [begun, before] = [performance.now(), process.cpuUsage()]
  const graphs = join(work, 'graphs')
  // One unit after another, so that what is compiled depends on the code alone.
  const { QUIRE_GRAPHS, QUIRE_WORKERS } = process.env
  Object.assign(process.env, { QUIRE_GRAPHS: graphs, QUIRE_WORKERS: '1' })
  const ended = await quire(method, ['run', method.name, '--preset', 'smoke', '--out', 'run', '--json'], work)
  for (const [name, own] of Object.entries({ QUIRE_GRAPHS, QUIRE_WORKERS })) {
    if (own === undefined) delete process.env[name]
    else process.env[name] = own
  }
  const { user, system } = process.cpuUsage(before)
  return {
    ...ended,
    folder: join(work, 'run'),
    graphs,
    seconds: (performance.now() - begun) / 1000,
    processorSeconds: (user + system) / 1e6,
  }
}

async function undisturbedRun(method: Method, work: string): Promise<UndisturbedRun> {
  let steps = 0
  const observer = { progress: () => void steps++ }
  return { folder: await runHere(await method.experiment(), work, { control: { observer } }), steps }
}
