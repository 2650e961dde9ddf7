import { beforeAll, expect, test } from 'vitest'
import { add, evaluate, grad, key, mul, ndarray, random, square, sum, type Tensor, tensor } from '../../engine/index.ts'
import { macroAreaUnderCurve } from '../../kits/metrics/index.ts'
import type { LayeredParams } from '../../nn/index.ts'
import { attackExplanation, attackKinds, attackOn, keepings } from './attack.ts'
import { precisionCurve } from './audit.ts'
import { faithfulness } from './faithfulness.ts'
import { onlyFeatures } from './feasible.ts'
import { smoothNetwork } from './network.ts'
import { gap, tiedAt, topMask } from './ranking.ts'
import { predicted } from './saliency.ts'
import { thickness } from './thickness.ts'

const network = smoothNetwork({ features: 5, classes: 3, hidden: [12], beta: 5 })
let params: LayeredParams
let x: Tensor
beforeAll(async () => {
  ;[params, x] = await evaluate([network.init(key(8)), random.normal(key(9), [30, 5])] as const)
})
const rowsOf = async (x: Tensor) => ndarray(Float32Array.from(await x.data()), x.shape, 'float32')

test.each(attackKinds)('the slope of attack %s is that of central differences', async (kind) => {
  const wide = async (x: Tensor) => tensor(Float64Array.from(await x.data()), { shape: x.shape, dtype: 'float64' })
  const layers = await Promise.all(params.layers.map(async ({ weight, bias }) => ({ weight: await wide(weight), bias: await wide(bias) })))
  const { target, loss } = attackOn((x) => network.apply({ layers }, x), { kind, k: 2 })
  const at = await wide(x)
  const aim = target(at)
  const values = Float64Array.from(await at.data(), (v, i) => v + 0.1 * Math.sin(i))
  const f = (x: Tensor) => sum(loss(x, aim))
  const beside = tensor(values, { shape: at.shape, dtype: 'float64' })
  const slope = await grad(f)(beside).data()
  for (const place of [3, 50, 149]) {
    const moved = (by: number) => {
      const data = values.slice()
      data[place] += by
      return f(tensor(data, { shape: at.shape, dtype: 'float64' })).item()
    }
    const difference = ((await moved(1e-6)) - (await moved(-1e-6))) / 2e-6
    expect(Math.abs(slope[place] - difference)).toBeLessThan(1e-6 * Math.max(1, Math.abs(difference)))
  }
})

test.each(keepings)('with labels kept by %s, points stay in the ball and in their class, and change the explanation', async (keeping) => {
  const { adversarial, loss, lossBefore } = await attackExplanation(network, params, x, {
    kind: 'er',
    k: 2,
    eps: 1,
    steps: 20,
    keeping,
    key: key(1),
  })
  const [from, to, before] = await Promise.all([x.data(), adversarial.data(), predicted(network.apply(params, x)).data()])
  for (let row = 0; row < 30; row++)
    expect(Math.hypot(...Array.from({ length: 5 }, (_, i) => to[5 * row + i] - from[5 * row + i]))).toBeLessThan(1.0001)
  expect([...(await predicted(network.apply(params, adversarial)).data())]).toEqual([...before])
  expect(await sum(loss).item()).toBeLessThan(await sum(lossBefore).item())
})

test('features that may not move do not', async () => {
  const feasible = onlyFeatures([true, true, false, false, true])
  const { adversarial } = await attackExplanation(network, params, x, { kind: 'mse', k: 2, eps: 1, steps: 10, feasible, key: key(1) })
  const [from, to] = await Promise.all([x.data(), adversarial.data()])
  from.forEach((value, i) => {
    if (i % 5 === 2 || i % 5 === 3) expect(to[i]).toBeCloseTo(value, 6)
  })
  expect(to).not.toEqual(from)
})

test('P@k falls with the radius', async () => {
  const curve = await precisionCurve(network, params, await rowsOf(x), { k: 2, steps: 20, radii: [1e-6, 0.3, 1, 2] })
  expect(curve[0]).toBe(1)
  for (let i = 1; i < curve.length; i++) expect(curve[i]).toBeLessThanOrEqual(curve[i - 1])
  expect(curve.at(-1)).toBeLessThan(0.9)
})

// Rankings

test('the pair list of the code: the set against its smallest, that against the k largest of the rest', async () => {
  const values = [0.3, 0.9, 0.1, 0.5, 0.2, 0.8]
  const map = tensor(values, { shape: [1, 6] })
  const mask = topMask(map, 3)
  // Sorted .9 .8 .5 | .3 .2 .1
  const gaps = [0.9 - 0.5, 0.8 - 0.5, 0.5 - 0.3, 0.5 - 0.2, 0.5 - 0.1]
  const mean = (list: readonly number[]) => list.reduce((a, b) => a + b) / list.length
  expect(await gap(map, mask, 3, { pairs: 'code' }).item()).toBeCloseTo(mean(gaps), 6)
  expect(await gap(map, mask, 3, { pairs: 'code', form: 'exp' }).item()).toBeCloseTo(-mean(gaps.map((g) => Math.exp(-g))), 6)
  const all = [0.9, 0.8, 0.5].flatMap((top) => [0.3, 0.2, 0.1].map((low) => -Math.exp(low - top)))
  expect(await gap(map, mask, 3, { form: 'exp' }).item()).toBeCloseTo(mean(all), 6)
  expect(
    [
      ...(await tiedAt(
        tensor([
          [1, 0.5, 0.5, 0],
          [3, 2, 1, 0],
        ]),
        2,
      ).data()),
    ].map(Boolean),
  ).toEqual([true, false])
})

