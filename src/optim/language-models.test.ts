import { expect, test } from 'vitest'
import { evaluate, fromArray, ndarray, scalar, type Tensor, tensor } from '../engine/index.ts'
import {
  adafactor,
  adam,
  clipByGlobalNorm,
  inPhases,
  learningRateAt,
  matricesDecay,
  type Optimizer,
  relativeStep,
  warmupDecay,
} from './index.ts'

/* Against the published recursions, written out in float64 over plain arrays. */

type Matrix = number[][]
const map = (m: Matrix, f: (value: number, i: number, j: number) => number): Matrix => m.map((row, i) => row.map((x, j) => f(x, i, j)))
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
const start = {
  weight: [
    [1, -2, 0.5],
    [0.3, 2, -1],
  ],
  gain: [[0.7, -0.4]],
}
type Params = typeof start
/** Gradients that depend on the step and the place, of very different sizes. */
const gradientsAt = (step: number): Params => ({
  weight: map(start.weight, (w, i, j) => w * (1 + 0.3 * step) + (i - 2 * j) * 10 ** ((step % 3) - 1)),
  gain: map(start.gain, (w, _, j) => (step % 2 === 0 ? w : -2 * w) + 0.01 * j),
})
const asTensors = ({ weight, gain }: Params) => ({
  weight: fromArray(ndarray(Float32Array.from(weight.flat()), [2, 3], 'float32')),
  gain: fromArray(ndarray(Float32Array.from(gain.flat()), [2], 'float32')),
})

async function run(optimizer: Optimizer, steps: number): Promise<{ weight: Matrix; gain: number[] }> {
  let params = asTensors(start)
  let state = optimizer.init(params)
  for (let step = 0; step < steps; step++)
    ({ params, state } = await evaluate(optimizer.update({ gradients: asTensors(gradientsAt(step)), state, params })))
  return { weight: (await params.weight.array()) as Matrix, gain: (await params.gain.array()) as number[] }
}

function expectClose(actual: unknown, expected: unknown, digits = 5): void {
  const [a, b] = [actual, expected].map((x) => [x].flat(3) as number[])
  expect(a.length).toBe(b.length)
  for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i], digits)
}

/** AdamW as PyTorch writes it, for one matrix whose counter may lag behind the schedule. */
function adamW(w: Matrix, steps: readonly { g: Matrix; rate: number; fresh?: boolean }[], decay: number): Matrix {
  let [m, v, t] = [map(w, () => 0), map(w, () => 0), 0]
  for (const { g, rate, fresh } of steps) {
    if (fresh) [m, v, t] = [map(w, () => 0), map(w, () => 0), 0]
    t++
    m = map(m, (old, i, j) => 0.9 * old + 0.1 * g[i][j])
    v = map(v, (old, i, j) => 0.95 * old + 0.05 * g[i][j] ** 2)
    w = map(w, (x, i, j) => x * (1 - rate * decay) - (rate * (m[i][j] / (1 - 0.9 ** t))) / (Math.sqrt(v[i][j] / (1 - 0.95 ** t)) + 1e-8))
  }
  return w
}

test('AdamW decays what the rule names, and nothing else', async () => {
  const optimizer = adam({ learningRate: 0.05, beta2: 0.95, weightDecay: 0.3, decays: matricesDecay })
  const { weight, gain } = await run(optimizer, 7)
  const steps = Array.from({ length: 7 }, (_, step) => gradientsAt(step))
  expectClose(
    weight,
    adamW(
      start.weight,
      steps.map((g) => ({ g: g.weight, rate: 0.05 })),
      0.3,
    ),
  )
  const expected = (decay: number) =>
    adamW(
      start.gain,
      steps.map((g) => ({ g: g.gain, rate: 0.05 })),
      decay,
    )
  expectClose(gain, expected(0))
  expect(Math.abs(gain[0] - expected(0.3)[0][0])).toBeGreaterThan(0.01)
})

