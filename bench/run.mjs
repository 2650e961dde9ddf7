/**
 * npm run bench: quire and its peers side by side, in one run, one process at a time. See README.md for what is measured and how.
 * Progress goes to stderr, the table to stdout; a complete run also writes results/latest.json and docs/speed.md.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildQuire, installNpm, installPython, python } from './install.mjs'
import { command, peers, references } from './peers/index.mjs'
import { prepare } from './prepare.mjs'
import { markdown, summarise, table } from './report.mjs'
import { BATCHES, describe, LOSS_TOLERANCE, workloads } from './workloads.mjs'

const folder = fileURLToPath(new URL('.', import.meta.url))
const work = join(folder, '.work')
const say = (text) => process.stderr.write(`${text}\n`)

class UsageError extends Error {}

/** A slower thread count goes on to the next round only within this factor of the peer's faster one. */
const THREADS_STILL_CLOSE = 1.25
const LONGEST_MS = 15 * 60_000
const LATER_LOSSES = 5
/** Above this one-minute load, before anything runs, a machine is called busy. */
const IDLE_LOAD = 0.5

const usage = `npm run bench -- [options]
  --workload NAMES   of ${Object.keys(workloads).join(', ')} (default: all)
  --peers NAMES      of ${peers.map(({ id }) => id).join(', ')} (default: all)
  --threads COUNTS   thread counts to try (default: 1 and all cores)
  --rounds N         measurements of each, interleaved (default 3)
  --seconds S        timed seconds of each measurement (default 6)
  --quick            one round of one second, all cores only: a look, not a result
  --no-build         measure the dist/ that is there`

function readOptions() {
  const text = { type: 'string' }
  const flag = { type: 'boolean', default: false }
  const options = { workload: text, peers: text, threads: text, rounds: text, seconds: text, quick: flag, 'no-build': flag, help: flag }
  let values
  try {
    values = parseArgs({ options }).values
  } catch (error) {
    throw new UsageError(`${error.message.split('. ')[0]}; --help lists the options`)
  }
  const names = (given, known, what) => {
    const chosen = given?.split(',').map((name) => name.trim()) ?? known
    const unknown = chosen.find((name) => !known.includes(name))
    if (unknown !== undefined) throw new UsageError(`no ${what} is called "${unknown}"; there are ${known.join(', ')}`)
    return known.filter((name) => chosen.includes(name))
  }
  const number = (given, otherwise, what) => {
    const value = given === undefined ? otherwise : Number(given)
    if (!(value > 0)) throw new UsageError(`--${what} takes a number above zero, not "${given}"`)
    return value
  }
  const cores = os.availableParallelism()
  const counts = values.threads?.split(',').map((count) => number(count, 0, 'threads')) ?? (values.quick ? [cores] : [1, cores])
  return {
    help: values.help,
    workloads: names(values.workload, Object.keys(workloads), 'workload'),
    peers: names(
      values.peers,
      peers.map(({ id }) => id),
      'peer',
    ),
    threads: [...new Set(counts)],
    rounds: number(values.rounds, values.quick ? 1 : 3, 'rounds'),
    seconds: number(values.seconds, values.quick ? 1 : 6, 'seconds'),
    losses: values.quick ? LATER_LOSSES : BATCHES,
    quick: values.quick,
    build: !values['no-build'],
    complete: !values.quick && values.workload === undefined && values.peers === undefined,
  }
}

/** Runs one peer once, in a process of its own, and resolves to what it reports or to { failed }. */
function measure(peer, settings) {
  const { file, args, env } = command(peer, settings)
  return new Promise((resolve) => {
    const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stdout.on('data', (text) => (out += text))
    child.stderr.on('data', (text) => (err += text))
    const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS)
    child.on('error', (error) => resolve({ failed: error.message }))
    child.on('close', (status, signal) => {
      clearTimeout(timer)
      const line = out.trim().split('\n').at(-1)
      if (status === 0 && line?.startsWith('{')) return resolve(JSON.parse(line))
      const lines = err.split('\n').map((text) => text.trim())
      const reason = lines.findLast((text) => /^\w*(Error|Exception)\b/.test(text)) ?? lines.findLast(Boolean)
      resolve({ failed: reason ?? (signal ? `killed (${signal})` : `ended with ${status} and no result`) })
    })
  })
}

/** Reasons why peers cannot run here, by id. */
function unavailable(chosen, build) {
  const runtimes = {
    quire: () => (build ? buildQuire() : undefined),
    python: () => installPython(say),
    npm: () => installNpm(say),
  }
  const reasons = {}
  const failed = {}
  for (const peer of chosen) {
    if (!(peer.runtime in failed)) failed[peer.runtime] = runtimes[peer.runtime]()
    const reason = failed[peer.runtime] ?? peer.missing?.()
    if (reason) {
      reasons[peer.id] = reason
      say(`${peer.title}: left out: ${reason}`)
    }
  }
  return reasons
}