// Thickness

/** f = x₀²/2 + x₁, so that I = (|x₀|, 1): feature 0 leads while |x₀| > 1. */
const crossing = {
  apply: (_: object, x: Tensor) => sum(add(mul(square(x), tensor([[0.5, 0]])), mul(x, tensor([[0, 1]]))), { axes: 1, keepDims: true }),
}

test('thickness is the share of the path before features change places', async () => {
  const rows = ndarray(Float32Array.of(2, 0, 2, 0), [2, 2], 'float32')
  const ends = ndarray(Float32Array.of(0, 0, 2, 0), [2, 2], 'float32')
  const { perSample } = await thickness(crossing, {}, rows, { k: 1, eps: 1, samples: 400, distribution: ends })
  // Half of the way from x₀ = 2 to 0 lies above 1; the deviation of a mean of 400 draws is 0.025.
  expect(Math.abs(perSample[0] - 0.5)).toBeLessThan(0.1)
  expect(perSample[1]).toBe(1)
})

test('end points lie on the sphere, in the ball, or about as far away', async () => {
  // From x₀ = 0 the second feature leads until |x₀| > 1: how long depends on how far the paths go.
  const rows = ndarray(new Float32Array(2000), [1000, 2], 'float32')
  const at = async (distribution: 'sphere' | 'ball' | 'normal') =>
    (await thickness(crossing, {}, rows, { k: 1, eps: 2, samples: 8, distribution })).mean
  // P(2 t |cos φ| ≤ 1): φ uniform, t uniform; by a midpoint rule. In the ball the distance is 2 √u.
  const share = (distance: (u: number) => number) => {
    const n = 60
    let inside = 0
    for (let a = 0; a < n; a++)
      for (let b = 0; b < n; b++)
        for (let c = 0; c < n; c++) {
          const [phi, t, u] = [a, b, c].map((v) => (v + 0.5) / n)
          if (distance(u) * t * Math.abs(Math.cos(Math.PI * phi)) <= 1) inside++
        }
    return inside / n ** 3
  }
  // 8,000 draws: a deviation of about 0.005.
  expect(Math.abs((await at('sphere')) - share(() => 2))).toBeLessThan(0.03)
  expect(Math.abs((await at('ball')) - share((u) => 2 * Math.sqrt(u)))).toBeLessThan(0.03)
  // Of a normal in two dimensions the squared distance is exponential, of mean 4.
  expect(Math.abs((await at('normal')) - share((u) => Math.sqrt(-4 * Math.log(u))))).toBeLessThan(0.03)
})

// Faithfulness

test('removing features of a linear model by hand', async () => {
  const weights = [3, -2, 1, 0.5]
  const linear = { apply: (_: object, x: Tensor) => sum(mul(x, tensor([weights])), { axes: 1, keepDims: true }) }
  const rows = [
    [1, 1, 1, 1],
    [1, -1, -5, 1],
  ]
  const found = await faithfulness(linear, {}, ndarray(Float32Array.from(rows.flat()), [2, 4], 'float32'), { k: 1 })
  const logit = (row: readonly number[], keep: (i: number) => boolean) => row.reduce((s, v, i) => s + (keep(i) ? v * weights[i] : 0), 0)
  const p = (s: number, positive: boolean) => 1 / (1 + Math.exp(positive ? -s : s))
  const by = rows.map((row) => {
    const positive = logit(row, () => true) > 0
    // Features are already in the order of their weights.
    const flips = [1, 2, 3, 4].find((removed) => logit(row, (i) => i >= removed) > 0 !== positive)
    const share = (keep: (i: number) => boolean) =>
      p(
        logit(row, () => true),
        positive,
      ) - p(logit(row, keep), positive)
    return { dffot: (flips ?? 4) / 4, comp: share((i) => i >= 1), suff: share((i) => i < 1) }
  })
  for (const name of ['dffot', 'comp', 'suff'] as const) expect(found[name]).toBeCloseTo((by[0][name] + by[1][name]) / 2, 5)
})

test('the area under the curve over several classes ranks log-probabilities', () => {
  // The second row has larger logits throughout, but the same probabilities as the first.
  const logits = { shape: [3, 2], dtype: 'float32', data: Float32Array.of(1, 0, 101, 100, 0, 3) } as const
  expect(macroAreaUnderCurve(logits, [0, 0, 1], 2)).toBe(1)
  expect(macroAreaUnderCurve(logits, [0, 1, 1], 2)).toBe(0.75)
  expect(macroAreaUnderCurve({ shape: [4, 1], dtype: 'float32', data: Float32Array.of(-1, 2, 0, 1) }, [0, 1, 1, 0], 2)).toBe(0.75)
})
