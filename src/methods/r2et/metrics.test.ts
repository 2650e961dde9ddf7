import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cast, evaluate, jit, matmul, mul, ndarray, reshape, sum, type Tensor, tensor } from '../../engine/index.ts'
import { faithfulness, faithfulRows } from './faithfulness.ts'
import { gap, hardestGap, meanGap, orderedShare, precision, tiedAt, topMask } from './ranking.ts'
import { thickness } from './thickness.ts'

/*
 * Every score of an explanation against a re-computation that lists pairs and sets in plain JavaScript.
 */

const [features, k] = [6, 2]
const map = fc.array(
  fc.integer({ min: 0, max: 9 }).map((n) => n / 4),
  { minLength: features, maxLength: features },
)
const row = (values: readonly number[]) => tensor(Float32Array.from(values), { shape: [1, values.length] })

/** The k largest; of equal ones those that come first. */
const topOf = (values: readonly number[]): number[] => [...values.keys()].sort((a, b) => values[b] - values[a] || a - b).slice(0, k)
const restOf = (top: readonly number[]): number[] => Array.from({ length: features }, (_, i) => i).filter((i) => !top.includes(i))
const pairsOf = (top: readonly number[]) => top.flatMap((i) => restOf(top).map((j) => [i, j] as const))
const meanOf = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length

/** A tensor metric of two maps against its twin, for many maps. */
async function agrees(metric: (one: Tensor, other: Tensor) => Tensor, twin: (one: number[], other: number[]) => number) {
  const run = jit(metric)
  await fc.assert(
    fc.asyncProperty(map, map, async (one, other) => {
      const [found] = await (await evaluate(run(row(one), row(other)))).data()
      expect(Number(found)).toBeCloseTo(twin(one, other), 5)
    }),
    { numRuns: 30 },
  )
}

describe('rankings', () => {
  test('the twin of precision: P@k counts what is in both sets', () =>
    agrees(
      (one, other) => precision(topMask(one, k), topMask(other, k), k),
      (one, other) => topOf(one).filter((i) => topOf(other).includes(i)).length / k,
    ))
  test('by hand: of the two most salient one stays', async () => {
    const masks = [
      [5, 4, 1, 0, 0, 0],
      [5, 1, 4, 0, 0, 0],
    ].map((values) => topMask(row(values), 2))
    expect([...(await precision(masks[0], masks[1], 2).data())]).toEqual([0.5])
  })
  test('the twin of topMask sorts', () =>
    agrees(
      // The set as a number with one binary digit a feature.
      (one) => reshape(sum(mul(cast(topMask(one, k), 'float32'), row([1, 2, 4, 8, 16, 32]))), [1]),
      (one) => topOf(one).reduce((total, i) => total + 2 ** i, 0),
    ))
  test('the twin of tiedAt looks at the k-th and the next', () =>
    agrees(
      (one) => tiedAt(one, k),
      (one) => {
        const sorted = [...one].sort((a, b) => b - a)
        return Number(sorted[k - 1] === sorted[k])
      },
    ))
  test('the twin of orderedShare lists pairs', () =>
    agrees(
      (one, other) => orderedShare(one, topMask(other, k), k),
      (one, other) => meanOf(pairsOf(topOf(other)).map(([i, j]) => Number(one[i] >= one[j]))),
    ))
  test('the twin of meanGap and of gap lists pairs', async () => {
    const twin = (one: number[], other: number[]) => meanOf(pairsOf(topOf(other)).map(([i, j]) => one[i] - one[j]))
    await agrees((one, other) => meanGap(one, topMask(other, k), k), twin)
    await agrees(
      (one, other) => gap(one, topMask(other, k), k, { form: 'exp' }),
      (one, other) => meanOf(pairsOf(topOf(other)).map(([i, j]) => -Math.exp(one[j] - one[i]))),
    )
  })
  test('the twin of hardestGap sets the least of the set against the largest of the rest', () =>
    agrees(
      (one) => hardestGap(one, topMask(one, k), k, 2),
      (one) => {
        const sorted = [...one].sort((a, b) => b - a)
        return (sorted[1] - sorted[2] + sorted[0] - sorted[3]) / 2
      },
    ))
})

