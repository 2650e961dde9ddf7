// What run folders say, but for times.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What differs between a run and the same run again: times, memory of the process, and what is said of them. The same as in comparable.ts of the tests. */
const timely = ['seconds', 'wallSeconds', 'checklist', 'peakBytes', 'started', 'finished', 'resumed', 'id', 'time', 'command']
/** Measured in milliseconds, by ramda's comparison of a network with the smaller one that is cut out of it. */
const measuredTimes = ['milliseconds', 'millisecondsCompacted']

/** Hashes of others, pages that are made of report.json, and who is at work. */
const apart = /(^|\/)(lock(\..*)?|report\.(md|html)|manifest\.json)$|^tasks\//
/** The figure of measured times: that it is there counts, but not its picture. */
const timelyPicture = /^artifacts\/latency[^/]*\.svg$/

/**
 * SHA-256 of every file of a run folder, as it would be without times. `besides` names further keys that may differ. With `sideBySide`, units may have been
 * logged side by side, so that only the order within one counts.
 */
export function contents(folder, { besides = [], sideBySide = false } = {}) {
  const leftOut = new Set([...timely, ...measuredTimes, ...besides])
  const untimely = (value) => JSON.stringify(value, (key, inner) => (leftOut.has(key) ? undefined : inner))
  const textOf = (name) => {
    const bytes = readFileSync(join(folder, name))
    if (timelyPicture.test(name)) return 'a figure of times'
    if (name === 'artifacts/figures.json') return JSON.stringify(JSON.parse(bytes).map(withoutPoints))
    if (name.endsWith('.json')) return untimely(JSON.parse(bytes))
    if (!name.endsWith('.jsonl')) return bytes
    const lines = bytes.toString().trimEnd().split('\n')
    return (sideBySide ? byUnit(lines) : lines).map((line) => untimely(JSON.parse(line))).join('\n')
  }
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile())
  return Object.fromEntries(
    names
      .filter((name) => !apart.test(name))
      .sort()
      .map((name) => [name, createHash('sha256').update(textOf(name)).digest('hex')]),
  )
}

/** The names of all files, and of those that two folders do not have alike. */
export function compared(a, b, options) {
  const [one, other] = [contents(a, options), contents(b, options)]
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  return { names, different: names.filter((name) => one[name] !== other[name]) }
}

/** A figure of times without the places of its points; any other as it is. */
const withoutPoints = (figure) =>
  figure.id === 'latency'
    ? { ...figure, series: figure.series.map((one) => ({ ...one, points: one.points.map(([label]) => label) })) }
    : figure

function byUnit(lines) {
  const unitOf = (line) => JSON.parse(line).unit ?? ''
  return lines
    .map((line, at) => ({ unit: unitOf(line), at, line }))
    .sort((a, b) => (a.unit < b.unit ? -1 : a.unit > b.unit ? 1 : a.at - b.at))
    .map(({ line }) => line)
}
