// npm run bench:mpi: how training by several ranks scales. Measures steps on 1 and 2 ranks of one thread each, and messages between two ranks; from the
// steps of one rank and the messages alone it predicts steps on more, and holds the prediction against the measured 2. Writes the tables of docs/parallel.md.
//   --print   shows the tables and writes nothing
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { modelOf, overNetwork } from './own/scaling-model.mjs'

const child = join(import.meta.dirname, 'own', 'scaling-child.mjs')
const root = process.getuid?.() === 0 ? ['--allow-run-as-root'] : []

function measured(ranks, ...words) {
  const { status, stdout, stderr } = spawnSync(
    'mpirun',
    [...root, '--oversubscribe', '-n', String(ranks), process.execPath, child, ...words],
    {
      encoding: 'utf8',
    },
  )
  if (status !== 0) throw new Error(`mpirun -n ${ranks}: ${stderr}`)
  return JSON.parse(stdout)
}

const number = (value, digits = 3) => String(Number(value.toPrecision(digits)))
const ms = (seconds) => number(seconds * 1e3)
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

/** Programs that wanted the processors before: where they are many, the times below are theirs, too. */
const [load] = loadavg()
const messages = measured(2, 'messages')
const workloads = measured(1, 'workloads')
const sections = []
for (const workload of workloads) {
  const [one, two] = [measured(1, 'steps', workload.name), measured(2, 'steps', workload.name)]
  sections.push(section(workload, one, two))
}

/** A workload's measured steps, and what the model says of them and of more ranks. */
function section({ name, title, shards, parameters }, one, two) {
  const here = modelOf({ one, messages, parameters, shards })
  if (here.compute <= 0)
    throw new Error(
      `${name}: half of the shards took longer than all of them; measure again when nothing else runs (load average ${number(load, 2)})`,
    )
  const ethernet = overNetwork(here)
  const error = (here.step(2) - two.sharded) / two.sharded
  const most = Array.from({ length: Math.log2(Math.min(64, shards)) + 1 }, (_, i) => 2 ** i)
  const row = (ranks) => {
    const known = { 1: one.sharded, 2: two.sharded }[ranks]
    return [
      ranks,
      known ? ms(known) : '',
      ms(here.step(ranks)),
      number(here.step(1) / here.step(ranks)),
      ms(ethernet.step(ranks)),
      number(ethernet.step(1) / ethernet.step(ranks)),
    ]
  }
  console.error(`${name}: the model is off by ${number(100 * error)} % at 2 ranks`)
  return [
    `**${title}**: ${parameters.toLocaleString('en')} parameters, ${shards} shards`,
    '',
    table(
      ['step of one thread', '1 rank, ms', '2 ranks, ms'],
      [
        ['whole batches (`--shards off`)', ms(one.whole), ''],
        [`${shards} shards, summed as a tree`, ms(one.sharded), ms(two.sharded)],
        ['`fast`: a shard a rank, `MPI_Allreduce`', ms(one.fast), ms(two.fast)],
      ],
    ),
    '',
    `Model: a step is ${ms(here.compute)} ms of shards, divided by the ranks, and ${ms(here.serial)} ms that every rank does. At 2 ranks it says ${ms(here.step(2))} ms, ` +
      `${number(Math.abs(100 * error), 2)} % ${error < 0 ? 'less' : 'more'} than measured.`,
    '',
    table(['ranks', 'measured, ms', 'model, ms', 'model, times faster', 'with a 10 Gbit/s network, ms', 'times faster'], most.map(row)),
  ].join('\n')
}

const written = [
  `Measured on ${cpus()[0].model.trim()}, ${cpus().length} cores, by \`npm run bench:mpi\`, at a load average of ${number(load, 2)} before it began. Times are the fastest of ${workloads[0].blocks} blocks of steps.`,
  '',
  table(
    ['bytes', 'one way between 2 ranks, µs', 'GB/s'],
    messages.sizes.map(({ bytes, seconds }) => [bytes.toLocaleString('en'), number(seconds * 1e6), number(bytes / seconds / 1e9)]),
  ),
  '',
  ...sections.flatMap((text) => [text, '']),
].join('\n')

if (process.argv.includes('--print')) console.log(written)
else {
  const page = join(import.meta.dirname, '..', 'docs', 'parallel.md')
  const marked = /(<!-- scaling -->\n)[\s\S]*?(<!-- \/scaling -->)/
  writeFileSync(
    page,
    readFileSync(page, 'utf8').replace(marked, (_, before, after) => `${before}${written}${after}`),
  )
}
