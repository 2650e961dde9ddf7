import type { Optdigits, OptdigitsPart } from '../../data/index.ts'
import { fold, key, type NDArray, ndarray, random } from '../../engine/index.ts'
import type { Findings, Items, Series } from '../../experiment/index.ts'
import type { Config } from './config.ts'
import { exactMaxMargin, isSeparable, marginOf, provesInseparable } from './exact.ts'
import { accuracyOf, signExamples, signedDistances } from './examples.ts'
import { budgetedRho } from './schedule.ts'
import { type Context, curveOf, rescaledAtEnd } from './synthetic-units.ts'
import { follow, type Trajectory } from './trajectory.ts'

/** Pairs of digits, from easy to hard. */
export const digitPairs = [
  [0, 1],
  [3, 8],
  [4, 9],
  [1, 8],
  [3, 9],
  [5, 9],
] as const
export type DigitPair = (typeof digitPairs)[number]

export interface PairExamples {
  /** Which rows of the part. */
  readonly rows: readonly number[]
  /** float64 [n, 64], pixels 0..1. */
  readonly x: NDArray
  /** ±1. */
  readonly y: Int8Array
}

/** The digits `positive` and `negative` of a part; of those a share, drawn by the seed. */
export async function pairOf(
  { x, y }: OptdigitsPart,
  [positive, negative]: DigitPair,
  { share = 1, seed = 0 } = {},
): Promise<PairExamples> {
  const all = [...y.data.keys()].filter((i) => y.data[i] === positive || y.data[i] === negative)
  const draws = await random.uniform(fold(key(seed), positive * 10 + negative), [all.length]).data()
  const order = [...all.keys()].sort((a, b) => draws[a] - draws[b]).slice(0, Math.round(share * all.length))
  const rows = order.map((i) => all[i]).sort((a, b) => a - b)
  const pixels = Float64Array.from(
    rows.flatMap((row) => [...x.data.subarray(row * 64, (row + 1) * 64)]),
    (value) => value / 16,
  )
  return { rows, x: ndarray(pixels, [rows.length, 64], 'float64'), y: Int8Array.from(rows, (row) => (y.data[row] === positive ? 1 : -1)) }
}

/** Every tenth label changed. */
const flipped = ({ x, y, rows }: PairExamples): PairExamples => ({ rows, x, y: y.map((label, i) => (i % 10 === 0 ? -label : label)) })

/** Every learning rate's run of so many steps, side by side. */
async function runsOf(z: NDArray, config: Config, steps: number, progress: (done: number, total: number) => Promise<void>) {
  const { learningRates, growth, warmup } = config.digits
  const rho = config.variant === 'noGrowth' ? 1 : budgetedRho({ growth, interval: config.interval, warmup, steps })
  const runs = learningRates.map((learningRate) => ({ learningRate, warmup, interval: config.interval, growth: rho }))
  const found = await follow(z, { rule: config.rule, runs, steps, progress })
  return config.variant === 'rescaledAtEnd' ? found.map((run) => withEnd(run, marginOf(z, rescaledAtEnd(run.weights, growth)))) : found
}

const withEnd = (run: Trajectory, margin: number): Trajectory => ({ ...run, margin: run.margin.with(-1, margin) })

/** The run with the largest margin after the last step; one that went to infinity is never it. */
function bestOf(runs: readonly Trajectory[]): { run: Trajectory; index: number } {
  const last = ({ margin }: Trajectory) => margin[margin.length - 1]
  const index = runs.reduce((best, run, i) => (last(run) > last(runs[best]) || Number.isNaN(last(runs[best])) ? i : best), 0)
  return { run: runs[index], index }
}

const name = ([a, b]: DigitPair): string => `${a}-${b}`

/** What a rule comes to at one learning rate. */
export interface GapAtRate {
  readonly pair: string
  readonly steps: number
  readonly learningRate: number
  /** Not a number where it diverged. */
  readonly gap: number
}

/** Relative margin gap of a rule at its best learning rate, for two budgets of steps, on each pair. */
export async function digitsUnit({ config, seed, data, progress }: Context<Optdigits>): Promise<Findings> {
  const { pairs, share, steps, longSteps } = config.digits
  const measurements: Record<string, number> = {}
  const chosen = digitPairs.slice(0, pairs)
  let [inseparable, series] = [0, {} as Record<string, Series>]
  const byRate: GapAtRate[] = []
  const items = { pair: [] as string[], steps: [] as number[], id: [] as string[], label: [] as number[], distance: [] as number[] }
  for (const [i, pair] of chosen.entries()) {
    const drawn = await pairOf(data.train, pair, { share, seed })
    const examples = config.variant === 'flipped' ? flipped(drawn) : drawn
    const { z } = signExamples(examples.x, examples.y)
    const best = exactMaxMargin(z)
    // 0 or less where nothing separates the pair: how far the nearest thing to a plane is off.
    measurements[`margin-${name(pair)}`] = best.margin
    if (provesInseparable(best)) inseparable++
    if (!isSeparable(best)) continue
    const held = await pairOf(data.test, pair)
    const accuracy = (weights: Float64Array) => accuracyOf(weights, held.x, held.y)
    measurements[`accuracyExact-${name(pair)}`] = accuracy(best.weights)
    for (const [k, count] of [steps, longSteps].entries()) {
      const within = (done: number, total: number) => progress(i + (k + done / total) / 2, chosen.length, name(pair))
      const runs = await runsOf(z, config, count, within)
      const { run, index } = bestOf(runs)
      runs.forEach(({ margin }, k) => {
        byRate.push({ pair: name(pair), steps: count, learningRate: config.digits.learningRates[k], gap: 1 - margin[count] / best.margin })
      })
      const gaps = run.margin.map((margin) => 1 - margin / best.margin)
      measurements[`gap${count}-${name(pair)}`] = gaps[count]
      measurements[`learningRate${count}-${name(pair)}`] = config.digits.learningRates[index]
      measurements[`accuracy${count}-${name(pair)}`] = accuracy(run.weights)
      for (const [row, distance] of signedDistances(run.weights, held.x).entries()) {
        items.pair.push(name(pair))
        items.steps.push(count)
        items.id.push(data.ids.test[held.rows[row]])
        items.label.push(held.y[row])
        items.distance.push(distance)
      }
      if (count === longSteps) series = { ...series, ...curveOf(gaps, `gap ${name(pair)}`) }
    }
  }
  return { measurements: { ...measurements, inseparable }, series, items: { pairs: items }, details: { byRate } }
}

/** Of each pair and budget the share of test digits on the right side of the plane, as the units measure it. */
export function accuraciesOf(items: Items): Record<string, number> {
  const [pair, steps, label, distance] = [
    items.texts('pair'),
    ...['steps', 'label', 'distance'].map((column) => items.numbers(column)),
  ] as [string[], number[], number[], number[]]
  const names = pair.map((name, row) => `accuracy${steps[row]}-${name}`)
  const right = new Map<string, { right: number; all: number }>()
  for (const [row, name] of names.entries()) {
    const count = right.get(name) ?? { right: 0, all: 0 }
    right.set(name, { right: count.right + (distance[row] * label[row] > 0 ? 1 : 0), all: count.all + 1 })
  }
  return Object.fromEntries([...right].map(([name, { right, all }]) => [name, right / all]))
}
