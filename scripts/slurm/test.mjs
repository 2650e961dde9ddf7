import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compared } from '../contents.mjs'
import { startSlurm, until, whyNot } from './cluster.mjs'

/*
 * A run on a real Slurm, with two nodes on this machine, to which everything happens that happens on clusters: a preemption, a requeue, a cancelled task,
 * a time limit, a node that goes down. Its results must be those of a run that nothing happened to, byte for byte. `npm run build` comes before.
 */

const quire = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js')
const [seeds, nodes] = [5, ['one', 'two']]
const run = ['run', 'ramda', '--preset', 'smoke', '--seeds', String(seeds), '--set', 'mlp=false', 'epochs.logreg=10']

const why = whyNot()
if (why) {
  console.log(`SKIPPED: the tests on a real Slurm: ${why}`)
  process.exit(0)
}

let [passed, failed] = [0, 0]
function check(what, holds, detail = '') {
  holds ? passed++ : failed++
  console.log(`${holds ? 'ok    ' : 'FAILED'} ${what}${holds || !detail ? '' : `: ${detail}`}`)
}

const begun = Date.now()
function end() {
  console.log(`${Math.round((Date.now() - begun) / 1000)} s`)
  console.log(`${passed} passed, ${failed} failed`)
}

const cluster = await startSlurm(nodes).catch((error) => {
  check(error.message, false)
  end()
  process.exit(1)
})
const folder = mkdtempSync(join(tmpdir(), "quire slurm 'test' "))
// A checkpoint an epoch: there is to be something to go on from.
const env = { ...cluster.env, QUIRE_WORKERS: '1', QUIRE_CHECKPOINT_SECONDS: '0' }
const call = (...words) => spawnSync(process.execPath, [quire, ...words], { env, encoding: 'utf8' })
const json = (...words) => JSON.parse(call(...words, '--json').stdout)
const shared = join(folder, '100% shared $(run)')
const local = join(folder, 'local')
const log = (seed) => readFileSync(join(shared, 'tasks', `${seed}.log`), 'utf8')
const tasks = () => json('runs', shared)[0].queue?.tasks ?? []
const inState = (...states) => tasks().filter(({ state }) => states.includes(state))

/** The array tasks that run now: their index, node and how often they began. */
const runningTasks = (job) =>
  cluster
    .call('squeue', '--noheader', '--array', `--jobs=${job}`, '--states=RUNNING', '--format=%K %N')
    .split('\n')
    .filter(Boolean)
    .map((line) => ({ seed: Number(line.split(' ')[0]), node: line.split(' ')[1] }))

/** A task that has trained a unit or more, so that there is something to go on from. */
const busyTask = (job, taken) =>
  until('a task that trains', () =>
    runningTasks(job).find(({ seed }) => !taken.has(seed) && readdirSync(join(shared, 'tasks', String(seed), 'units')).length > 0),
  )

const restarts = (job, seed) => Number(/Restarts=(\d+)/.exec(cluster.call('scontrol', 'show', 'job', `${job}_${seed}`))[1])

/**
 * Slurm looks every half minute whose time is nearly up: until then the task is held, so that it does not end before. Where a slow machine had no task yet
 * to tell, its own clock, 54 s after it began, is past when it is let go.
 */
function nearTheLimit(job, seed) {
  const terminate = 1n << 14n
  const isTold = (pid) => BigInt(`0x${/^ShdPnd:\s*(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]}`) & terminate
  let held
  return until('the time limit', () => {
    const pid = cluster.processOf(job, seed, quire)
    if (pid) {
      held ??= Date.now()
      process.kill(pid, isTold(pid) || Date.now() - held > 56_000 ? 'SIGCONT' : 'SIGSTOP')
    }
    return restarts(job, seed) === 1
  })
}

/** The run that nothing happens to; what went wrong with it. */
const runInPeace = () =>
  new Promise((resolve) =>
    execFile(process.execPath, [quire, ...run, '--out', local], { env }, (error, _, stderr) => resolve(error && (stderr || error.message))),
  )