test('with counters of their own, moments that begin again are corrected from their first step while the schedule goes on', async () => {
  const schedule = warmupDecay(0.05, { warmup: 2, steps: 8 })
  const optimizer = adam({ learningRate: schedule, beta2: 0.95, counters: 'each' })
  const rates = await Promise.all(Array.from({ length: 6 }, (_, i) => learningRateAt(schedule, scalar(i)).item()))
  let params = asTensors(start)
  let state = optimizer.init(params)
  for (let step = 0; step < 6; step++) {
    if (step === 3) {
      const fresh = optimizer.init(params)
      const begun = (name: 'counts' | 'sum' | 'squares') => ({
        ...(state[name] as object),
        weight: (fresh[name] as { weight: Tensor }).weight,
      })
      state = { step: state.step, counts: begun('counts'), sum: begun('sum'), squares: begun('squares') }
    }
    ;({ params, state } = await evaluate(optimizer.update({ gradients: asTensors(gradientsAt(step)), state, params })))
  }
  const steps = (name: keyof Params, again: boolean) => rates.map((rate, i) => ({ g: gradientsAt(i)[name], rate, fresh: again && i === 3 }))
  expectClose(await params.weight.array(), adamW(start.weight, steps('weight', true), 0))
  expectClose(await params.gain.array(), adamW(start.gain, steps('gain', false), 0))
  const withoutReset = adamW(start.weight, steps('weight', false), 0).flat()
  expect(Math.max(...withoutReset.map((x, i) => Math.abs(x - adamW(start.weight, steps('weight', true), 0).flat()[i])))).toBeGreaterThan(
    0.005,
  )
})

test('both ways of counting agree where nothing begins again', async () => {
  const options = { learningRate: 0.05, weightDecay: 0.1 }
  expect(await run(adam({ ...options, counters: 'each' }), 5)).toEqual(await run(adam(options), 5))
})

test.each([1, 1e6])('gradients are clipped by the norm of all parameters together, at %d', async (maxNorm) => {
  // The parameters become the gradients that the inner optimizer was given.
  const follow: Optimizer<Tensor> = {
    name: 'follow',
    init: () => scalar(0),
    update: ({ gradients, state }) => ({ params: gradients, state }),
  }
  const input = { gradients: asTensors(gradientsAt(1)), state: scalar(0), params: asTensors(start) }
  const { params, report } = await evaluate(clipByGlobalNorm(follow, maxNorm).update(input))
  const all = [...gradientsAt(1).weight, ...gradientsAt(1).gain].flat()
  const norm = Math.hypot(...all)
  const factor = Math.min(1, maxNorm / (norm + 1e-6))
  expectClose(
    [await params.weight.array(), await params.gain.array()],
    all.map((g) => g * factor),
  )
  expectClose(await report!.gradientNorm.item(), norm)
})

interface Reference {
  readonly beta1?: number
  readonly decay?: number
  readonly scaled?: boolean
}

/** Adafactor as `transformers.Adafactor.step` has it. */
function adafactorReference(
  w: Matrix,
  gradients: readonly Matrix[],
  rate: number,
  factored: boolean,
  { beta1, decay = 0, scaled }: Reference,
): Matrix {
  let rows = w.map(() => 0)
  let columns = w[0].map(() => 0)
  let all = map(w, () => 0)
  let first = map(w, () => 0)
  const rms = (m: Matrix) => Math.sqrt(mean(m.flat().map((x) => x * x)))
  gradients.forEach((g, step) => {
    const beta2 = 1 - (step + 1) ** -0.8
    const squares = map(g, (x) => x * x + 1e-30)
    rows = rows.map((r, i) => beta2 * r + (1 - beta2) * mean(squares[i]))
    columns = columns.map((c, j) => beta2 * c + (1 - beta2) * mean(squares.map((row) => row[j])))
    all = map(all, (a, i, j) => beta2 * a + (1 - beta2) * squares[i][j])
    const second = (i: number, j: number) => (factored ? (rows[i] * columns[j]) / mean(rows) : all[i][j])
    const u = map(g, (x, i, j) => x / Math.sqrt(second(i, j)))
    const own = rate * (scaled ? Math.max(1e-3, rms(w)) : 1)
    const step1 = map(u, (x) => (own * x) / Math.max(1, rms(u)))
    first = beta1 === undefined ? step1 : map(first, (old, i, j) => beta1 * old + (1 - beta1) * step1[i][j])
    w = map(w, (x, i, j) => x * (1 - rate * decay) - first[i][j])
  })
  return w
}

