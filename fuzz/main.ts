import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { Campaign } from './campaign.ts'
import { limits } from './case.ts'
import { type Reader, readers } from './readers.ts'
import { type Job, share, sharedMemory } from './share.ts'

const help = `npm run fuzz -- [--cases 5000] [--reader NAME ...] [--seed 1]

Reads damaged files: each must be read or refused with an error that says where, in a second, in memory of four times the file.
What is found is kept in fuzz/found/, where the test suite reads it again.`

/** Runs a TypeScript module: \`import\` is vite's, since Node does not read TypeScript. */
const running = (module: string): string =>
  `import('vite').then((vite) => vite.runnerImport(${JSON.stringify(join(import.meta.dirname, module))}))`

/** How long a file may be read before the reader counts as hanging: it is stopped, and there is no second try. */
const hanging = 20_000

/** A thread for one campaign after another: reading the harness takes longer than many of them. */
const startThread = (): Worker => new Worker(running('worker.ts'), { eval: true })

/** A campaign in a thread, which is stopped where one file keeps it. */
function inThread(worker: Worker, reader: Reader, cases: number, seed: number): Promise<Campaign> {
  const shared = sharedMemory()
  const { begun, current } = share(shared)
  worker.postMessage({ reader: reader.name, cases, seed, shared } satisfies Job)
  return new Promise((resolve, reject) => {
    let last = { count: 0, since: performance.now() }
    const hung = () => {
      void worker.terminate()
      const found = { bytes: current(), error: `was not read in ${hanging / 1000} s` }
      settle(() => resolve({ reader: reader.name, cases: begun(), refused: 0, slowest: hanging / 1000, grown: 0, found }))
    }
    const timer = setInterval(() => {
      if (begun() !== last.count) last = { count: begun(), since: performance.now() }
      else if (last.count > 0 && performance.now() - last.since > hanging) hung()
    }, 100)
    const settle = (then: () => void) => {
      clearInterval(timer)
      worker.off('message', ended).off('error', failed)
      then()
    }
    const ended = (outcome: Campaign) => settle(() => resolve(outcome))
    const failed = (error: Error) => settle(() => reject(error))
    worker.on('message', ended).on('error', failed)
  })
}

/** Keeps what was found as a file that the test suite reads. */
function keep({ reader, found }: Campaign): string {
  const folder = join(import.meta.dirname, 'found', reader)
  const path = join(folder, `${createHash('sha256').update(found!.bytes).digest('hex').slice(0, 12)}.bin`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, found!.bytes)
  return path
}

const thousands = (count: number): string => count.toLocaleString('en')

function report(outcome: Campaign, seconds: number): boolean {
  const { reader, cases, refused, slowest, grown, found } = outcome
  const figures = `${thousands(cases)} files, ${thousands(refused)} refused, slowest ${(1000 * slowest).toFixed(0)} ms, at most ${(grown / 1024).toFixed(0)} KiB, ${seconds.toFixed(0)} s`
  console.log(`${found ? '✗' : '✓'} ${reader}: ${figures}`)
  if (found) console.log(`  ${found.error.split('\n').slice(0, 4).join('\n  ')}\n  kept as ${keep(outcome)}`)
  return !found
}

/** Peak memory for a large file, where the operating system tells it. */
function memoryOf({ name }: Reader): boolean {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', '-e', running('memory.ts'), name], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  const { took, file, content, within } = JSON.parse(stdout)
  const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`
  console.log(`${within ? '✓' : '✗'} ${name}: ${megabytes(took)} for a file of ${megabytes(file)} that holds ${megabytes(content)}`)
  return within
}

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    reader: { type: 'string', multiple: true },
    help: { type: 'boolean' },
  },
})
const unknown = values.reader?.find((name) => !readers.some((reader) => reader.name === name))
const counts = [values.cases, values.seed].map(Number)
if (values.help || unknown || !counts.every((count) => Number.isInteger(count) && count >= 0)) {
  console.error(unknown ? `there is no reader '${unknown}'; known: ${readers.map(({ name }) => name).join(', ')}` : help)
  process.exit(values.help ? 0 : 2)
}
const chosen = readers.filter(({ name }) => values.reader?.includes(name) ?? true)
const [cases, seed] = counts
const outcomes: boolean[] = []

console.log(`seed ${seed}; a second a file, and ${limits.timesTheFile} times its size`)
if (existsSync('/proc/self/clear_refs')) for (const reader of chosen) if (reader.large) outcomes.push(memoryOf(reader))

const queue = [...chosen]
const work = async (): Promise<void> => {
  let worker = startThread()
  for (let reader = queue.shift(); reader; reader = queue.shift()) {
    const begun = performance.now()
    const outcome = await inThread(worker, reader, Math.ceil(cases / (reader.share ?? 1)), seed)
    outcomes.push(report(outcome, (performance.now() - begun) / 1000))
    if (outcome.slowest * 1000 >= hanging) worker = startThread()
  }
  await worker.terminate()
}
await Promise.all(Array.from({ length: Math.min(availableParallelism(), chosen.length) }, work))
const failed = outcomes.filter((good) => !good).length
console.log(`${outcomes.length - failed} passed, ${failed} failed`)
process.exitCode = failed ? 1 : 0
