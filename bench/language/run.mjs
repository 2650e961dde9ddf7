/**
 * npm run bench:language: generation and training of small language models by quire and its peers, from the same files, one process at a time. Progress
 * goes to stderr, the table to stdout; a whole run also writes results.json and ../../docs/language-models/performance.md. See README.md.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildQuire, installPython, pythonOf } from '../install.mjs'
import { markdown } from './report.mjs'
import { comparedSteps, jobs, lossTolerance, models } from './workloads.mjs'

const folder = fileURLToPath(new URL('.', import.meta.url))
const work = join(folder, '.work')
const say = (text) => process.stderr.write(`${text}\n`)

const peers = [
  { id: 'quire', title: 'quire', script: 'quire.mjs' },
  { id: 'torch', title: 'PyTorch + transformers, a loop over forward', script: 'pytorch.py', form: 'loop' },
  { id: 'torch-generate', title: 'PyTorch + transformers, generate()', script: 'pytorch.py', form: 'generate' },
  { id: 'transformers-js', title: 'transformers.js', script: 'transformers-js.mjs', missing: (job) => onnxMissing(job) },
]

const onnxMissing = ({ model }) =>
  existsSync(join(work, model, 'onnx', 'model.onnx')) ? undefined : `no onnx/model.onnx of ${model}: README.md says how to make it`

function readOptions() {
  const text = { type: 'string' }
  const { values } = parseArgs({
    options: {
      jobs: text,
      peers: text,
      rounds: { ...text, default: '3' },
      seconds: { ...text, default: '4' },
      'no-build': { type: 'boolean' },
    },
  })
  const chosen = (given, known) => (given ? given.split(',').filter((name) => known.includes(name)) : known)
  return {
    jobs: chosen(values.jobs, Object.keys(jobs)),
    peers: chosen(
      values.peers,
      peers.map(({ id }) => id),
    ),
    whole: !values.jobs && !values.peers,
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    build: !values['no-build'],
  }
}

function measure(peer, name, { seconds }) {
  const job = {
    ...jobs[name],
    folder: join(work, jobs[name].model),
    form: peer.form,
    seconds,
    threads: os.availableParallelism(),
    compared: comparedSteps,
  }
  const file = peer.script.endsWith('.py') ? pythonOf(folder) : process.execPath
  const { stdout, stderr, status } = spawnSync(file, [join(folder, 'peers', peer.script), JSON.stringify(job)], {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: String(job.threads), HF_HUB_OFFLINE: '1' },
  })
  if (status !== 0) return { error: stderr.split('\n').findLast((line) => line.includes('Error')) ?? `ended with ${status}` }
  return JSON.parse(stdout.trim().split('\n').at(-1))
}

/** Peers must agree with the first one that ran: on the ids of the first row, or on the losses. */
function disagreement(result, reference) {
  if (!reference || result.error) return undefined
  if (result.losses) {
    const at = result.losses.findIndex((loss, i) => Math.abs(loss - reference.losses[i]) > lossTolerance)
    return at < 0 ? undefined : `the loss of step ${at + 1} is ${result.losses[at]}, not ${reference.losses[at]}`
  }
  return JSON.stringify(result.rows) === JSON.stringify(reference.rows) ? undefined : 'other tokens'
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]

/** Rounds are interleaved, so that a disturbance of the machine meets all. */
function measureJob(name, options) {
  const own = peers.filter(({ id }) => options.peers.includes(id) && (jobs[name].peers?.includes(id) ?? true))
  const rounds = Object.fromEntries(own.map(({ id }) => [id, []]))
  const problems = {}
  for (let round = 0; round < options.rounds; round++) {
    for (const peer of own) {
      if (problems[peer.id]) continue
      const missing = peer.missing?.(jobs[name])
      const result = missing ? { error: missing } : measure(peer, name, options)
      const reference = Object.values(rounds).find((results) => results.length > 0)?.[0]
      const problem = result.error ?? disagreement(result, reference)
      if (problem) problems[peer.id] = problem
      else rounds[peer.id].push(result)
      say(
        `${name}, ${peer.title}: ${problem ?? `${result.stepMs.toFixed(2)} ms a step${result.prefillMs ? `, prompt ${result.prefillMs.toFixed(1)} ms` : ''}`}`,
      )
    }
  }
  const summary = (results) =>
    Object.fromEntries(
      ['prefillMs', 'stepMs', 'peakRssMb'].flatMap((key) =>
        results[0]?.[key] === undefined ? [] : [[key, median(results.map((r) => r[key]))]],
      ),
    )
  return own.map(({ id, title }) => ({ id, title, problem: problems[id], versions: rounds[id][0]?.versions, ...summary(rounds[id]) }))
}

const options = readOptions()
if (options.build) buildQuire()
const { prepare } = await import('./prepare.mjs')
const counts = await prepare(work)
const failed = options.peers.some((id) => id.startsWith('torch')) ? installPython(say, folder) : undefined
if (failed) say(failed)
const results = {
  machine: { cpu: os.cpus()[0].model, threads: os.availableParallelism(), node: process.versions.node, load: os.loadavg()[0] },
  models: Object.fromEntries(Object.entries(models).map(([name, size]) => [name, { ...size, parameters: counts[name] }])),
  jobs: options.jobs.map((name) => ({ name, ...jobs[name], results: measureJob(name, options) })),
}
const page = markdown(results)
console.log(page)
if (options.whole) {
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  mkdirSync(join(folder, '..', '..', 'docs', 'language-models'), { recursive: true })
  writeFileSync(join(folder, '..', '..', 'docs', 'language-models', 'performance.md'), page)
}
