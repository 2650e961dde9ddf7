// How long `quire runs` takes for many runs: makes a tree of realistic run folders, then times whole processes.
//   node bench/runs.mjs [--runs 40000] [--folder DIR]
// With DIR the tree is kept and used again. Cold means that Linux has dropped its caches, which only root can ask for.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { runs: { type: 'string', default: '40000' }, folder: { type: 'string' } } })
const count = Number(values.runs)
const root = resolve(values.folder ?? mkdtempSync(join(tmpdir(), 'quire-runs-')))
const cli = resolve(import.meta.dirname, '..', 'dist', 'cli', 'main.js')
const quire = (...argv) =>
  spawnSync(process.execPath, [cli, ...argv], { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 2 ** 28 })

/** Files of a real run, changed a little for each copy. */
function generate() {
  const template = mkdtempSync(join(tmpdir(), 'quire-template-'))
  const out = join(template, 'run')
  if (quire('run', 'ramda', '--preset', 'smoke', '--out', out).status !== 0) throw new Error('the template run failed')
  const [run, report] = ['run.json', 'report.json'].map((name) => JSON.parse(readFileSync(join(out, name), 'utf8')))
  for (let i = 0; i < count; i++) writeRun(run, report, i)
  rmSync(template, { recursive: true })
}

const verdicts = ['holds', 'holds', 'holds', 'fails', 'undecided']

function writeRun(run, report, i) {
  const id = `20260101-${String(i).padStart(6, '0')}-${((i * 2654435761) % 2 ** 24).toString(16).padStart(6, '0')}`
  const folder = join(root, ['ramda', 'prgd', 'r2et', 'forward-frank-wolfe'][i % 4], id)
  const method = ['ramda', 'prgd', 'r2et', 'forward-frank-wolfe'][i % 4]
  const lambda = 10 ** -(2 + (i % 30) / 10)
  const config = { ...run.config, lambda }
  mkdirSync(folder, { recursive: true })
  const common = { method, id, preset: 'small', config, settings: { lambda } }
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...run, ...common, status: i % 400 === 399 ? 'running' : 'complete' }, null, 2))
  if (i % 400 === 399) return
  const verdict = verdicts[i % 5]
  const claims = ['sparsity', 'accuracy', 'stable'].map((claim, k) => ({
    id: claim,
    statement: 'A claim as long as claims are, of a method and what it is compared with',
    measured: { mean: 0.9 + (i % 97) / 1000 + k / 100, ci95: [0.89, 0.99], n: 3, values: [0.9, 0.91, 0.92], seeds: [0, 1, 2] },
    paper: { value: 1, unit: 'share', where: 'Table 1' },
    baseline: { name: 'SGD', mean: 0.8, ci95: [0.7, 0.9], values: [0.8, 0.8, 0.8] },
    threshold: 0.9,
    direction: 'atLeast',
    verdict,
  }))
  const [first, ...arms] = report.arms
  const measurements = { ...first.measurements, accuracy: { ...first.measurements.accuracy, mean: 0.85 + (i % 1499) / 10000 } }
  const outcome = { outcome: verdict, exitStatus: { holds: 0, fails: 1, undecided: 3 }[verdict] }
  writeFileSync(
    join(folder, 'report.json'),
    JSON.stringify({ ...report, ...common, ...outcome, claims, arms: [{ ...first, measurements }, ...arms] }, null, 2),
  )
}

const dropIndex = () => rmSync(join(root, '.quire'), { recursive: true, force: true })

function dropCaches() {
  spawnSync('sync')
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3')
    return true
  } catch {
    return false
  }
}

/** Seconds of a whole process; the median of so many. */
function timed(times, argv, before = () => {}) {
  const seconds = []
  let lines = 0
  for (let i = 0; i < times; i++) {
    before()
    const begun = performance.now()
    const { status, stdout, stderr } = quire('runs', root, ...argv)
    seconds.push((performance.now() - begun) / 1000)
    if (status !== 0) throw new Error(stderr)
    lines = stdout.split('\n').length
  }
  return { seconds: seconds.sort((a, b) => a - b)[seconds.length >> 1], lines }
}

/** As if so many runs had been written since. */
function touch(runs) {
  const now = new Date()
  for (const id of readdirSync(join(root, 'ramda')).slice(0, runs)) utimesSync(join(root, 'ramda', id, 'report.json'), now, now)
}

if (!existsSync(join(root, 'ramda'))) generate()
const rows = []
const row = (name, { seconds, lines }) => {
  rows.push([name, seconds])
  console.log(`${name.padEnd(72)} ${seconds.toFixed(2)} s   ${lines} lines`)
}
console.log(`${count} runs under ${root}, ${cpus().length} × ${cpus()[0].model}, Node ${process.versions.node}`)
row('without an index: every run.json and report.json is read', timed(1, [], dropIndex))
row('with the index', timed(5, []))
row(
  'with the index, 100 reports changed since',
  timed(1, [], () => touch(100)),
)
row(
  '--method ramda --verdict holds --sort -accuracy --limit 20',
  timed(3, ['--method', 'ramda', '--verdict', 'holds', '--sort', '-accuracy', '--limit', '20']),
)
row(`--where "method = 'ramda' and accuracy > 0.9"`, timed(3, ['--where', "method = 'ramda' and accuracy > 0.9"]))
row(
  '--sql "SELECT claim, verdict, count(*) AS n FROM claims GROUP BY ALL"',
  timed(3, ['--sql', 'SELECT claim, verdict, count(*) AS n FROM claims GROUP BY ALL']),
)
if (dropCaches()) {
  row('cold, with the index', timed(3, [], dropCaches))
  row(
    'cold, without an index',
    timed(1, [], () => dropIndex() || dropCaches()),
  )
}
if (!values.folder) rmSync(root, { recursive: true })