/** Two logits of x: 0 and Σ aᵢ xᵢ²/2, whose margin has the gradient aᵢ xᵢ; saliency |aᵢ xᵢ|. */
const weights = [1, -0.5, 2, 0.25, -1.5, 0.75]
const quadratic = {
  apply: (_: object, x: Tensor): Tensor =>
    matmul(
      mul(x, x),
      tensor(
        Float32Array.from(weights, (a) => a / 2),
        { shape: [features, 1] },
      ),
    ),
}
const mapAt = (x: readonly number[]): number[] => x.map((value, i) => Math.abs(weights[i] * value))
const points = [
  [1, 2, -1, 0.5, 1.2, -0.3],
  [0.2, -1, 0.4, 2, -0.6, 1.1],
]
const examples = ndarray(Float32Array.from(points.flat()), [2, features], 'float32')

test('the twin of thickness walks every path in small steps', async () => {
  const ends = points.map((point) => point.map((value, i) => value + [0.9, -0.4, -0.8, 0.3, 0.7, 1.5][i]))
  const options = { k, eps: 1, samples: 400, distribution: ndarray(Float32Array.from(ends.flat()), [2, features], 'float32') }
  const { perSample, mean } = await thickness(quadratic, {}, examples, options)
  const twins = points.map((point, row) => {
    const pairs = pairsOf(topOf(mapAt(point)))
    const shares = Array.from({ length: 2000 }, (_, step) => {
      const t = (step + 0.5) / 2000
      const there = mapAt(point.map((value, i) => (1 - t) * value + t * ends[row][i]))
      return meanOf(pairs.map(([i, j]) => Number(there[i] >= there[j])))
    })
    return meanOf(shares)
  })
  // 400 uniform places: the standard error of a share is 0.025 at most.
  for (const [row, twin] of twins.entries()) expect(Math.abs(perSample[row] - twin)).toBeLessThan(0.1)
  expect(mean).toBeCloseTo(meanOf([...perSample]), 10)
})

describe('faithfulness', () => {
  const probability = (x: readonly number[]) =>
    1 / (1 + Math.exp(-x.reduce((total, value, i) => total + (weights[i] / 2) * value * value, 0)))
  /** Of the class that is predicted for x. */
  const ofClass = (x: readonly number[], positive: boolean) => (positive ? probability(x) : 1 - probability(x))
  const twins = points.map((x) => {
    const positive = probability(x) > 0.5
    const order = [...x.keys()].sort((a, b) => mapAt(x)[b] - mapAt(x)[a])
    const without = (removed: readonly number[]) => x.map((value, i) => (removed.includes(i) ? 0 : value))
    const flip = [1, 2, 3, 4, 5, 6].find((count) => probability(without(order.slice(0, count))) > 0.5 !== positive)
    return {
      dffot: flip === undefined ? 1 : flip / features,
      comp: ofClass(x, positive) - ofClass(without(order.slice(0, k)), positive),
      suff: ofClass(x, positive) - ofClass(without(order.slice(k)), positive),
    }
  })

  test('the twin of faithfulRows removes features one by one', async () => {
    const found = await faithfulRows(quadratic, {}, examples, { k })
    for (const name of ['dffot', 'comp', 'suff'] as const)
      for (const [row, twin] of twins.entries()) expect(found[name][row], `${name} of row ${row}`).toBeCloseTo(twin[name], 5)
  })
  test('the twin of faithfulness is their mean', async () => {
    const found = await faithfulness(quadratic, {}, examples, { k })
    for (const name of ['dffot', 'comp', 'suff'] as const) expect(found[name]).toBeCloseTo(meanOf(twins.map((twin) => twin[name])), 5)
  })
})
