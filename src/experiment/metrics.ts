import { existsSync, readFileSync, statSync } from 'node:fs'
import type { Series } from './definition.ts'
import { asInputError, operations, writeFully } from './disk.ts'

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
  append(unit: string, step: number, values: Readonly<Record<string, number>>): void
  /** Makes everything so far durable and returns the length of the file, to which `rewind` can return. */
  sync(): number
  /** Drops all beyond `bytes`, a torn last line included. */
  rewind(bytes: number): void
  close(): void
}

/** Opens metrics.jsonl to append. */
export function openMetrics(path: string): MetricsLog {
  const file = guarded(path, () => operations.open(path, 'a'))
  let length = metricsLength(path)
  return {
    append(unit, step, values) {
      const lines = Object.entries(values).map(([name, value]) =>
        JSON.stringify({ unit, step, name, value, time: Date.now() } satisfies Observation),
      )
      if (!lines.length) return
      const bytes = new TextEncoder().encode(`${lines.join('\n')}\n`)
      guarded(path, () => writeFully(file, bytes))
      length += bytes.length
    },
    sync() {
      guarded(path, () => operations.sync(file))
      return length
    },
    rewind(bytes) {
      if (bytes >= length) return
      guarded(path, () => operations.truncate(path, bytes))
      length = bytes
    },
    close: () => operations.close(file),
  }
}

function guarded<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw asInputError(error, path)
  }
}

export const metricsLength = (path: string): number => (existsSync(path) ? statSync(path).size : 0)

/** All whole lines of a metrics file; a torn one, as a kill leaves at the end, is skipped. */
export function readMetrics(path: string): Observation[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
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
