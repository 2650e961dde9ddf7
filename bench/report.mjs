/** From a summary to the terminal's table and to docs/performance.md. */
import { goals, memoryMiss } from './goals.mjs'
import { defaults } from './options.mjs'
import { peers } from './peers/index.mjs'
import { describe, workloads } from './workloads.mjs'

const milliseconds = (ms) => (ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2))
const times = (ratio) => `${ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2)}×`
const seconds = (ms) => `${(ms / 1000).toFixed(ms >= 10_000 ? 0 : ms >= 1000 ? 1 : 2)} s`
const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`

const HEADINGS = ['peer', 'ms a step', "quire's time = 1", 'fastest step', 'threads', 'first step', 'peak memory', 'losses']

/** The rows of one workload's table, as text. */
function rows(results, name) {
  const { reference, peers: measured } = results.workloads[name]
  const quire = measured.quire?.best
  const meant = ({ id }) => id in measured || (id in results.leftOut && (workloads[name].peers?.includes(id) ?? true))
  return peers.filter(meant).map(({ id, title }) => {
    const empty = (reason) => [title, '–', '–', '–', '–', '–', '–', reason]
    if (!(id in measured)) return empty(`left out: ${results.leftOut[id]}`)
    const { best, tried } = measured[id]
    if (!best) return empty(`failed: ${tried[0]?.failed}`)
    const verdict = id === reference ? 'reference' : best.valid === undefined ? 'unchecked' : best.valid ? 'equal' : 'INVALID'
    const difference = id === reference || best.lossDifference === undefined ? '' : ` (${best.lossDifference.toExponential(0)})`
    const compared = Math.max(...tried.map(({ losses }) => losses?.length ?? 0))
    return [
      title,
      milliseconds(best.medianMs),
      quire && quire.valid !== false && best.valid !== false ? times(best.medianMs / quire.medianMs) : '–',
      milliseconds(best.minMs),
      String(best.threads),
      seconds(best.firstMs),
      `${best.peakRssMb} MB`,
      `${verdict}${difference}, ${compared} steps`,
    ]
  })
}

const extentTitle = { width: 'width', layers: 'depth', batch: 'batch', context: 'sequence length' }

const baseText = ({ base }) =>
  Object.entries(base)
    .map(([name, value]) => `${extentTitle[name]} ${value}`)
    .join(', ')

/** The measures of quire alone: tables { heading, text, header, rows }, of those that were taken. */
function ownTables({ own }) {
  const { ceiling, overhead, compile, memory = {}, scaling, steady } = own
  const python = own['ceiling-python']
  const works = (value) => value && !value.failed
  const number = (value, unit) => (value === undefined ? '–' : `${value.toFixed(value >= 100 ? 0 : 1)} ${unit}`)
  const memories = Object.entries(memory).filter(([, value]) => works(value))
  return [
    works(ceiling) && {
      heading: 'What the machine can do at best',
      text: 'All cores; the shortest of 20 runs.',
      header: ['', 'quire’s runtime', 'PyTorch', 'numpy'],
      rows: [
        [
          'product of 2048×2048 matrices',
          number(ceiling.gigaflops, 'GFLOP/s'),
          number(python?.torchGigaflops, 'GFLOP/s'),
          number(python?.numpyGigaflops, 'GFLOP/s'),
        ],
        ['sum of two vectors of 64 MiB', number(ceiling.gigabytes, 'GB/s'), number(python?.torchGigabytes, 'GB/s'), '–'],
      ],
    },
    works(overhead) && {
      heading: 'What a step costs beside its arithmetic',
      text: 'A 4-8-2 network, batch 4, Adam, 1 thread: medians of interleaved blocks.',
      header: ['trainStep', 'the runtime’s own call of the same graph', 'difference'],
      rows: [[overhead.stepUs, overhead.callUs, overhead.overheadUs].map((us) => `${us.toFixed(1)} µs`)],
    },
    works(compile) && {
      heading: 'Tracing and compiling',
      text: 'The first training step of a 12-layer transformer (width 64, 2×32 tokens, Adam) less the time of an ordinary step; in a new process with the loading of the runtime.',
      header: ['new process', 'of it loading the runtime', 'a second trainStep in the same process', 'an ordinary step'],
      rows: [
        [seconds(compile.coldMs), seconds(compile.runtimeMs), `${compile.warmMs.toFixed(0)} ms`, `${milliseconds(compile.stepMs)} ms`],
      ],
    },
    memories.length > 0 && {
      heading: 'Memory of a step',
      text:
        'Growth of the resident memory over the first run of a compiled step, and what explain() predicts: results, and intermediate values at the worst ' +
        "moment. The prediction does not count what the runtime's arena loses between pieces in use, and the working space of its convolutions and products.",
      header: ['workload', 'predicted', 'of it results', 'measured', 'the prediction is off by'],
      rows: memories.map(([name, value]) => [
        name,
        megabytes(value.predictedBytes),
        megabytes(value.resultBytes),
        megabytes(value.grownBytes),
        `${(100 * memoryMiss(value)).toFixed(0)} %`.replace('-', '−'),
      ]),
    },
    works(scaling) && {
      heading: 'Cost as the model grows',
      text:
        `A transformer's training step (${baseText(scaling)}) as one of these doubles three times: ` +
        'the exponent of the time, fitted on logarithms, with its 95 % interval.',
      header: ['what grows', 'values', 'ms a step', 'exponent'],
      rows: Object.entries(scaling.exponents).map(([name, { values, stepMs, exponent, halfWidth }]) => [
        extentTitle[name],
        values.join(', '),
        stepMs.map(milliseconds).join(', '),
        `${exponent.toFixed(2)} ± ${halfWidth.toFixed(2)}`,
      ]),
    },
    works(steady) && {
      heading: 'Memory of a long run',
      text: `${steady.steps.toLocaleString('en')} steps of the 4-8-2 network.`,
      header: ['resident after a tenth', 'after all', 'most'],
      rows: [[steady.firstMb, steady.lastMb, steady.mostMb].map((mb) => `${mb.toFixed(1)} MiB`)],
    },
  ].filter(Boolean)
}

