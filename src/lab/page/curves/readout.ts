import type { Figure } from '../../../experiment/report/figure.ts'
import type { Label } from '../../../experiment/text.ts'

/** What a series is at the place of the cursor. */
export interface Reading {
  /** Which series it is. */
  readonly index: number
  readonly label: Label
  readonly x: number
  readonly y: number
  readonly interval?: readonly [number, number]
}

type Row = readonly (number | string | undefined)[]

/** The row whose first number is nearest; rows grow. */
function nearest<R extends Row>(rows: readonly R[], x: number): R | undefined {
  let [low, high] = [0, rows.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle][0] as number) < x) low = middle + 1
    else high = middle
  }
  const [before, after] = [rows[low - 1], rows[low]]
  return before && (!after || x - (before[0] as number) <= (after[0] as number) - x) ? before : after
}

/** What the lines of a figure are at x, or at their point next to it; a line that is not there yet, or no more, says nothing. */
export function readingsAt({ series }: Figure, x: number): Reading[] {
  return series.flatMap(({ label, points, band = [], seeds = [] }, index) => {
    const lines = points.length ? points : (seeds.find((seed) => seed.length) ?? [])
    const point = nearest(lines, x)
    if (!point || !reaches(lines, x)) return []
    const [at, low, high] = nearest(band, x) ?? []
    const interval = at === point[0] && low !== undefined && high !== undefined ? ([low, high] as const) : undefined
    return [{ index, label, x: point[0] as number, y: point[1] as number, interval }]
  })
}

/** To half a point beyond its ends. */
function reaches(points: readonly Row[], x: number): boolean {
  const [first, last] = [points[0][0] as number, points[points.length - 1][0] as number]
  const margin = (last - first) / Math.max(1, points.length - 1) / 2
  return x >= first - margin && x <= last + margin
}

/** The first and the last x of any line; none where there is no line. */
export function endsOf({ series }: Figure): readonly [number, number] | undefined {
  const ends = series.flatMap(({ points, seeds = [] }) =>
    [points, ...seeds].flatMap((line) => (line.length ? [line[0][0] as number, line[line.length - 1][0] as number] : [])),
  )
  const numbers = ends.filter(Number.isFinite)
  return numbers.length ? [Math.min(...numbers), Math.max(...numbers)] : undefined
}

/** Where the cursor can stand: every x of any line, in order. */
export function stopsOf({ series }: Figure): number[] {
  const all = series.flatMap(({ points, seeds = [] }) => [...points, ...seeds.flat()].map(([x]) => x as number))
  return [...new Set(all)].filter(Number.isFinite).sort((a, b) => a - b)
}

const places = ['ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End'] as const

/** Where a key moves the cursor, or undefined for keys that do not. A page is a tenth of the way. */
export function moved(stops: readonly number[], at: number | undefined, key: string): number | undefined {
  if (!(places as readonly string[]).includes(key) || !stops.length) return undefined
  const last = stops.length - 1
  if (key === 'Home') return stops[0]
  if (key === 'End') return stops[last]
  if (at === undefined) return key === 'ArrowLeft' || key === 'PageUp' ? stops[last] : stops[0]
  const distance = { ArrowLeft: -1, ArrowRight: 1, PageUp: -Math.ceil(last / 10), PageDown: Math.ceil(last / 10) }[key]!
  const here = stops.findIndex((stop) => stop >= at)
  return stops[Math.min(last, Math.max(0, (here < 0 ? last : here) + distance))]
}
