/**
 * npm run bench: quire and its peers side by side, one process at a time, and measures of quire alone. See README.md for what is measured
 * and how. Progress goes to stderr, the table to stdout; once everything is measured, results/latest.json and docs/performance.md are written.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildQuire, installNpm, installPython } from './install.mjs'
import { measureOwn, measureWorkload } from './measure.mjs'
import { parts, readOptions, UsageError, usage } from './options.mjs'
import { measures } from './own/index.mjs'
import { peers } from './peers/index.mjs'
import { prepare } from './prepare.mjs'
import { markdown, table } from './report.mjs'
import { Store } from './store.mjs'
import { summarise } from './summary.mjs'

const folder = fileURLToPath(new URL('.', import.meta.url))
const work = join(folder, '.work')
const say = (text) => process.stderr.write(`${text}\n`)

/** Above this one-minute load, before anything runs, a machine is called busy. */
const IDLE_LOAD = 0.5

/** Installs and builds what the chosen peers and measures need. Gives the reason of each runtime that cannot be had. */
function install({ parts, peers: ids, build }) {
  const installers = {
    quire: () => (build ? buildQuire() : undefined),
    python: () => installPython(say),
    npm: () => installNpm(say),
  }
  const users = [...peers.filter(({ id }) => ids.includes(id)), ...measures.filter(({ id }) => parts.includes(id))]
  const needed = new Set(users.map(({ runtime = 'quire' }) => runtime))
  return Object.fromEntries([...needed].map((runtime) => [runtime, installers[runtime]()]))
}

/** Why peers cannot run here, by id. */
function unavailable(chosen, failed) {
  const reasons = chosen.map((peer) => [peer, failed[peer.runtime] ?? peer.missing?.()]).filter(([, reason]) => reason)
  for (const [peer, reason] of reasons) say(`${peer.title}: left out: ${reason}`)
  return Object.fromEntries(reasons.map(([{ id }, reason]) => [id, reason]))
}

/** Short lists on one line. */
const compactJson = (value) =>
  JSON.stringify(value, null, 2).replace(/\[\s+([^[\]{}]+?)\s+\]/g, (_, list) => `[${list.replace(/\s+/g, ' ')}]`)

async function main() {
  const options = readOptions()
  if (options.help) return console.log(usage)
  prepare(work)
  const store = new Store(work, options, say)
  const failed = install(options)
  const wanted = peers.filter(({ id }) => options.peers.includes(id))
  const leftOut = unavailable(wanted, failed)
  const chosen = wanted.filter(({ id }) => !(id in leftOut))
  if (chosen.length === 0) throw new UsageError('none of the chosen peers can run here')
  store.leaveOut(leftOut)
  // Compiled kernels are kept between the rounds of a run but not between runs: the first step of the first round really compiles.
  if (!options.resume) rmSync(join(work, 'inductor'), { recursive: true, force: true })

  const load = os.loadavg()[0]
  if (load > IDLE_LOAD) say(`the machine is busy (load ${load.toFixed(1)}): ratios will be unsteady, times too long`)
  store.noteLoad(load)
  const own = (id) => measures.find((measure) => measure.id === id)
  for (const part of options.parts) {
    const measure = own(part)
    if (!measure) await measureWorkload(part, chosen, options, store, work, say)
    else if (!failed[measure.runtime ?? 'quire']) await measureOwn(measure, options, store, work, say)
    if (measure || options.whole) store.finish(part)
  }
  rmSync(join(work, 'workers'), { recursive: true, force: true })

  const results = summarise(store.all, options.parts)
  console.log(table(results))
  const missing = store.missing(parts)
  if (missing.length > 0) return say(`docs/performance.md is written once everything is measured; missing: ${missing.join(', ')}`)
  const complete = summarise(store.all, parts)
  mkdirSync(join(folder, 'results'), { recursive: true })
  writeFileSync(join(folder, 'results', 'latest.json'), `${compactJson(complete)}\n`)
  writeFileSync(join(folder, '..', 'docs', 'performance.md'), markdown(complete))
  say('written: bench/results/latest.json, docs/performance.md')
}

try {
  await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  say(`bench: ${error.message}`)
  process.exitCode = 2
}