async function scenario() {
  const refused = call(...run, '--launcher', 'slurm', '--partition', 'nowhere', '--out', join(folder, 'refused'))
  check(
    'what Slurm refuses is said in its words',
    refused.status === 2 && /^quire: sbatch: Slurm refuses: .*invalid partition/im.test(refused.stderr),
    refused.stderr,
  )
  check('and leaves nothing behind', !readdirSync(folder).includes('refused'))

  const comment = 'a "b" \\c $(d) `e` \'f\' #g %h'
  const { job, next } = json(...run, '--launcher', 'slurm', '--out', shared, '--time', '10m', '--sbatch-option', `comment=${comment}`)
  check('a job array is submitted', /^\d+$/.test(job) && next.length === 3)
  check('an option comes to Slurm as it was given', cluster.call('scontrol', 'show', 'job', `${job}`).includes(`Comment=${comment} \n`))
  const taken = new Set()

  const preempted = await busyTask(job, taken)
  taken.add(preempted.seed)
  cluster.call('sbatch', '--partition=high', `--nodelist=${preempted.node}`, '--output=/dev/null', '--wrap', 'sleep 2')
  await until('the preemption', () => restarts(job, preempted.seed) === 1)
  check('a preempted task is queued again', true)
  check(
    'quire runs says so',
    inState('requeued', 'running', 'done').some(({ seed }) => seed === preempted.seed),
  )

  const requeued = await busyTask(job, taken)
  taken.add(requeued.seed)
  cluster.call('scontrol', 'requeue', `${job}_${requeued.seed}`)
  await until('the requeue', () => restarts(job, requeued.seed) === 1)
  check('scontrol requeue queues a task again', true)

  const lost = await busyTask(job, taken)
  taken.add(lost.seed)
  cluster.loseNode(lost.node)
  cluster.call('scontrol', 'update', `NodeName=${lost.node}`, 'State=DOWN', 'Reason=power')
  await until('the loss of a node', () => restarts(job, lost.seed) === 1)
  check('the task of a lost node is queued again', true)
  cluster.startNode(lost.node)
  await until('the node', () => /IDLE|ALLOC|MIX/.test(cluster.call('scontrol', 'show', 'node', lost.node).match(/State=(\S+)/)[1]))

  const cancelled = await busyTask(job, taken)
  taken.add(cancelled.seed)
  cluster.call('scancel', `${job}_${cancelled.seed}`)
  await until('the cancelled task', () => inState('failed').find(({ seed }) => seed === cancelled.seed))
  check('a cancelled task is not queued again, and quire runs says that it was cancelled', inState('failed')[0].reason === 'cancelled')

  await until('the other tasks', () => inState('done').length === seeds - 1)
  check('no report is made while a task is missing', !readdirSync(shared).includes('report.json'))

  const limits = ['--time', '1m', '--sbatch-option', 'signal=B:USR1@50']
  const again = json('run', 'ramda', '--resume', shared, '--launcher', 'slurm', ...limits)
  check('what is missing is submitted again', again.seeds.join() === String(cancelled.seed))
  const peaceful = runInPeace() // while nothing else is to do than to wait
  await nearTheLimit(again.job, cancelled.seed)
  check('a task near its time limit stops and queues itself again', /queued again to go on: 0 restarts/.test(log(cancelled.seed)))

  await until('the report', () => readdirSync(shared).includes('manifest.json'))
  const [summary] = json('runs', shared)
  check('the last task makes the report', summary.status === 'complete' && summary.seeds.length === seeds)
  const report = JSON.parse(readFileSync(join(shared, 'report.json'), 'utf8'))
  // Four were at work when they were stopped; near its limit a task may be held before it begins.
  check('the report knows that the tasks were gone on with', report.resumed >= 4, `${report.resumed} times`)

  const wrong = await peaceful
  if (wrong) throw new Error(wrong)
}

function compare() {
  const { names, different } = compared(local, shared)
  check(
    `${names.length} files by sha256, but for times: ${different.length} differences from a local run`,
    names.length > 200 && different.length === 0,
    different.join(', '),
  )
  const unit = names.find((name) => name.startsWith('units/logreg_ramda'))
  const stored = JSON.parse(readFileSync(join(shared, unit), 'utf8'))
  stored.measurements.accuracy += 1e-9
  writeFileSync(join(shared, unit), JSON.stringify(stored))
  check('the comparison sees a changed digit, and only that', compared(local, shared).different.join() === unit)
}

try {
  await scenario()
  compare()
} catch (error) {
  check(error.message, false)
  console.log(cluster.logs())
  console.log(JSON.stringify(tasks()))
} finally {
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
}
end()
process.exitCode = failed ? 1 : 0
