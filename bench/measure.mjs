/** Measurements, each in a process of its own, one at a time. */
import { spawn } from 'node:child_process'
import { python } from './install.mjs'
import { command as ownCommand } from './own/index.mjs'
import { command, peers } from './peers/index.mjs'
import { describe, workloads } from './workloads.mjs'

/** A slower thread count goes on to the next round only within this factor of the peer's faster one. */
const THREADS_STILL_CLOSE = 1.25
/** A peer this many times slower than the fastest is measured once: its ratio is known well enough. */
const FAR_BEHIND = 3
/** Nor is a second thread count tried of one that is this far behind with all cores. */
const HOPELESS = 20
/** Losses that are compared again in later rounds, and with further thread counts. */
const LATER_LOSSES = 5
/** Seconds after which no further step is compared (but never fewer than three are). */
const COMPARING_LIMIT = 20
const LONGEST_MS = 6 * 60_000

/** Runs a program and resolves to the JSON of its last line, or to { failed }. */
function run({ file, args, env = process.env }) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    let late = false
    child.stdout.on('data', (text) => (out += text))
    child.stderr.on('data', (text) => (err += text))
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, LONGEST_MS)
    child.on('error', (error) => resolve({ failed: error.message }))
    child.on('close', (status, signal) => {
      clearTimeout(timer)
      const line = out.trim().split('\n').at(-1)
      if (status === 0 && line?.startsWith('{')) return resolve(JSON.parse(line))
      if (late) return resolve({ failed: `not done after ${LONGEST_MS / 60_000} minutes` })
      const lines = err.split('\n').map((text) => text.trim())
      const reason = lines.findLast((text) => /^\w*(Error|Exception)\b/.test(text)) ?? lines.findLast(Boolean)
      resolve({ failed: reason ?? (signal ? `killed (${signal})` : `ended with ${status} and no result`) })
    })
  })
}

/** The peers that a workload is measured with. */
export const peersOf = (name) => peers.filter(({ id }) => workloads[name].peers?.includes(id) ?? true)

/** All rounds of one workload. What was measured is in the store. */
export async function measureWorkload(name, chosen, options, store, work, say) {
  say(`\n${name}: ${describe(workloads[name])}`)
  const taking = peersOf(name).filter((peer) => chosen.includes(peer))
  let configurations = taking.flatMap((peer) => options.threads.map((threads) => ({ peer, threads })))
  const times = new Map()
  const fastest = (which) => Math.min(...configurations.filter(which).map((each) => times.get(each) ?? Number.POSITIVE_INFINITY))

  for (let round = 1; round <= options.rounds; round++) {
    for (const configuration of configurations) {
      const { peer, threads } = configuration
      const behind = fastest((other) => other.peer === peer) / fastest(() => true)
      if (round === 1 && Number.isFinite(behind) && behind > HOPELESS) continue
      const first = round === 1 && threads === options.threads[0]
      const settings = { seconds: options.seconds, losses: first ? options.losses : LATER_LOSSES, limit: COMPARING_LIMIT }
      const key = [name, peer.id, threads, round].join('/')
      const result = await store.measured(key, () => run(command(peer, { python, work, workload: name, threads, ...settings })))
      const label = `  round ${round}/${options.rounds}  ${peer.title}, ${threads} thread${threads > 1 ? 's' : ''}`
      if (result.failed) say(`${label}: failed: ${result.failed}`)
      else {
        say(`${label}: ${result.medianMs.toFixed(2)} ms a step (${result.steps} steps; first ${(result.firstMs / 1000).toFixed(2)} s)`)
        if (round === 1) times.set(configuration, result.medianMs)
      }
    }
    configurations = configurations.filter((configuration) => {
      const time = times.get(configuration)
      const close = time <= THREADS_STILL_CLOSE * fastest((other) => other.peer === configuration.peer)
      return time !== undefined && close && (configuration.peer.id === 'quire' || time <= FAR_BEHIND * fastest(() => true))
    })
  }
}

/** One measure of quire alone; of every workload, where it is of each. */
export async function measureOwn(measure, options, store, work, say) {
  const threads = measure.threads ?? options.cores
  // What is measured of a training step is not there where nothing is trained.
  const trained = Object.keys(workloads).filter((name) => !workloads[name].sampling)
  for (const workload of measure.each ? trained : [undefined]) {
    const key = ['own', measure.id, ...(workload ? [workload] : [])].join('/')
    const result = await store.measured(key, () => run(ownCommand(measure, { python, work, workload, threads, quick: options.quick })))
    say(`  ${key}: ${result.failed ? `failed: ${result.failed}` : 'done'}`)
  }
}
