// npm run test:mpi: what docs/parallel.md promises, with a real mpirun. Needs `npm run build`. A word on the command line: only tests with it in their names.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compared } from '../contents.mjs'
import { hasMpi, isAlive, launch, until } from './launched.mjs'

if (!hasMpi()) {
  console.log('SKIPPED: the tests under mpirun, for want of it (Debian: apt-get install -y openmpi-bin)')
  process.exit(0)
}

const root = mkdtempSync(join(tmpdir(), 'quire-mpi-'))
const quire = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js')
const steps = join(import.meta.dirname, 'steps.mjs')
const folder = (name) => join(root, name)

/** A run of every arm, with little to do in each. */
const small = [
  '--preset',
  'smoke',
  '--set',
  'examples=128',
  '--set',
  'epochs.logreg=2',
  '--set',
  'epochs.mlp=2',
  '--set',
  'minimizerIterations=5',
]
/** The same for longer than any of these tests waits. */
const endless = ['--preset', 'smoke', '--set', 'epochs.logreg=100000']
const ramda = (...words) => [quire, 'run', 'ramda', ...words]

/** Seconds within which all ranks must have ended after one of them has. */
const promised = 10

const only = process.argv[2]
let [passed, failed] = [0, 0]

async function test(name, body) {
  if (only && !name.includes(only)) return
  const begun = performance.now()
  try {
    await body()
    passed++
    console.log(`ok      ${name} (${((performance.now() - begun) / 1000).toFixed(1)} s)`)
  } catch (error) {
    failed++
    console.log(`FAILED  ${name}\n        ${String(error.stack ?? error).replaceAll('\n', '\n        ')}`)
  }
}

function expect(holds, what) {
  if (!holds) throw new Error(what)
}

const same = (a, b, what) =>
  expect(JSON.stringify(a) === JSON.stringify(b), `${what}: ${JSON.stringify(b)} where ${JSON.stringify(a)} was due`)

/** Besides times, what is said of the processes may differ. */
const differences = (a, b) =>
  compared(folder(a), folder(b), { besides: ['machine', 'versions', 'atATime', 'parallel'], sideBySide: true }).different

/** A run that has begun to train, and its processes. */
async function training(ranks, name, options) {
  const run = launch(ranks, ramda(...endless, '--out', folder(name)), options)
  const metrics = join(folder(name), 'metrics.jsonl')
  await until(() => run.child.exitCode !== null || (existsSync(metrics) && readFileSync(metrics, 'utf8').length > 0), 60, `${name} trains`)
  expect(run.child.exitCode === null, `it ended: ${run.text.err}`)
  return { ...run, ranks: await until(run.pids, 5, 'processes') }
}

/** Its end: within the promised time, not with 0, with this line, and with no process left. */
async function endsWith({ ended, ranks }, line, { seconds = promised, recovery = false } = {}) {
  const begun = performance.now()
  const result = await Promise.race([ended, until(() => performance.now() - begun > 3 * seconds * 1000 && 'late', 4 * seconds, 'an end')])
  expect(result !== 'late', `nothing had ended after ${3 * seconds} s`)
  const took = (performance.now() - begun) / 1000
  expect(took < seconds, `it took ${took.toFixed(1)} s`)
  // With --enable-recovery mpirun's own status is 0, whatever its processes say.
  expect(recovery || result.status !== 0, 'the status is 0')
  expect(line.test(result.err), `it says: ${result.err}`)
  same(1, result.err.match(new RegExp(line, 'g')).length, 'how often it is said')
  await until(() => !ranks.some(isAlive), 5, 'the end of all processes')
  return result
}

const trained = []
for (const ranks of [1, 2, 4])
  await test(`40 steps of an MLP, a transformer and RAMDA on ${ranks} ranks`, async () => {
    const { status, out, err } = await launch(ranks, [steps]).ended
    same(0, status, err)
    trained.push(JSON.parse(out))
  })

await test('their weights and optimizer states are the same bits on 1, 2 and 4 ranks, and without mpirun', async () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [steps], { encoding: 'utf8' })
  same(0, status, stderr)
  const alone = JSON.parse(stdout)
  for (const found of trained)
    for (const name of ['mlp', 'transformer', 'ramda', 'loss']) same(alone[name], found[name], `${name} on ${found.size} ranks`)
  same(
    [1, 2, 4],
    trained.map(({ size }) => size),
    'ranks',
  )
})

await test('the fast mode comes close, and its bits depend on the number of ranks', async () => {
  for (const { difference } of trained) expect(difference < 1e-4, `weights differ by ${difference}`)
  expect(new Set(trained.map(({ fast }) => fast)).size === 3, 'fast modes agree: the test of equal bits could not fail')
})

await test('quire run on 1 rank', async () => {
  const { status, err } = await launch(1, ramda(...small, '--out', folder('one'))).ended
  same(0, status, err)
})

