// What run folders say, but for times.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const timely = new Set([
  'seconds',
  'wallSeconds',
  'checklist',
  'peakBytes',
  'started',
  'finished',
  'resumed',
  'id',
  'time',
  'command',
  'machine',
  'versions',
])
/** Measured in milliseconds, by ramda's comparison of a network with the smaller one that is cut out of it. */
const measuredTimes = new Set(['milliseconds', 'millisecondsCompacted', 'atATime'])

const withoutTimes = (text) =>
  JSON.stringify(JSON.parse(text), (key, value) => (timely.has(key) || measuredTimes.has(key) ? undefined : value))

/** Figures of measured times, the list of all figures with their numbers, and what says when and where. */
const apart = /(^|\/)(run\.json|lock|figures\.json|latency[^/]*\.svg|report\.(md|html)|manifest\.json)$|^checkpoints\//

/** Hashes of a run's weights, metrics, units and report, by file. Units may have been logged side by side, so that only the order within one counts. */
export function contents(folder) {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile())
  return Object.fromEntries(
    names
      .filter((name) => !apart.test(name))
      .sort()
      .map((name) => {
        const bytes = readFileSync(join(folder, name))
        const text = name.endsWith('.jsonl')
          ? sortedByUnit(bytes.toString())
          : name.endsWith('.json')
            ? withoutTimes(bytes.toString())
            : bytes
        return [name, createHash('sha256').update(text).digest('hex')]
      }),
  )
}

function sortedByUnit(text) {
  const lines = text.trimEnd().split('\n')
  const unitOf = (line) => JSON.parse(line).unit ?? ''
  return lines
    .map((line, at) => ({ unit: unitOf(line), at, line: withoutTimes(line) }))
    .sort((a, b) => (a.unit < b.unit ? -1 : a.unit > b.unit ? 1 : a.at - b.at))
    .map(({ line }) => line)
    .join('\n')
}
