/** From the store's single measurements to one row a peer: plain data, as results/latest.json holds it. */
import { measures } from './own/index.mjs'
import { median } from './peers/harness.mjs'
import { peers, references } from './peers/index.mjs'
import { LOSS_TOLERANCE, workloads } from './workloads.mjs'

const round = (value, digits) => Number(value.toFixed(digits))

/** The largest difference of two runs' losses over the steps that both report. */
function lossDifference(a, b) {
  const steps = Math.min(a.length, b.length)
  const worst = Math.max(...Array.from({ length: steps }, (_, i) => Math.abs(a[i] - b[i])))
  return Number.isNaN(worst) ? Number.POSITIVE_INFINITY : worst
}

/** The runs of a workload as { peer, threads, runs, failed }, in the order in which they were taken. */
function configurationsOf(runs, name) {
  const found = new Map()
  for (const [key, { date, tookMs, ...result }] of Object.entries(runs)) {
    const [part, peer, threads] = key.split('/')
    if (part !== name) continue
    const id = `${peer}/${threads}`
    if (!found.has(id)) found.set(id, { peer, threads: Number(threads), runs: [] })
    if (result.failed) found.get(id).failed = result.failed
    else found.get(id).runs.push(result)
  }
  return [...found.values()]
}

function rowOf({ threads, runs, failed }, referenceLosses) {
  if (runs.length === 0) return { threads, failed }
  const difference = referenceLosses && Math.max(...runs.map(({ losses }) => lossDifference(losses, referenceLosses)))
  return {
    threads,
    medianMs: round(median(runs.map((run) => run.medianMs)), 3),
    minMs: round(Math.min(...runs.map((run) => run.minMs)), 3),
    rounds: runs.map((run) => round(run.medianMs, 3)),
    steps: runs.reduce((sum, run) => sum + run.steps, 0),
    firstMs: round(Math.max(...runs.map((run) => run.firstMs)), 1),
    peakRssMb: round(Math.max(...runs.map((run) => run.peakRssMb)), 0),
    ...(difference !== undefined && { lossDifference: Number(difference.toPrecision(3)), valid: difference <= LOSS_TOLERANCE }),
    losses: runs[0].losses,
    versions: runs[0].versions,
    ...(failed && { failed }),
  }
}

function summariseWorkload(runs, name) {
  const configurations = configurationsOf(runs, name)
  const firstRun = (id) => configurations.find(({ peer, runs }) => peer === id && runs.length > 0)?.runs[0]
  const reference = references.find((id) => firstRun(id))
  const rows = {}
  for (const { id } of peers) {
    const tried = configurations.filter(({ peer }) => peer === id).map((each) => rowOf(each, firstRun(reference)?.losses))
    if (tried.length === 0) continue
    const timed = tried.filter(({ medianMs }) => medianMs !== undefined).sort((a, b) => a.medianMs - b.medianMs)
    const best = timed.find(({ valid }) => valid !== false) ?? timed[0]
    rows[id] = { tried, ...(best && { best }) }
  }
  return { reference, peers: rows }
}

/** The measures of quire alone, by name; those of each workload by workload. Failed ones are as they are: { failed }. */
function summariseOwn(runs, parts) {
  const of = (key) => runs[key] && Object.fromEntries(Object.entries(runs[key]).filter(([name]) => !['date', 'tookMs'].includes(name)))
  const entries = measures
    .filter(({ id }) => parts.includes(id))
    .map(({ id, each }) => [
      id,
      each ? Object.fromEntries(Object.keys(workloads).map((name) => [name, of(`own/${id}/${name}`)])) : of(`own/${id}`),
    ])
  return Object.fromEntries(entries.filter(([, value]) => value))
}

/** Everything that was measured of these parts. */
export function summarise({ origin, leftOut, load, runs }, parts) {
  const taken = Object.values(runs)
  const dates = taken.map(({ date }) => date.slice(0, 10)).sort()
  return {
    ...origin,
    dates: [...new Set([dates[0], dates.at(-1)])].filter(Boolean),
    minutes: round(taken.reduce((sum, { tookMs }) => sum + tookMs, 0) / 60_000, 1),
    load,
    lossTolerance: LOSS_TOLERANCE,
    leftOut,
    workloads: Object.fromEntries(
      Object.keys(workloads)
        .filter((name) => parts.includes(name))
        .map((name) => [name, summariseWorkload(runs, name)]),
    ),
    own: summariseOwn(runs, parts),
  }
}
