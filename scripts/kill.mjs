// Kills runs with kill -9 at random moments, resumes them, and compares with a run that was left alone:
//   npm run test:kill -- [--times 100] [--method X | --sample N] [--seed S] [--workers 1|2] [--table FILE]
// A run says which commit and modules it ran on: leave the checkout and dist/ alone meanwhile.
// Of each method, or of so many drawn ones, so many runs, every other one with two units at a time in two worker threads unless --workers says how many.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runnerImport } from 'vite'
import { drawn, sampleOptions } from './drawn.mjs'

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '2' },
    method: { type: 'string' },
    workers: { type: 'string' },
    table: { type: 'string' },
    ...sampleOptions,
  },
})
const started = performance.now()
const times = Number(values.times)
const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const load = async (name) => (await runnerImport(path(`src/${name}`))).module
const { comparable } = await load('experiment/testing/comparable.ts')
const { differenceOf, draws } = await load('experiment/testing/sweep.ts')
const { tiny } = await load('cli/testing/tiny.ts')
const { methods } = await import('../dist/methods/index.js')
const threads = values.workers ? [Number(values.workers)] : [1, 2]

/** Runs or resumes, and kills the whole group of processes after so many milliseconds unless it ended before. */
function go(method, folder, workers, killAfter) {
  return new Promise((resolve, reject) => {
    const argv = [path('scripts/kill-child.mjs'), method, folder, JSON.stringify(tiny[method] ?? { settings: [] })]
    // A cache of its own: it would train nothing that another run has trained.
    const env = { ...process.env, QUIRE_CHECKPOINT_SECONDS: '0', QUIRE_WORKERS: String(workers), XDG_CACHE_HOME: `${folder}-cache` }
    const child = spawn(process.execPath, argv, { detached: true, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let err = ''
    child.stderr.on('data', (bytes) => (err += bytes))
    const timer = killAfter === undefined ? undefined : setTimeout(() => process.kill(-child.pid, 'SIGKILL'), killAfter)
    child.on('close', (status, signal) => {
      clearTimeout(timer)
      if (signal === 'SIGKILL' || status === 0) resolve(signal === 'SIGKILL')
      else reject(new Error(`${method} in ${folder} ended with ${status}: ${err.trim()}`))
    })
  })
}

/** Units that train side by side log in turns: the order of lines is no part of what is compared, nor how many did. */
function contentOf(folder) {
  const content = comparable(folder)
  return {
    ...content,
    'metrics.jsonl': content['metrics.jsonl'].split('\n').sort().join('\n'),
    'report.json': content['report.json'].replace(/"atATime":\d+,/, ''),
  }
}

/** How often a run was killed, and what differs in the end, if anything. */
async function killed(method, folder, workers, { expected, milliseconds, random }) {
  let kills = 0
  try {
    // The first moment lies anywhere in the life of a run; every other run is killed again, and again.
    do if (await go(method, folder, workers, random() * milliseconds)) kills++
    while (random() < 0.5)
    await go(method, folder, workers)
    return { kills, difference: differenceOf(contentOf(folder), expected) }
  } catch (error) {
    return { kills, difference: error.message }
  }
}

/** Ctrl-C ends it with what it has found so far. */
let stopped = false
process.once('SIGINT', () => (stopped = true))
process.once('SIGTERM', () => (stopped = true))

const total = { runs: 0, failures: 0 }
const rows = []

async function killMethod(method, random) {
  const root = mkdtempSync(join(tmpdir(), 'quire-kill-'))
  const begun = performance.now()
  await go(method, join(root, 'whole'), 1)
  const milliseconds = performance.now() - begun
  const expected = contentOf(join(root, 'whole'))
  const failures = []
  const found = threads.map((workers) => ({ method, workers, runs: 0, kills: 0, differences: 0 }))
  for (let run = 0; run < times && !stopped; run++) {
    const folder = join(root, `run-${run}`)
    const row = found[run % found.length]
    const { kills, difference } = await killed(method, folder, row.workers, { expected, milliseconds, random })
    row.runs++
    row.kills += kills
    if (difference) {
      row.differences++
      failures.push(`${folder}: ${difference}`)
    } else if (existsSync(folder)) rmSync(folder, { recursive: true })
  }
  for (const { workers, runs, kills, differences } of found)
    console.log(`${method.padEnd(20)} ${workers} at a time, runs: ${runs}, times killed: ${kills}, differences: ${differences}`)
  for (const failure of failures) console.log(`  ${failure}`)
  if (!failures.length) rmSync(root, { recursive: true })
  rows.push(...found.filter(({ runs }) => runs > 0))
  total.runs += found.reduce((sum, { runs }) => sum + runs, 0)
  total.failures += failures.length
}

const named = methods.map(({ name }) => name).filter((name) => values.method === undefined || name === values.method)
if (!named.length || !(times > 0)) {
  console.error(`test:kill: methods are ${methods.map(({ name }) => name).join(', ')}; --times is a number from 1 on`)
  process.exit(2)
}
console.log(`moments drawn by --seed ${values.seed}`)
const queue = drawn(named, values)
async function lane() {
  for (let method = queue.shift(); method && !stopped; method = queue.shift())
    await killMethod(method, draws(Number(values.seed) + named.indexOf(method)))
}
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, lane))
if (values.table) writeTable(values.table)
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`)
console.log(`${total.runs - Math.min(total.runs, total.failures)} passed, ${total.failures} failed`)
process.exit(total.failures ? 1 : 0)

/** Between `<!-- kills -->` and `<!-- /kills -->` of a document; rows of other methods and numbers of workers stay. */
function writeTable(file) {
  const text = readFileSync(file, 'utf8')
  const [, old] = /<!-- kills -->\n([\s\S]*?)<!-- \/kills -->/.exec(text)
  const lines = new Map(old.split('\n').flatMap((line) => (/^\| `/.test(line) ? [[line.split('|').slice(1, 3).join('|'), line]] : [])))
  for (const { method, workers, runs, kills, differences } of rows) {
    const line = `| \`${method}\` | ${workers} | ${runs} | ${kills} | ${differences} |`
    lines.set(line.split('|').slice(1, 3).join('|'), line)
  }
  const table = [
    '| method | units at a time | runs | times killed | differences |',
    '|---|---|---|---|---|',
    ...[...lines.values()].sort(),
  ].join('\n')
  writeFileSync(file, text.replace(/<!-- kills -->\n[\s\S]*?<!-- \/kills -->/, `<!-- kills -->\n${table}\n<!-- /kills -->`))
}