/** Where the time goes in workloads that miss a goal. */
function profileTables(results) {
  const missed = new Set(goals(results).flatMap(({ met, workload }) => (met || !workload ? [] : [workload])))
  return [...missed].flatMap((name) => {
    const profile = results.own.profile?.[name]
    if (!profile || profile.failed) return []
    const cells = ({ name, milliseconds: ms, share, gigaflops, nodes }) => [
      name,
      milliseconds(ms),
      `${(100 * share).toFixed(1)} %`,
      gigaflops.toFixed(1),
      String(nodes),
    ]
    return [
      {
        heading: `${name}: where the time goes`,
        text: `By operation, from profile(): ${milliseconds(profile.milliseconds)} ms a step in the runtime's nodes.`,
        header: ['operation', 'ms', 'share', 'GFLOP/s', 'nodes'],
        rows: profile.operations.slice(0, 12).map(cells),
      },
    ]
  })
}

const goalRows = (results) => goals(results).map(({ goal, measured, met }) => [goal, measured, met ? 'met' : '**missed**'])

const workloadTable = (results, name) => ({
  heading: name,
  text: `${describe(workloads[name])}.`,
  header: HEADINGS,
  rows: rows(results, name),
})

/** For the terminal. */
export function table(results) {
  const tables = [
    ...Object.keys(results.workloads).map((name) => workloadTable(results, name)),
    ...ownTables(results),
    ...profileTables(results),
    { heading: 'Goals', header: ['', '', ''], rows: goalRows(results) },
  ]
  return tables.map(plain).join('\n')
}

function plain({ heading, text, header, rows }) {
  const body = [header, ...rows].filter((row) => row.some(Boolean))
  const widths = header.map((_, column) => Math.max(...body.map((row) => row[column].length)))
  const lines = body.map((row) =>
    row.map((cell, i) => (i === 0 || i === row.length - 1 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))),
  )
  return ['', heading, ...(text ? [text] : []), ...lines.map((line) => line.join('  ').trimEnd())].join('\n')
}

const row = (cells) => `| ${cells.join(' | ')} |`
const markdownTable = (header, body) =>
  [row(header), `|${header.map((_, i) => (i === 0 ? '---' : '---:')).join('|')}|`, ...body.map(row)].join('\n')
const section = ({ heading, text, header, rows }, level = '##') => `${level} ${heading}\n\n${text}\n\n${markdownTable(header, rows)}\n`

function everyRound(results, name) {
  const { peers: measured } = results.workloads[name]
  const cells = peers
    .filter(({ id }) => measured[id])
    .map(({ id, title }) => {
      const each = measured[id].tried.map(
        ({ threads, rounds, failed }) => `${threads}: ${rounds ? rounds.map(milliseconds).join(', ') : `failed: ${failed}`}`,
      )
      return [title, each.join(' · ')]
    })
  return `<details><summary>Every round (threads: ms a step)</summary>\n\n${markdownTable(['peer', 'rounds'], cells)}\n\n</details>\n`
}

/** The command that measures this again. */
function commandOf(results) {
  const settings = Object.keys(defaults).filter((name) => results[name] !== defaults[name])
  return ['npm run bench', ...(settings.length > 0 ? ['--'] : []), ...settings.map((name) => `--${name} ${results[name]}`)].join(' ')
}

/** docs/performance.md */
export function markdown(results) {
  const { machine } = results
  const names = Object.keys(results.workloads)
  const versions = peers.flatMap(({ id, title }) => {
    const found = names.map((name) => results.workloads[name].peers[id]?.best?.versions).find(Boolean)
    const text = Object.entries(found ?? {}).map(([name, version]) => `${name} ${version}`)
    return found ? [`- ${title}: ${text.join(', ')}`] : []
  })
  const left = Object.entries(results.leftOut).map(([id, reason]) => `- ${peers.find((peer) => peer.id === id).title}: ${reason}`)
  const profiles = profileTables(results)
  const parts = [
    '<!-- Written by `npm run bench`; do not edit. -->',
    `# Performance

A training step (forward, backward, the optimizer's update) in float32 on the CPU, quire and its peers in one run, each in its own process, one after the
other. All start from the same weights and see the same batches; a peer counts only if its losses equal the reference's to ${results.lossTolerance} at each of
the steps compared. Times are medians over up to ${results.rounds} interleaved rounds of about ${results.seconds} s; the better thread count of each peer is shown.
A peer more than three times slower than the fastest is measured once. How each peer is written, and why, is in [bench/README.md](../bench/README.md).

- command: \`${commandOf(results)}\`, at commit ${results.commit}
- machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}; load ${results.load.toFixed(2)} before the run
- date: ${results.dates.join(' to ')}; the measurements took ${results.minutes} minutes`,
    `## Goals\n\n${markdownTable(['goal', 'measured', ''], goalRows(results))}\n`,
    ...names.flatMap((name) => [section(workloadTable(results, name)), everyRound(results, name)]),
    '# Quire alone\n',
    ...ownTables(results).map((each) => section(each)),
    ...(profiles.length > 0 ? ['# Where a goal is missed\n', ...profiles.map((each) => section(each))] : []),
    `## Versions\n\n${versions.join('\n')}\n`,
    ...(left.length > 0 ? [`Left out:\n\n${left.join('\n')}\n`] : []),
  ]
  return parts.join('\n\n').replace(/\n{3,}/g, '\n\n')
}