test.each([
  ['plain', {}, {}],
  ['with a first moment and decay', { beta1: 0.9, weightDecay: 0.2 }, { beta1: 0.9, decay: 0.2 }],
  ['scaled by the parameter', { scaleParameter: true }, { scaled: true }],
])('Adafactor, %s, follows its recursion', async (_, options, reference) => {
  const { weight, gain } = await run(adafactor({ learningRate: 0.05, ...options }), 6)
  const gradients = (name: keyof Params) => Array.from({ length: 6 }, (_, step) => gradientsAt(step)[name])
  expectClose(weight, adafactorReference(start.weight, gradients('weight'), 0.05, true, reference), 4)
  expectClose(gain, adafactorReference(start.gain, gradients('gain'), 0.05, false, reference), 4)
})

test('Adafactor keeps a row and a column of a matrix', () => {
  const { moments } = adafactor({ learningRate: 1 }).init({
    matrix: tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]),
  })
  expect(moments[0].squares).toMatchObject({ rows: { shape: [2] }, columns: { shape: [3] } })
})

const ratesAt = (rate: Parameters<typeof learningRateAt>[0], steps: readonly number[]) =>
  Promise.all(steps.map((step) => learningRateAt(rate, scalar(step)).item()))

test('schedules have their published values', async () => {
  const steps = [0, 1, 9, 10, 35, 60, 110, 500]
  // nanoGPT's get_lr.
  const nano = (it: number) => {
    if (it < 10) return (0.6 * (it + 1)) / 11
    if (it > 110) return 0.06
    return 0.06 + 0.5 * (1 + Math.cos((Math.PI * (it - 10)) / 100)) * 0.54
  }
  expectClose(await ratesAt(warmupDecay(0.6, { warmup: 10, steps: 110, minimum: 0.06 }), steps), steps.map(nano), 6)
  const line = await ratesAt(warmupDecay(1, { steps: 100, minimum: 0.2, shape: 'linear' }), [0, 25, 50, 100, 200])
  expectClose(line, [1, 0.8, 0.6, 0.2, 0.2], 6)
  expectClose(await ratesAt(warmupDecay(1, { warmup: 3, steps: 3, shape: 'constant' }), [0, 1, 2, 3, 1000]), [0.25, 0.5, 0.75, 1, 1], 6)
  expectClose(await ratesAt(relativeStep(), [0, 9998, 39999]), [0.01, 0.01, 0.005], 6)
  expectClose(await ratesAt(relativeStep({ warmup: true }), [0, 999]), [1e-6, 1e-3], 7)
})

test('a second phase warms up from its own first step', async () => {
  const one = warmupDecay(1, { warmup: 1, steps: 10, minimum: 0.1 })
  const two = warmupDecay(0.5, { warmup: 4, steps: 20, minimum: 0.1 })
  const rate = inPhases([{ steps: 10, rate: one }, { steps: 20, rate: two }, { rate: 0.01 }])
  const expected = [...(await ratesAt(one, [0, 1, 9])), ...(await ratesAt(two, [0, 3, 4, 19])), 0.01, 0.01]
  expectClose(await ratesAt(rate, [0, 1, 9, 10, 13, 14, 29, 30, 1000]), expected, 6)
})

test.each([
  ['peak is 0', () => warmupDecay(0, { steps: 10 })],
  ['warmup is 10 of 10 steps', () => warmupDecay(1, { warmup: 10, steps: 10 })],
  ['a phase before the last has no steps', () => inPhases([{ rate: 1 }, { rate: 1 }])],
  ['maxNorm is 0', () => clipByGlobalNorm(adam({ learningRate: 1 }), 0)],
  ['clipThreshold is 0', () => adafactor({ learningRate: 1, clipThreshold: 0 })],
  ['-decayRate is -1', () => adafactor({ learningRate: 1, decayRate: 1 })],
])('refused: %s', (message, make) => {
  expect(make).toThrow(message)
})
