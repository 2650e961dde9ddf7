import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Experiment } from '../src/experiment/definition.ts'
import { buildReport, resultsOf } from '../src/experiment/report/report.ts'
import { checkpointStore } from '../src/experiment/run/checkpoints.ts'
import { checkItems } from '../src/experiment/run/items.ts'
import { damageOf, readManifest } from '../src/experiment/run/manifest.ts'
import { countObservations } from '../src/experiment/run/metrics.ts'
import { runExperiment } from '../src/experiment/run/run.ts'
import { finishedUnits, pathsOf, readRun } from '../src/experiment/run/run-folder.ts'
import { listRuns } from '../src/experiment/run/run-list.ts'
import { trimToCheckpoints } from '../src/experiment/run/unit.ts'
import { walk } from '../src/experiment/testing/walk.ts'
import type { Reader } from './readers.ts'

interface Made {
  readonly root: string
  readonly folder: string
  readonly definition: Experiment
  /** Every file as the run left it, by its path. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** A whole run folder: its files are damaged one at a time. */
async function make(): Promise<Made> {
  const root = mkdtempSync(join(tmpdir(), 'quire-fuzz-run-'))
  process.on('exit', () => rmSync(root, { recursive: true, force: true }))
  const definition = walk()
  const request = { preset: 'small', seeds: [0], settings: { steps: 5 }, folder: join(root, 'walk', 'run') } as const
  const { folder } = await runExperiment(definition, request)
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
  return {
    root,
    folder,
    definition,
    files: new Map(paths.filter((path) => statSync(path).isFile()).map((path) => [path, readFileSync(path)])),
  }
}

/** What reading has removed or shortened is put back. */
function restore({ files }: Made): void {
  for (const [path, bytes] of files) if (statSync(path, { throwIfNoEntry: false })?.size !== bytes.length) writeFileSync(path, bytes)
}

/** All that is read of a run folder: the list of runs, the units and their items, the verdicts, the checksums. */
async function readAll({ root, folder, definition }: Made): Promise<void> {
  listRuns(root) // says what is wrong, and throws nothing
  const run = readRun(folder)
  const units = finishedUnits(folder, run)
  for (const unit of units) checkItems(definition, folder, unit)
  // Reports are made of complete runs only.
  if (run.data && units.length === run.units.length) buildReport(definition, run, resultsOf(definition, folder, run), [])
  const manifest = readManifest(folder)
  if (manifest) damageOf(folder, manifest)
}

/** What is read of a unit that goes on: its newest checkpoint, and what it had logged. */
async function goOn({ folder }: Made): Promise<void> {
  const { checkpoints, metrics } = pathsOf(folder)
  const [unit] = unitNames(folder)
  trimToCheckpoints(folder, readRun(folder), () => {})
  checkpointStore(
    checkpoints,
    unit,
    () => countObservations(metrics, unit),
    () => {},
  ).newest()
}

const unitNames = (folder: string): string[] => readdirSync(pathsOf(folder).units).map((name) => name.replace(/\.json$/, ''))

function file(name: string, pathIn: (folder: string) => string, read: (made: Made) => Promise<void>): Reader {
  let making: Promise<Made> | undefined
  let path: string
  return {
    name,
    text: !name.endsWith('safetensors'),
    share: 7,
    words: ['"status":"complete"', '"units":', '"seed":', '"claims":', '"sha256":', '"path":"../../', '__proto__', 'true', '-', '"'],
    async good() {
      making ??= make()
      const { folder, files } = await making
      path = pathIn(folder)
      return [files.get(path)!]
    },
    async read(bytes) {
      const made = await making!
      writeFileSync(path, bytes)
      try {
        await read(made)
      } finally {
        writeFileSync(path, made.files.get(path)!)
        restore(made)
      }
    },
  }
}

const newestIn = (folder: string, ending: string): string => {
  const { checkpoints } = pathsOf(folder)
  return join(checkpoints, readdirSync(checkpoints).find((name) => name.startsWith(unitNames(folder)[0]) && name.endsWith(ending))!)
}

/** The files of a run folder, each read as the commands read it. */
export const runFolders: readonly Reader[] = [
  file('run.json', (folder) => pathsOf(folder).run, readAll),
  file('unit.json', (folder) => join(pathsOf(folder).units, `${unitNames(folder)[0]}.json`), readAll),
  file('report.json', (folder) => join(folder, 'report.json'), readAll),
  file('manifest.json', (folder) => join(folder, 'manifest.json'), readAll),
  file('metrics.jsonl', (folder) => pathsOf(folder).metrics, goOn),
  file('checkpoint.json', (folder) => newestIn(folder, '.json'), goOn),
  file('checkpoint.safetensors', (folder) => newestIn(folder, '.safetensors'), goOn),
]