await test('quire run on 4 ranks: the same weights, metrics and report; rank 0 speaks and writes', async () => {
  const { status, out, err } = await launch(4, ramda(...small, '--out', folder('four'))).ended
  same(0, status, err)
  same([], differences('one', 'four'), 'files that differ')
  same(1, out.match(/report: /g).length, 'how often the report is named')
  same({ shards: 8, ranks: 4 }, JSON.parse(readFileSync(join(folder('four'), 'run.json'))).parallel, 'run.json')
})

await test('quire run --shards 8 without mpirun: the same; without shards not', async () => {
  const alone = (name, ...words) => spawnSync(process.execPath, ramda(...small, ...words, '--out', folder(name)), { encoding: 'utf8' })
  const sharded = alone('alone', '--shards', '8')
  same(0, sharded.status, sharded.stderr)
  same([], differences('one', 'alone'), 'files that differ')
  const whole = alone('whole')
  same(0, whole.status, whole.stderr)
  expect(differences('one', 'whole').length > 5, 'whole batches give the same bits: the comparison could not fail')
})

await test('kill -9 of a rank: it is named, all end, and the run ends on 2 ranks with the numbers of one that was never killed', async () => {
  const run = launch(4, ramda(...small, '--out', folder('killed')))
  const units = join(folder('killed'), 'units')
  const metrics = join(folder('killed'), 'metrics.jsonl')
  await until(() => existsSync(units) && existsSync(metrics) && readFileSync(metrics, 'utf8').split('\n').length > 10, 60, 'training')
  const ranks = await until(run.pids, 5, 'processes')
  process.kill(ranks[2], 'SIGKILL')
  const { err } = await endsWith({ ...run, ranks }, /rank 2 \(pid \d+, host \S+\) has gone/)
  expect(err.includes(`rank 2 (pid ${ranks[2]},`), `the pid ${ranks[2]} is not named: ${err}`)
  expect(err.includes(`--resume ${folder('killed')}`), `it does not say how to go on: ${err}`)
  const resumed = await launch(2, ramda('--resume', folder('killed'))).ended
  same(0, resumed.status, resumed.err)
  same([], differences('one', 'killed'), 'files that differ')
})

await test('kill -9 where mpirun lets the others live: they end by themselves', async () => {
  const run = await training(4, 'recovery', { options: ['--enable-recovery'] })
  process.kill(run.ranks[3], 'SIGKILL')
  await endsWith(run, /rank 3 \(pid \d+, host \S+\) has gone/, { recovery: true })
})

await test('kill -9 of rank 0 where mpirun lets the others live: the next one says it', async () => {
  const run = await training(4, 'headless', { options: ['--enable-recovery'] })
  process.kill(run.ranks[0], 'SIGKILL')
  await endsWith(run, /rank 0 \(pid \d+, host \S+\) has gone/, { recovery: true })
})

await test('a rank that is stopped is named after QUIRE_MPI_TIMEOUT', async () => {
  const run = await training(4, 'stalled', { env: { QUIRE_MPI_TIMEOUT: '3' } })
  process.kill(run.ranks[1], 'SIGSTOP')
  await endsWith(run, /rank 1 \(pid \d+, host \S+\) has not been heard of for 3 s/, { seconds: promised + 3 })
})

await test('Ctrl-C ends all, and the run can be gone on with', async () => {
  const run = await training(2, 'interrupted')
  run.child.kill('SIGINT')
  await endsWith(run, /interrupted; go on with: quire run ramda --resume/)
})

await test('an error at one rank ends all with its message', async () => {
  const words = ramda(...endless, '--out', folder('other-data'))
  const { status, err } = await launch(2, words, { apart: { 1: [...words, '--data', folder('nothing-here')] } }).ended
  same(2, status, err)
  same(1, err.match(/quire: rank 1 \(pid \d+, host \S+\): /g)?.length, `what is said: ${err}`)
})

await test('a rank with another config is refused before anything is written', async () => {
  const words = ramda(...endless, '--out', folder('other-config'))
  const { status, err } = await launch(4, words, { apart: { 3: [...words, '--set', 'epochs.mlp=9'] } }).ended
  same(2, status, err)
  expect(/quire: rank 3 \(pid \d+, host \S+\): config\.epochs\.mlp is 9 here and 4 at rank 0/.test(err), err)
  expect(!existsSync(folder('other-config')), 'there is a run folder')
})

await test('ranks that cannot share the shards are refused once', async () => {
  const { status, err } = await launch(3, ramda(...endless, '--out', folder('three'))).ended
  same(2, status, err)
  same(1, err.match(/3 ranks cannot share 8 shards out evenly/g)?.length, `how often it is said: ${err}`)
})

rmSync(root, { recursive: true, force: true })
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