/** The largest difference of two runs' losses over the steps that both report. */
function lossDifference(a, b) {
  const steps = Math.min(a.length, b.length)
  const worst = Math.max(...Array.from({ length: steps }, (_, i) => Math.abs(a[i] - b[i])))
  return Number.isNaN(worst) ? Number.POSITIVE_INFINITY : worst
}

/** All rounds of one workload: a list of { peer, threads, runs, failed }. */
async function measureWorkload(name, chosen, options) {
  say(`\n${name}: ${describe(workloads[name])}`)
  let configurations = chosen.flatMap((peer) => options.threads.map((threads) => ({ peer, threads, runs: [] })))
  const all = configurations
  for (let round = 1; round <= options.rounds; round++) {
    for (const configuration of configurations) {
      const { peer, threads, runs } = configuration
      const losses = round === 1 ? options.losses : LATER_LOSSES
      const result = await measure(peer, { python, work, workload: name, threads, seconds: options.seconds, losses })
      const label = `  round ${round}/${options.rounds}  ${peer.title}, ${threads} thread${threads > 1 ? 's' : ''}`
      if (result.failed) {
        configuration.failed = result.failed
        say(`${label}: failed: ${result.failed}`)
      } else {
        runs.push(result)
        say(`${label}: ${result.medianMs.toFixed(2)} ms a step (${result.steps} steps; first ${(result.firstMs / 1000).toFixed(2)} s)`)
      }
    }
    const running = configurations.filter(({ failed }) => !failed)
    const fastest = (peer) => Math.min(...running.filter((other) => other.peer === peer).map(({ runs }) => runs[0].medianMs))
    configurations = running.filter(({ peer, runs }) => runs[0].medianMs <= THREADS_STILL_CLOSE * fastest(peer))
  }
  const reference = references
    .map((id) => all.find(({ peer, runs }) => peer.id === id && runs.length > 0))
    .find((configuration) => configuration !== undefined)
  for (const configuration of all) {
    if (configuration.runs.length === 0 || reference === undefined) continue
    const differences = configuration.runs.map(({ losses }) => lossDifference(losses, reference.runs[0].losses))
    configuration.lossDifference = Math.max(...differences)
    configuration.valid = configuration.lossDifference <= LOSS_TOLERANCE
  }
  return { reference: reference?.peer.id, configurations: all }
}

function machine() {
  const cpus = os.cpus()
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
  }
}

async function main() {
  const options = readOptions()
  if (options.help) return console.log(usage)
  prepare(work)
  // Compiled kernels are kept between the rounds of a run but not between runs: the first step of the first round really compiles.
  rmSync(join(work, 'inductor'), { recursive: true, force: true })
  const wanted = peers.filter(({ id }) => options.peers.includes(id))
  const leftOut = unavailable(wanted, options.build)
  const chosen = wanted.filter(({ id }) => !(id in leftOut))
  if (chosen.length === 0) throw new UsageError('none of the chosen peers can run here')

  const started = new Date()
  const loadBefore = os.loadavg()[0]
  if (loadBefore > IDLE_LOAD) say(`the machine is busy (load ${loadBefore.toFixed(1)}): ratios will be unsteady, times too long`)
  const measured = {}
  for (const name of options.workloads) measured[name] = await measureWorkload(name, chosen, options)
  rmSync(join(work, 'workers'), { recursive: true, force: true })

  const results = {
    date: started.toISOString(),
    minutes: Math.round((Date.now() - started.getTime()) / 6000) / 10,
    command: `npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`,
    machine: { ...machine(), loadBefore },
    rounds: options.rounds,
    seconds: options.seconds,
    lossTolerance: LOSS_TOLERANCE,
    leftOut,
    workloads: Object.fromEntries(Object.entries(measured).map(([name, outcome]) => [name, summarise(outcome)])),
  }
  console.log(table(results))
  const complete = options.complete && chosen.some(({ id }) => id === 'quire')
  if (!complete)
    return say('not written to docs/speed.md: only a run of all workloads and peers, quire among them and without --quick, is.')
  mkdirSync(join(folder, 'results'), { recursive: true })
  mkdirSync(join(folder, '..', 'docs'), { recursive: true })
  // The best row by its thread count; short lists on one line.
  const json = JSON.stringify(results, (name, value) => (name === 'best' ? value.threads : value), 2).replace(
    /\[\s+([^[\]{}]+?)\s+\]/g,
    (_, list) => `[${list.replace(/\s+/g, ' ')}]`,
  )
  writeFileSync(join(folder, 'results', 'latest.json'), `${json}\n`)
  writeFileSync(join(folder, '..', 'docs', 'speed.md'), markdown(results))
  say('written: bench/results/latest.json, docs/speed.md')
}

try {
  await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  say(`bench: ${error.message}`)
  process.exitCode = 2
}
