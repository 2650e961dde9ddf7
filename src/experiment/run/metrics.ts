import { dirname } from 'node:path'
import type { Series } from '../definition.ts'
import { guarded, operations, readIfThere, syncFolder, writeAtomically, writeFully } from './disk.ts'

/** A line of metrics.jsonl. A value that is NaN or infinite is stored as null. */
export interface Observation {
  readonly unit: string
  readonly step: number
  readonly name: string
  readonly value: number | null
  /** Milliseconds since 1970. */
  readonly time: number
}

export interface MetricsLog {
  /** Returns how many observations these are. */
  append(unit: string, step: number, values: Readonly<Record<string, number>>): number
  /** Makes everything so far durable. */
  sync(): void
  close(): void
}

/** Opens metrics.jsonl to append; its name is on the disk before the first line is. Several threads may have it open: whole lines are appended at once, so that they only take turns. */
export function openMetrics(path: string): MetricsLog {
  const file = guarded(path, () => operations.open(path, 'a'))
  guarded(path, () => syncFolder(dirname(path)))
  return {
    append(unit, step, values) {
      const lines = Object.entries(values).map(([name, value]) =>
        JSON.stringify({ unit, step, name, value, time: Date.now() } satisfies Observation),
      )
      if (lines.length) guarded(path, () => writeFully(file, new TextEncoder().encode(`${lines.join('\n')}\n`)))
      return lines.length
    },
    sync: () => guarded(path, () => operations.sync(file)),
    close: () => operations.close(file),
  }
}

/** How many observations of a unit a metrics file holds. */
export const countObservations = (path: string, unit: string): number => readMetrics(path).filter((line) => line.unit === unit).length

/**
 * Keeps only the first so many observations of each unit: what was logged after the checkpoint from which a unit goes on will be logged again.
 * Torn lines go, too. Nobody may have the file open.
 */
export function trimMetrics(path: string, keep: (unit: string) => number): void {
  const before = readIfThere(path)?.toString('utf8')
  if (before === undefined) return
  const left = new Map<string, number>()
  const kept = parseMetrics(before).filter(({ unit }) => {
    const rest = left.get(unit) ?? keep(unit)
    left.set(unit, rest - 1)
    return rest > 0
  })
  const text = kept.map((observation) => `${JSON.stringify(observation)}\n`).join('')
  if (text !== before) writeAtomically(path, text)
}

/** All whole lines of a metrics file; a torn one, as a kill leaves at the end, is skipped. */
export const readMetrics = (path: string): Observation[] => parseMetrics(readIfThere(path)?.toString('utf8') ?? '')

function parseMetrics(text: string): Observation[] {
  return text.split('\n').flatMap((line) => {
    try {
      const parsed = JSON.parse(line) as Observation
      return typeof parsed?.unit === 'string' && typeof parsed.name === 'string' ? [parsed] : []
    } catch {
      return []
    }
  })
}

/** Points a series that units/*.json keeps; metrics.jsonl has them all. */
const seriesLimit = 2000

/** What one unit logged, as curves. Steps grow; where one comes again, the unit was started anew, and what it said before is dropped. */
export function seriesOf(observations: readonly Observation[], unit: string): Record<string, Series> {
  const curves: Record<string, { x: number[]; y: number[] }> = {}
  for (const { unit: owner, name, step, value } of observations) {
    if (owner !== unit) continue
    const curve = (curves[name] ??= { x: [], y: [] })
    while (curve.x.length && curve.x[curve.x.length - 1] >= step) {
      curve.x.pop()
      curve.y.pop()
    }
    curve.x.push(step)
    curve.y.push(value ?? Number.NaN)
  }
  return Object.fromEntries(Object.entries(curves).map(([name, curve]) => [name, thinned(curve)]))
}

function thinned({ x, y }: Series): Series {
  const stride = Math.ceil(x.length / seriesLimit)
  const keep = (_: number, i: number) => i % stride === 0 || i === x.length - 1
  return stride <= 1 ? { x, y } : { x: x.filter(keep), y: y.filter(keep) }
}
