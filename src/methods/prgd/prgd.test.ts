import { expect, test } from 'vitest'
import {
  cast,
  evaluate,
  exp,
  fromArray,
  grad,
  key,
  mul,
  type NDArray,
  NotFiniteError,
  neg,
  random,
  reshape,
  scalar,
  square,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../engine/index.ts'
import { crossEntropy } from '../../nn/index.ts'
import { trainStep } from '../../train/index.ts'
import { planeSet, simplex, simplexSet } from './datasets.ts'
import { marginOf } from './exact.ts'
import { logExponentialLoss, normalizedMargin } from './margin.ts'
import { largestRadius, prgd } from './prgd.ts'
import { exponentialAdvantage, fitRates } from './rates.ts'
import { budgetedRho, rescaling } from './schedule.ts'
import { follow } from './trajectory.ts'

const z = planeSet(0.1)

/** The method as the paper writes it, in plain numbers: a stage begins by rescaling, then come projected normalized steps. */
function asWritten(z: NDArray, { eta, warmup, tau, rho, steps }: Record<'eta' | 'warmup' | 'tau' | 'rho' | 'steps', number>) {
  const [n, d] = z.shape
  const rows = Array.from({ length: n }, (_, i) => [...z.data.subarray(i * d, (i + 1) * d)])
  const norm = (w: readonly number[]) => Math.hypot(...w)
  const normalizedStep = (w: readonly number[]) => {
    const scores = rows.map((row) => row.reduce((sum, value, j) => sum + value * w[j], 0))
    const weights = scores.map((score) => Math.exp(Math.min(...scores) - score))
    const total = weights.reduce((a, b) => a + b)
    return w.map((value, j) => value + (eta * rows.reduce((sum, row, i) => sum + weights[i] * row[j], 0)) / total)
  }
  let w = new Array<number>(d).fill(0)
  const directions = [w]
  const keep = () => directions.push(w.map((value) => value / norm(w)))
  for (let t = 0; t < warmup; t++) {
    w = normalizedStep(w)
    keep()
  }
  const start = norm(w)
  for (let k = 0; directions.length <= steps; k++) {
    const radius = start * rho ** k
    w = w.map((value) => (value * radius) / norm(w))
    for (let t = 0; t < tau && directions.length <= steps; t++) {
      const v = normalizedStep(w)
      w = v.map((value) => value * Math.min(1, radius / norm(v)))
      keep()
    }
  }
  return directions.map((direction) => Math.min(...rows.map((row) => row.reduce((sum, value, j) => sum + value * direction[j], 0))))
}

test('the optimizer follows the method as the paper writes it, on any schedule', async () => {
  const sets = [z, await simplexSet(3, 0.05, 2)]
  for (const set of sets) {
    for (const [warmup, tau, rho, eta] of [
      [20, 5, 1.2, 1],
      [7, 3, 1.05, 2],
      [1, 1, 1.01, 0.5],
    ]) {
      const expected = asWritten(set, { eta, warmup, tau, rho, steps: 120 })
      const [{ margin }] = await follow(set, {
        rule: 'prgd',
        runs: [{ learningRate: eta, warmup, interval: tau, growth: rho }],
        steps: 120,
      })
      for (let t = 1; t <= 120; t++) expect(margin[t]).toBeCloseTo(expected[t], 11)
    }
  }
})

const runs = [{ learningRate: 1, warmup: 100, interval: 5, growth: 1.2 }]
const gapsOf = async (rule: Parameters<typeof follow>[1]['rule'], steps: number, own = runs) =>
  (await follow(z, { rule, runs: own, steps }))[0].margin.map((margin) => 0.1 - margin)

test('closed forms in the plane: NGD gap·t → ln 2/(2ηg), PRGD’s slope is −log₁₀ρ/τ', async () => {
  const ngd = await gapsOf('ngd', 1000)
  expect(ngd[1000] * 1000).toBeCloseTo(Math.LN2 / 0.2, 2)
  const gaps = await gapsOf('prgd', 500)
  expect((Math.log10(gaps[500]) - Math.log10(gaps[105])) / 395).toBeCloseTo(-Math.log10(1.2) / 5, 4)
  expect(gaps[450]).toBeLessThan(1e-6)
  expect((await gapsOf('gd', 1000))[1000]).toBeGreaterThan(1e-2)
})

test('with a fixed norm the gap stands still; multiplying the current norm by ρᵏ freezes early', async () => {
  const fixed = await gapsOf('prgd', 400, [{ ...runs[0], growth: 1 }])
  expect(fixed[400] / fixed[110]).toBeCloseTo(1, 2)
  const runaway = await gapsOf('prgdRunaway', 450)
  expect(runaway[450] / runaway[200]).toBeGreaterThan(0.5)
})

test('runs side by side are those alone', async () => {
  const three = [1, 2, 4].map((learningRate) => ({ ...runs[0], learningRate }))
  const together = await follow(z, { rule: 'prgd', runs: three, steps: 130 })
  for (const [i, run] of three.entries()) {
    const [alone] = await follow(z, { rule: 'prgd', runs: [run], steps: 130 })
    expect(Math.max(...alone.margin.slice(1).map((margin, t) => Math.abs(margin - together[i].margin[t + 1])))).toBeLessThan(1e-13)
  }
})

test('a rescaling leaves the direction alone, and no step leaves the ball', async () => {
  const optimizer = prgd({ learningRate: 0.3, ...rescaling({ kind: 'exponential', rho: 1.5, interval: 4 }, { warmup: 3, steps: 40 }) })
  let params = { a: tensor(new Float64Array([1, -2])), b: [tensor(new Float64Array([0.5]))] }
  let state = optimizer.init(params)
  let start = 0
  for (let t = 1; t <= 40; t++) {
    const gradients = { a: random.normal(key(t), [2], { dtype: 'float64' }), b: [tensor(new Float64Array([0.1]))] }
    const before = [...(await params.a.data()), ...(await params.b[0].data())]
    ;({ params, state } = await evaluate(optimizer.update({ gradients, state, params })))
    const after = [...(await params.a.data()), ...(await params.b[0].data())]
    const step = [...(await gradients.a.data()), 0.1].map((value, i) => before[i] - 0.3 * value)
    const cosine = after.reduce((sum, value, i) => sum + value * step[i], 0) / (Math.hypot(...after) * Math.hypot(...step))
    expect(cosine).toBeCloseTo(1, 14)
    if (t === 3) start = Math.hypot(...after)
    if (t < 3) continue
    const radius = start * 1.5 ** Math.floor((t - 3) / 4)
    if ((t - 3) % 4 === 0) expect(Math.hypot(...after)).toBeCloseTo(radius, 10)
    else expect(Math.hypot(...after)).toBeLessThanOrEqual(radius * (1 + 1e-12))
  }
})

test('the radius stops where a step would be lost in rounding', async () => {
  const [{ radius }] = await follow(z, { rule: 'prgd', runs: [{ ...runs[0], growth: 3 }], steps: 400 })
  expect(radius[400]).toBe(largestRadius('float64'))
})

test('the normalized gradient is −Σ p_i z_i, by central differences; large scores do not overflow', async () => {
  const set = fromArray(await simplexSet(3, 0.1, 0))
  const w = Float64Array.of(2, -1, 0.5)
  const gradient = await grad((w: typeof set) => logExponentialLoss(set, w))(tensor(w)).data()
  for (const j of w.keys()) {
    const at = (h: number) => logExponentialLoss(set, tensor(w.map((value, i) => value + (i === j ? h : 0)))).item()
    expect(gradient[j]).toBeCloseTo(((await at(1e-5)) - (await at(-1e-5))) / 2e-5, 9)
  }
  const far = tensor(Float64Array.of(-1e6, 3e5, 0))
  expect(await logExponentialLoss(set, far).item()).toBeGreaterThan(1e4)
  expect(await normalizedMargin(set, far).item()).toBeLessThan(0)
})

test('a plain loss is differentiated as its logarithm, step by step the same', async () => {
  const set = fromArray(await simplexSet(3, 0.05, 1))
  const options = { learningRate: 0.7, ...rescaling({ kind: 'exponential', rho: 1.1, interval: 4 }, { warmup: 5, steps: 30 }) }
  const byLog = trainStep((w: Tensor) => logExponentialLoss(set, w), prgd(options))
  const byLoss = trainStep((w: Tensor) => exp(logExponentialLoss(set, w)), prgd({ ...options, loss: 'plain' }))
  const start = tensor(new Float64Array([0.3, 0.1, -0.2]))
  let [a, b] = [byLog.init(start), byLoss.init(start)]
  for (let t = 0; t < 20; t++) {
    const [one, two] = await Promise.all([byLog(a, {} as never), byLoss(b, {} as never)])
    expect(two.loss).toBeCloseTo(Math.exp(one.loss), 12)
    ;[a, b] = [one, two]
  }
  const [w, v] = await Promise.all([a.params.data(), b.params.data()])
  w.forEach((value, j) => {
    expect(v[j]).toBeCloseTo(value, 11)
  })
})

test('float32 has a floor that float64 has not: the radius stops, and the gap with it', async () => {
  const options = { learningRate: 1, ...rescaling({ kind: 'exponential', rho: 1.5, interval: 5 }, { warmup: 50, steps: 500 }) }
  const gapIn = async (dtype: 'float32' | 'float64'): Promise<number> => {
    const set = cast(fromArray(z), dtype)
    const step = trainStep((w: Tensor) => logExponentialLoss(set, w), prgd(options))
    let state = step.init(zeros([2], dtype))
    for (let t = 0; t < 350; t++) state = await step(state, {} as never)
    return 0.1 - marginOf(z, Float64Array.from(await state.params.data()))
  }
  const [single, double] = [await gapIn('float32'), await gapIn('float64')]
  expect(single).toBeGreaterThan(1e-8)
  expect(double).toBeLessThan(1e-9)
})

test('a loss without a logarithm stops training and says why', async () => {
  const options = { learningRate: 1, loss: 'plain', ...rescaling({ kind: 'budget' }, { warmup: 1, steps: 10 }) } as const
  const stopped = (loss: (w: Tensor) => Tensor) => {
    const step = trainStep(loss, prgd(options))
    return step(step.init(tensor(Float32Array.of(1, 2))), {} as never)
  }
  const labels = tensor(Int32Array.of(0))
  // Right by 200: the float32 cross-entropy is exactly 0.
  const vanished = stopped((w) => crossEntropy(reshape(mul(w, tensor([100, -50])), [1, 2]), labels))
  await expect(vanished).rejects.toThrow(/the loss is 0; it has vanished in rounding.*; stop before, or hand over log L/)
  await expect(vanished).rejects.toBeInstanceOf(NotFiniteError)
  await expect(stopped((w) => neg(sum(square(w))))).rejects.toThrow('a negative one has none')
})

test('only the last layer, or chosen paths, are rescaled; the rest takes plain normalized steps', async () => {
  const draw = (seed: number, shape: number[]) => random.normal(key(seed), shape, { dtype: 'float64' })
  const tree = (seed: number) => ({
    layers: [
      { weight: draw(seed, [3, 2]), bias: draw(seed + 1, [3]) },
      { weight: draw(seed + 2, [2, 3]), bias: draw(seed + 3, [2]) },
    ],
  })
  const stages = rescaling({ kind: 'exponential', rho: 2, interval: 1 }, { warmup: 1, steps: 10 })
  const norm = async (tensors: Tensor[]) => Math.hypot(...(await Promise.all(tensors.map(async (w) => [...(await w.data())]))).flat())
  for (const params of ['lastLayer', (path: string) => path.startsWith('layers.1')] as const) {
    const optimizer = prgd({ learningRate: 0.1, ...stages, params })
    let state = { params: tree(1), state: optimizer.init(tree(1)) }
    const lengths: number[] = []
    for (let t = 0; t < 4; t++) {
      const gradients = tree(100 + 10 * t)
      const next = await evaluate(optimizer.update({ gradients, ...state }))
      const [before, after, slope] = await Promise.all([state.params, next.params, gradients].map(({ layers }) => layers[0].weight.data()))
      after.forEach((value, i) => {
        expect(value).toBeCloseTo(before[i] - 0.1 * slope[i], 12)
      })
      lengths.push(await norm([next.params.layers[1].weight, next.params.layers[1].bias]))
      state = { params: next.params, state: next.state }
    }
    // A stage a step: each step ends with the rescaling to the radius of the next.
    for (let t = 1; t < 4; t++) expect(lengths[t] / lengths[t - 1]).toBeCloseTo(2, 12)
  }
  const nothing = prgd({ learningRate: 0.1, ...stages, params: () => false })
  expect(() => nothing.update({ gradients: tree(1), state: nothing.init(tree(1)), params: tree(1) })).toThrow('no parameter is chosen')
})

test('a simplex has unit corners at equal angles', () => {
  for (const m of [2, 3, 6, 11]) {
    const corners = simplex(m)
    corners.forEach((a, i) => {
      corners.forEach((b, j) => {
        const product = a.reduce((sum, value, k) => sum + value * b[k], 0)
        expect(product).toBeCloseTo(i === j ? 1 : -1 / (m - 1), 12)
      })
    })
  }
})

test('fits tell the two laws apart', () => {
  const law = (gap: (t: number) => number) =>
    fitRates(
      Float64Array.from({ length: 1001 }, (_, t) => gap(t)),
      { from: 100, to: 1000 },
    )
  const exponential = law((t) => 0.3 * Math.exp(-0.02 * t))
  expect(exponential.exponential.slope).toBeCloseTo(-0.02 / Math.LN10, 12)
  expect(exponentialAdvantage(exponential)).toBeGreaterThan(2)
  const power = law((t) => 5 * t ** -1.5)
  expect(power.polynomial.slope).toBeCloseTo(-1.5, 12)
  expect(exponentialAdvantage(power)).toBeLessThan(-1)
  const still = law(() => 0.1)
  expect(exponentialAdvantage(still)).toBe(0)
})

test('a budget is spent by the last step', () => {
  const [warmup, steps, interval] = [100, 2000, 5]
  const rho = budgetedRho({ growth: 1e5, interval, warmup, steps })
  expect(rho).toBeCloseTo(1.0308, 4)
  expect(rho ** ((steps - warmup) / interval)).toBeCloseTo(1e5, 6)
})

test.each([
  ['a rho above 1', () => rescaling({ kind: 'exponential', rho: 1, interval: 5 }, { warmup: 10, steps: 100 })],
  ['100 steps leave nothing after a warm-up of 100', () => rescaling({ kind: 'budget' }, { warmup: 100, steps: 100 })],
  ['the interval is 0', () => rescaling({ kind: 'budget', interval: 0 }, { warmup: 10, steps: 100 })],
  ['the degree is -1', () => rescaling({ kind: 'polynomial', degree: -1, interval: 5 }, { warmup: 10, steps: 100 })],
  ['learningRate is 0', () => prgd({ learningRate: 0, warmup: 1, interval: 1, growth: () => scalar(1, 'float64') })],
])('refused: %s', (message, make) => expect(make).toThrow(message))
