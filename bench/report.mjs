/** From measurements to the table, the goals and docs/speed.md. */
import { median } from './peers/harness.mjs'
import { peers } from './peers/index.mjs'
import { describe, workloads } from './workloads.mjs'

const round = (value, digits) => Number(value.toFixed(digits))

/** One workload's measurements as plain data: every peer with its best thread count, and all that were tried. */
export function summarise({ reference, configurations }) {
  const rows = {}
  for (const { peer, threads, runs, failed, lossDifference, valid } of configurations) {
    rows[peer.id] ??= { tried: [] }
    if (runs.length === 0) {
      rows[peer.id].tried.push({ threads, failed })
      continue
    }
    rows[peer.id].tried.push({
      threads,
      medianMs: round(median(runs.map((run) => run.medianMs)), 3),
      minMs: round(Math.min(...runs.map((run) => run.minMs)), 3),
      rounds: runs.map((run) => round(run.medianMs, 3)),
      steps: runs.reduce((sum, run) => sum + run.steps, 0),
      firstMs: round(Math.max(...runs.map((run) => run.firstMs)), 1),
      peakRssMb: round(Math.max(...runs.map((run) => run.peakRssMb)), 0),
      ...(lossDifference !== undefined && { lossDifference: Number(lossDifference.toPrecision(3)), valid }),
      losses: runs[0].losses,
      versions: runs[0].versions,
      ...(failed && { failed }),
    })
  }
  for (const row of Object.values(rows)) {
    const usable = row.tried.filter(({ medianMs, valid }) => medianMs !== undefined && valid !== false)
    const order = (a, b) => a.medianMs - b.medianMs
    const best = [...usable].sort(order)[0] ?? row.tried.filter(({ medianMs }) => medianMs !== undefined).sort(order)[0]
    if (best) row.best = best
  }
  return { reference, peers: rows }
}

const milliseconds = (ms) => (ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2))
const times = (ratio) => `${ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2)}×`
const seconds = (ms) => `${(ms / 1000).toFixed(ms >= 10_000 ? 0 : ms >= 1000 ? 1 : 2)} s`
const versionText = (versions) =>
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')

const HEADINGS = ['peer', 'ms a step', "quire's time = 1", 'fastest step', 'threads', 'first step', 'peak memory', 'losses']

/** The rows of one workload's table, as text. */
function rows(results, name) {
  const { reference, peers: measured } = results.workloads[name]
  const quire = measured.quire?.best
  return peers
    .filter(({ id }) => id in measured || id in results.leftOut)
    .map(({ id, title }) => {
      const empty = (reason) => [title, '–', '–', '–', '–', '–', '–', reason]
      if (id in results.leftOut) return empty(`left out: ${results.leftOut[id]}`)
      const { best, tried } = measured[id]
      if (!best) return empty(`failed: ${tried[0]?.failed}`)
      const verdict = id === reference ? 'reference' : best.valid === undefined ? 'unchecked' : best.valid ? 'equal' : 'INVALID'
      const difference = id === reference || best.lossDifference === undefined ? '' : ` (${best.lossDifference.toExponential(0)})`
      return [
        title,
        milliseconds(best.medianMs),
        quire && quire.valid !== false && best.valid !== false ? times(best.medianMs / quire.medianMs) : '–',
        milliseconds(best.minMs),
        String(best.threads),
        seconds(best.firstMs),
        `${best.peakRssMb} MB`,
        verdict + difference,
      ]
    })
}

