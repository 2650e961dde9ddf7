// Kills runs with kill -9 at random moments, resumes them, and compares with a run that was left alone:
//   npm run test:kill -- [--times 100] [--method X] [--seed S] [--workers 2] [--table FILE]
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import cliProgress from 'cli-progress'
import { runnerImport } from 'vite'

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '5' },
    method: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    workers: { type: 'string', default: '1' },
    table: { type: 'string' },
  },
})
const times = Number(values.times)
const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const load = async (name) => (await runnerImport(path(`src/${name}`))).module
const { comparable } = await load('experiment/testing/comparable.ts')
const { differenceOf, draws } = await load('experiment/testing/sweep.ts')
const { tiny } = await load('cli/testing/tiny.ts')
const { methods } = await import('../dist/methods/index.js')
const random = draws(Number(values.seed))

const env = { ...process.env, QUIRE_CHECKPOINT_SECONDS: '0', QUIRE_WORKERS: values.workers }

/** Runs or resumes, and kills the whole group of processes after so many milliseconds unless it ended before. */
function go(method, folder, killAfter) {
  return new Promise((resolve, reject) => {
    const argv = [path('scripts/kill-child.mjs'), method, folder, JSON.stringify(tiny[method] ?? { settings: [] })]
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

/** Units that train side by side log in turns: then the order of lines is no part of what is compared. */
function contentOf(folder) {
  const content = comparable(folder)
  if (values.workers === '1') return content
  return { ...content, 'metrics.jsonl': content['metrics.jsonl'].split('\n').sort().join('\n') }
}

/** How often a run was killed, and what differs in the end, if anything. */
async function killed(method, folder, expected, milliseconds) {
  let kills = 0
  try {
    // The first moment lies anywhere in the life of a run; every other run is killed again, and again.
    do if (await go(method, folder, random() * milliseconds)) kills++
    while (random() < 0.5)
    await go(method, folder)
    return { kills, difference: differenceOf(contentOf(folder), expected) }
  } catch (error) {
    return { kills, difference: error.message }
  }
}

/** Ctrl-C ends it with what it has found so far. */
let stopped = false
process.once('SIGINT', () => (stopped = true))
process.once('SIGTERM', () => (stopped = true))

const total = { runs: 0, kills: 0, failures: [] }
const rows = []
const chosen = methods.map(({ name }) => name).filter((name) => values.method === undefined || name === values.method)
console.log(`seed ${values.seed}: npm run test:kill -- --times ${times} --seed ${values.seed} --workers ${values.workers}`)
for (const method of chosen) {
  if (stopped) break
  const root = mkdtempSync(join(tmpdir(), 'quire-kill-'))
  const whole = join(root, 'whole')
  await go(method, whole) // the first one also warms the caches
  const begun = performance.now()
  await go(method, join(root, 'again'))
  const milliseconds = performance.now() - begun
  const expected = contentOf(whole)
  const unlike = differenceOf(contentOf(join(root, 'again')), expected)
  const failures = unlike ? [`undisturbed runs differ: ${unlike}`] : []
  const bar = new cliProgress.SingleBar({ format: `${method} {bar} {value}/{total}`, noTTYOutput: false, stream: process.stderr })
  bar.start(times, 0)
  let kills = 0
  let runs = 0
  for (; runs < times && !stopped; runs++) {
    const folder = join(root, `run-${runs}`)
    const tried = await killed(method, folder, expected, milliseconds)
    kills += tried.kills
    if (tried.difference) failures.push(`${folder}: ${tried.difference}`)
    else if (existsSync(folder)) rmSync(folder, { recursive: true })
    bar.update(runs + 1)
  }
  bar.stop()
  console.log(`${method.padEnd(20)} ${runs} runs killed ${kills} times, ${failures.length} differences`)
  for (const failure of failures) console.log(`  ${failure}`)
  rows.push({ method, workers: Number(values.workers), runs, kills, differences: failures.length })
  if (!failures.length) rmSync(root, { recursive: true })
  total.runs += runs
  total.failures.push(...failures)
}
if (values.table) writeTable(values.table)
console.log(`${total.runs - Math.min(total.runs, total.failures.length)} passed, ${total.failures.length} failed`)
process.exit(total.failures.length ? 1 : 0)

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
