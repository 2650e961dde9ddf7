import { describe, expect, test } from 'vitest'
import { draws, seedKey } from '../../../data/draws.ts'
import { mul, type NDArray, ndarray, type Tensor } from '../../../engine/index.ts'
import { trainingSet } from '../../../kits/diffusion/exact/index.ts'
import { type Denoiser, processOf } from '../../../kits/diffusion/index.ts'
import { areaUnderCurve } from '../../../kits/metrics/index.ts'
import { rowsOf } from '../data.ts'
import type { Fluctuation } from '../fluctuation.ts'
import { lossTable } from '../losses.ts'
import { diffusionSubject } from '../models.ts'
import { crop } from '../neighbours/index.ts'
import { attackTable, labelsFor } from '../table.ts'
import type { Scene } from './attack.ts'
import { trainAttackNetwork } from './attack-network.ts'
import { blindTest } from './blind.ts'
import { choiceOn, scoresBy } from './choice.ts'
import { curvature } from './curvature.ts'

const side = 6
const size = side * side
const each = 24
const process = processOf({ kind: 'discrete', steps: 1000, schedule: 'linear' })

/** Smooth random images from −1 to 1: waves of random phase. */
function images(count: number, seed: number): NDArray {
  const { uniform } = draws(seedKey(seed, 0x696d67))
  const data = new Float32Array(count * size)
  for (let n = 0; n < count; n++) {
    const [a, b, phase, other] = [uniform(0.5, 2), uniform(0.5, 2), uniform(0, 6), uniform(0, 6)]
    for (let k = 0; k < size; k++)
      data[n * size + k] = 0.5 * (Math.sin(a * Math.floor(k / side) + phase) + Math.cos(b * (k % side) + other))
  }
  return ndarray(data, [count, size], 'float32')
}

/** Records that are far from each other, so that none is told from another by a common neighbour. */
const bank = ndarray(
  Float32Array.from(
    { length: 5 * each * size },
    (
      (random) => () =>
        random.uniform(-1, 1)
    )(draws(seedKey(1, 0x62616e6b))),
  ),
  [5 * each, size],
  'float32',
)
const part = (k: number) =>
  rowsOf(
    bank,
    Array.from({ length: each }, (_, i) => k * each + i),
  )
const memory = (x: NDArray) => diffusionSubject('memory', trainingSet({ process, x, range: [-1, 1] }))
const both = (a: number, b: number) =>
  rowsOf(
    bank,
    Array.from({ length: 2 * each }, (_, i) => (i < each ? a * each + i : b * each + i - each)),
  )
const labels = labelsFor(each, each)
const scene = (target: Scene['target'], records: NDArray): Scene => ({
  target,
  reference: memory(part(2)),
  records,
  neighbours: crop({ count: 3 }),
  draws: 2,
  common: true,
  antithetic: true,
  seed: 0,
  samples: 20,
})

describe('a perfect memory in closed form', () => {
  const attacks = ['pfami-met', 'pfami-uncalibrated', 'loss', 'secmi', 'pia', 'sima'] as const
  const shadow = { scene: scene(memory(part(3)), both(3, 4)), labels }

  test('gives every attack on losses and estimates nearly all of its members, and none of them anything about another bank', async () => {
    const rows = await attackTable(scene(memory(part(0)), both(0, 1)), { attacks, labels, shadow })
    for (const { attack, auc } of rows) expect(auc.value, attack).toBeGreaterThan(0.99)
    const others = await attackTable(scene(memory(part(3)), both(0, 1)), { attacks, labels, shadow })
    // Chance for 24 records a side: ½ ± 4 standard errors of .084.
    for (const { attack, auc } of others) expect(Math.abs(auc.value - 0.5), attack).toBeLessThan(0.34)
  })
})

const slope = 0.7
const served = { params: {}, estimate: (_: unknown, x: Tensor) => ({ x0: x, eps: mul(x, slope), score: x }) }
const linear: Denoiser = { process, shape: [size], at: () => served }