/** The goals set for the GPT step: [what, the bar, measured, met]. A goal whose peers did not run validly is not judged. */
export function goals(results) {
  const measured = results.workloads.gpt?.peers
  const time = (id) => (measured?.[id]?.best?.valid === false ? undefined : measured?.[id]?.best?.medianMs)
  const quire = time('quire')
  if (quire === undefined) return []
  const compiled = peers.filter(({ kind, id }) => kind === 'compiled' && time(id) !== undefined).map(({ id }) => id)
  const compiledBest = compiled.sort((a, b) => time(a) - time(b))[0]
  const title = (id) => peers.find((peer) => peer.id === id)?.title
  const atMost = (id, bar) => {
    const ratio = quire / time(id)
    return [`at most ${bar}× the time of ${title(id)}`, `${ratio.toFixed(2)}×`, ratio <= bar]
  }
  const faster = (id, bar) => {
    const ratio = time(id) / quire
    return [`at least ${bar}× faster than ${title(id)}`, `${ratio.toFixed(1)}×`, ratio >= bar]
  }
  return [
    time('torch') !== undefined && atMost('torch', 0.7),
    compiledBest && [`${atMost(compiledBest, 1)[0]} (the best compiled peer)`, ...atMost(compiledBest, 1).slice(1)],
    time('jax-js') !== undefined && faster('jax-js', 8),
    time('tfjs') !== undefined && faster('tfjs', 4),
  ].filter(Boolean)
}

const goalLines = (results) => goals(results).map(([what, value, met]) => `${met ? 'met   ' : 'missed'}  GPT step ${what}: ${value}`)

/** For the terminal. */
export function table(results) {
  const parts = Object.keys(results.workloads).map((name) => {
    const body = [HEADINGS, ...rows(results, name)]
    const widths = HEADINGS.map((_, column) => Math.max(...body.map((row) => row[column].length)))
    const left = (column) => column === 0 || column === HEADINGS.length - 1
    const lines = body.map((row) =>
      row
        .map((cell, i) => (left(i) ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    return `\n${name}: ${describe(workloads[name])}\n${lines.join('\n')}`
  })
  return [...parts, '', ...goalLines(results)].join('\n')
}

/** docs/speed.md */
export function markdown(results) {
  const { machine } = results
  const row = (cells) => `| ${cells.join(' | ')} |`
  const sections = Object.keys(results.workloads).map((name) => {
    const { peers: measured } = results.workloads[name]
    const tried = peers
      .filter(({ id }) => measured[id]?.best)
      .map(({ id, title }) => {
        const each = measured[id].tried.map((t) =>
          t.medianMs === undefined ? `${t.threads}: failed` : `${t.threads}: ${t.rounds.map(milliseconds).join(', ')}`,
        )
        return row([title, each.join(' · ')])
      })
    return `## ${name}

${describe(workloads[name])}.

${row(HEADINGS)}
|---|---:|---:|---:|---:|---:|---:|---|
${rows(results, name).map(row).join('\n')}

<details><summary>Every round (threads: ms a step)</summary>

| peer | rounds |
|---|---|
${tried.join('\n')}

</details>
`
  })
  const versions = peers
    .map(({ id, title }) => {
      const best = Object.values(results.workloads).map((workload) => workload.peers[id]?.best)
      return [title, best.find(Boolean)?.versions]
    })
    .filter(([, found]) => found)
    .map(([title, found]) => `- ${title}: ${versionText(found)}`)
  const left = Object.entries(results.leftOut).map(([id, reason]) => `- ${peers.find((peer) => peer.id === id)?.title}: ${reason}`)
  const judged = goals(results).map(([what, value, met]) => row([what, value, met ? 'met' : '**missed**']))
  return `<!-- Written by \`npm run bench\`; do not edit. -->
# Speed

A training step (forward, backward, Adam) in float32 on the CPU, quire and its peers in one run, each in its own process, one after the other. All
start from the same weights and see the same batches; a peer counts only if its losses equal the reference's to ${results.lossTolerance} at each of the
first 20 steps. Times are medians over ${results.rounds} interleaved rounds of about ${results.seconds} s; the better thread count of each peer is shown. How
each peer is written, and why, is in [bench/README.md](../bench/README.md).

- command: \`${results.command}\`
- machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}; load ${machine.loadBefore.toFixed(2)} before the run
- date: ${results.date.slice(0, 10)}; the run took ${results.minutes} minutes

## Goals for the GPT step

| goal | measured | |
|---|---:|---|
${judged.join('\n') || '| not judged: no valid measurement of quire | | |'}

${sections.join('\n')}
## Versions

${versions.join('\n')}
${left.length ? `\nLeft out:\n\n${left.join('\n')}\n` : ''}`
}
