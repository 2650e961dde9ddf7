import { studentT } from '../../../experiment/verdict/statistics.ts'
import type { Curve } from './curves.ts'

/** A mean over seeds, with the 95 % interval of it (Student t) where there are two seeds or more. */
export interface Band {
  readonly steps: readonly number[]
  readonly mean: readonly number[]
  readonly low: readonly number[]
  readonly high: readonly number[]
}

/**
 * The mean over seeds at every step that one of them logged, where all of them have come so far: a mean that loses seeds on its way would jump, and
 * say something about which seeds are left. A seed that logged other steps is taken as linear between them.
 */
export function overSeeds(curves: readonly Curve[]): Band {
  const begun = curves.filter(({ steps }) => steps.length > 0)
  const from = Math.max(...begun.map(({ steps }) => steps[0]))
  const to = Math.min(...begun.map(({ steps }) => steps[steps.length - 1]))
  const steps = begun.length ? stepsBetween(begun, from, to) : []
  return {
    steps,
    ...meanAndInterval(
      begun.map((curve) => valuesAt(curve, steps)),
      steps.length,
    ),
  }
}

/** As `summarize` says it of each step, but in one pass over columns of thousands, several times a second. */
function meanAndInterval(columns: readonly (readonly number[])[], length: number): Omit<Band, 'steps'> {
  const n = columns.length
  const factor = n > 1 ? studentT(0.95, n - 1) / Math.sqrt(n * (n - 1)) : Number.NaN
  const [mean, low, high] = [0, 1, 2].map(() => new Array<number>(length))
  for (let i = 0; i < length; i++) {
    let sum = 0
    for (const column of columns) sum += column[i]
    const centre = columns.every((column) => column[i] === columns[0][i]) ? columns[0][i] : sum / n
    let squares = 0
    for (const column of columns) squares += (column[i] - centre) ** 2
    const half = factor * Math.sqrt(squares)
    mean[i] = centre
    low[i] = centre - half
    high[i] = centre + half
  }
  return { mean, low, high }
}

/** Seeds nearly always log the same steps: then nothing is to be merged. */
function stepsBetween(curves: readonly Curve[], from: number, to: number): readonly number[] {
  const inside = curves.map(({ steps }) => steps.filter((step) => step >= from && step <= to))
  const [first, ...others] = inside
  if (others.every((steps) => steps.length === first.length && steps.every((step, i) => step === first[i]))) return first
  return [...new Set(inside.flat())].sort((a, b) => a - b)
}

/** Values at growing steps within the curve. */
function valuesAt({ steps, values }: Curve, at: readonly number[]): number[] {
  let next = 0
  return at.map((step) => {
    while (steps[next] < step) next++
    if (steps[next] === step) return values[next]
    const share = (step - steps[next - 1]) / (steps[next] - steps[next - 1])
    return values[next - 1] + share * (values[next] - values[next - 1])
  })
}