test('the error of a DDIM step forward and back is that of the matrices', async () => {
  // x̂₀ = x, ε̂ = c x: a step to t multiplies by m(t) = a(t) + c s(t), and there and back by m(beyond) m(last).
  const factor = (step: number) => {
    const { signal, noise } = process.at(step + 1)
    return signal + slope * noise
  }
  const records = images(3, 4)
  const { oracle } = diffusionSubject('linear', linear, { error: 'ddim' })
  const { data, draws: drawn, rows } = await lossTable(oracle!, records, undefined, { draws: 1 })
  expect([drawn, rows, oracle!.noise]).toEqual([1, 9, 0])
  for (let n = 0; n < 3; n++) {
    let walked = Float64Array.from(records.data.subarray(n * size, (n + 1) * size)).reduce((sum, x) => sum + x * x, 0)
    for (let row = 0; row < 9; row++) {
      const [last, beyond] = [50 * (row + 1), 50 * (row + 2)]
      walked *= factor(last) ** 2
      const expected = walked * (factor(beyond) * factor(last) - 1) ** 2
      expect(data[n * 9 + row] / expected).toBeCloseTo(1, 3)
    }
  }
})

test('the curvature of a quadratic loss is that of its matrix', async () => {
  // ε̂ = ε + c (x − x₀*): with a fixed centre, the loss is c² · mean(x²) + terms linear in x, of second derivative 2c²a²/size along any unit vector.
  const records = images(3, 2)
  const { variants } = await curvature({ ...scene(diffusionSubject('linear', linear), records), neighbours: crop({ count: 3 }) })
  const steps = [100, 200, 300].map((step) => process.at(step + 1).signal ** 2)
  const expected = (steps.reduce((a, b) => a + b, 0) / 3) * ((2 * slope ** 2) / size)
  for (const value of variants.hvp) expect(value).toBeCloseTo(expected, 5)
})

test('settings and orientation follow the shadow alone', () => {
  const outcome = { usual: 'a', queries: 1, variants: { a: Float64Array.of(1, 2, 3, 4), b: Float64Array.of(4, 3, 1, 2) } }
  // On the shadow, `b` is the better one, turned.
  const shadow = { ...outcome, variants: { a: Float64Array.of(1, 4, 2, 3), b: Float64Array.of(1, 2, 3, 4) } }
  const choice = choiceOn(shadow, [1, 1, 0, 0])
  expect(choice).toMatchObject({ variant: 'b', sign: -1, shadowArea: 1 })
  expect(Array.from(scoresBy(outcome, choice))).toEqual([-4, -3, -1, -2])
})

describe('what learns', () => {
  /** Matrices whose sum over one column tells members, in noise. */
  function matrices(records: number, seed: number, strength: number): { of: Fluctuation; labels: number[] } {
    const { normal } = draws(seedKey(seed, 0x6d6174))
    const labels = Array.from({ length: records }, (_, n) => n % 2)
    const data = Float64Array.from(
      { length: records * 100 },
      (_, k) => normal() + (k % 10 === 4 ? strength * labels[Math.floor(k / 100)] : 0),
    )
    return { of: { records, rows: 10, strengths: 10, data }, labels }
  }

  test('the attack network finds a pattern on other matrices than it was trained on, and none where there is none', async () => {
    const scoreOf = async (strength: number) => {
      const [known, own] = [matrices(400, 1, strength), matrices(100, 2, strength)]
      const network = await trainAttackNetwork(known.of, known.labels, { channels: 4, epochs: 30 })
      return areaUnderCurve(await network.score(own.of), own.labels)
    }
    expect(await scoreOf(1.5)).toBeGreaterThan(0.85)
    expect(Math.abs((await scoreOf(0)) - 0.5)).toBeLessThan(0.25)
  })

  test('the blind test sees a split by brightness, and nothing in a random one', async () => {
    const records = images(160, 5)
    const half = labelsFor(80, 80)
    const fair = await blindTest(records, half)
    expect(fair.logistic.value).toBeLessThan(0.68)
    const bright: NDArray = { ...records, data: Float32Array.from(records.data, (value, k) => value + (k < 80 * size ? 0.8 : 0)) }
    const leaking = await blindTest(bright, half)
    expect(leaking.logistic.value).toBeGreaterThan(0.9)
    expect(leaking.nearest.value).toBeGreaterThan(0.8)
  })
})
