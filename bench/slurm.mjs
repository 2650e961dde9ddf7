import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSlurm, until, whyNot } from '../scripts/slurm/cluster.mjs'

/*
 * What a job array costs: a sweep of seeds on one and on two nodes of a Slurm on this machine, beside one process with one and with two workers. Writes
 * results/slurm.json and the tables of ../docs/cluster.md. `npm run build` comes before; nothing else may run meanwhile.
 */

const root = join(import.meta.dirname, '..')
const quire = join(root, 'dist', 'cli', 'main.js')
const seeds = 6
const words = ['run', 'ramda', '--preset', 'smoke', '--seeds', String(seeds)]

const why = whyNot()
if (why) {
  console.error(`bench:slurm: ${why}`)
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'quire-bench-slurm-'))
const cluster = await startSlurm(['one', 'two'])
const seconds = (since) => (performance.now() - since) / 1000
const json = (path) => JSON.parse(readFileSync(path, 'utf8'))
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length

function call(more, env = {}) {
  const { status, stderr, stdout } = spawnSync(process.execPath, [quire, ...words, ...more], {
    env: { ...cluster.env, ...env },
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

function inOneProcess(workers) {
  const begun = performance.now()
  call(['--out', join(folder, `local-${workers}`)], { QUIRE_WORKERS: String(workers) })
  return { seconds: seconds(begun) }
}

/** From the call to the report, and what of it is training: the rest is the start of processes, the reading of data, the queue, the gathering. */
async function asArray(slots) {
  const out = join(folder, `array-${slots}`)
  const begun = performance.now()
  call(['--launcher', 'slurm', '--array-limit', String(slots), '--out', out])
  const submitted = seconds(begun)
  await until('the report', () => statSync(join(out, 'manifest.json'), { throwIfNoEntry: false }), 300)
  const total = seconds(begun)
  const tasks = Array.from({ length: seeds }, (_, seed) => {
    const units = join(out, 'tasks', String(seed), 'units')
    const training = readdirSync(units).reduce((sum, name) => sum + json(join(units, name)).seconds, 0)
    const wall =
      (Date.parse(json(join(out, 'tasks', `${seed}.done.json`)).at) - statSync(join(out, 'tasks', `${seed}.log`)).birthtimeMs) / 1000
    return { training, wall }
  })
  return { seconds: total, submitted, tasks }
}

async function measure() {
  call(['--out', join(folder, 'warm')]) // files into the page cache
  const local = [inOneProcess(1), inOneProcess(2)]
  const array = [await asArray(1), await asArray(2)]
  const [one] = array
  const training = mean(one.tasks.map((task) => task.training))
  const start = mean(one.tasks.map((task) => task.wall - task.training))
  const perTask = one.seconds / seeds - training
  return { command: ['quire', ...words].join(' '), seeds, local, array, model: { training, start, queue: perTask - start, perTask } }
}

const fixed = (value, digits = 1) => value.toFixed(digits)
const percent = (share) => `${Math.round(share * 100)} %`

function measuredTable({ local, array }) {
  const row = (what, { seconds: took }, first, slots) =>
    `| ${what} | ${fixed(took)} s | ${slots === 1 ? '' : percent(first.seconds / took / slots)} |`
  return [
    '| | time | efficiency |',
    '|---|---|---|',
    row('one process, 1 unit at a time', local[0], local[0], 1),
    row('one process, 2 units at a time', local[1], local[0], 2),
    row('job array on 1 node', array[0], array[0], 1),
    row('job array on 2 nodes', array[1], array[0], 2),
  ]
}

const lengths = [10, 60, 600, 3600]
const slots = [1, 5, 20]
const inTime = (value) =>
  value < 90 ? `${Math.round(value)} s` : value < 5400 ? `${Math.round(value / 60)} min` : `${fixed(value / 3600)} h`

function modelTable({ model: { perTask } }) {
  const count = 20
  const cell = (training, nodes) => {
    const time = Math.ceil(count / nodes) * (perTask + training)
    return `${inTime(time)} (${percent((count * training) / nodes / time)})`
  }
  const row = (training) => `| ${inTime(training)} | ${slots.map((nodes) => cell(training, nodes)).join(' | ')} |`
  return [
    `| training a seed | ${slots.map((nodes) => `${nodes} ${nodes === 1 ? 'slot' : 'slots'}`).join(' | ')} |`,
    `|---|${slots.map(() => '---|').join('')}`,
    ...lengths.map(row),
  ]
}

const marks = ['<!-- what follows is written by npm run bench:slurm -->', '<!-- until here -->']

function page(found) {
  const { model, command } = found
  return [
    `\`${command}\`, ${found.seeds} seeds, both nodes on one machine of 2 cores:`,
    '',
    ...measuredTable(found),
    '',
    `A seed trains for ${fixed(model.training)} s here. A task adds ${fixed(model.perTask)} s: ${fixed(model.start)} s to start Node, load the runtime, read the data and write the manifest, ${fixed(model.queue)} s in Slurm's queue and for its share of the last gathering.`,
    `So *n* seeds on *s* slots take ⌈n/s⌉ · (${fixed(model.perTask)} s + w), where *w* is the training of one seed. By this model, 20 seeds (and how much of the slots' time is training):`,
    '',
    ...modelTable(found),
    '',
    'The model leaves out what one machine cannot show: waiting for other people’s jobs, and a file system that many nodes read at once.',
  ].join('\n')
}

try {
  const found = await measure()
  writeFileSync(join(import.meta.dirname, 'results', 'slurm.json'), `${JSON.stringify(found, null, 2)}\n`)
  const path = join(root, 'docs', 'cluster.md')
  const text = readFileSync(path, 'utf8')
  const [before, after] = [text.slice(0, text.indexOf(marks[0])), text.slice(text.indexOf(marks[1]))]
  writeFileSync(path, `${before}${marks[0]}\n\n${page(found)}\n\n${after}`)
  console.log(page(found))
} finally {
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
}
