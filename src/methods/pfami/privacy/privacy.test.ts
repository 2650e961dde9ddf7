import { describe, expect, test } from 'vitest'
import { evaluate, isTensor, leaves, type NDArray, ndarray, type Tensor } from '../../../engine/index.ts'
import { denoiserConfig } from '../models.ts'
import { labelsFor } from '../table.ts'
import { epsilonOf, rdp } from './accountant.ts'
import { boundExcess } from './bound.ts'
import { dpTrainer } from './dp-sgd.ts'

/** ln E_{z ~ N(0, σ²)}[((1 − q) + q exp((2z − 1) / 2σ²))^α] / (α − 1) by quadrature. */
function rdpByQuadrature(noise: number, rate: number, order: number): number {
  const step = noise / 400
  let sum = 0
  for (let z = -12 * noise; z <= order + 12 * noise; z += step) {
    const density = Math.exp(-(z * z) / (2 * noise ** 2)) / (noise * Math.sqrt(2 * Math.PI))
    sum += density * (1 - rate + rate * Math.exp((2 * z - 1) / (2 * noise ** 2))) ** order * step
  }
  return Math.log(sum) / (order - 1)
}

describe('the accountant', () => {
  test('has the moments that quadrature has', () => {
    for (const [noise, rate, order] of [
      [1, 0.1, 2],
      [1.5, 0.05, 5],
      [2, 0.5, 8],
      [4, 1, 3],
    ])
      expect(rdp({ noise, rate }, order)).toBeCloseTo(rdpByQuadrature(noise, rate, order), 6)
  })

  test('falls with noise, rises with steps and rate, and is infinite without noise', () => {
    const epsilon = (noise: number, rate = 0.01, steps = 1000) => epsilonOf({ noise, rate, steps }, 1e-5)
    expect(epsilon(2)).toBeLessThan(epsilon(1))
    expect(epsilon(1, 0.02)).toBeGreaterThan(epsilon(1))
    expect(epsilon(1, 0.01, 2000)).toBeGreaterThan(epsilon(1))
    expect(epsilon(0)).toBe(Number.POSITIVE_INFINITY)
    expect(epsilonOf({ noise: 1, rate: 0.1, steps: 0 }, 1e-5)).toBe(0)
    // A step of the plain Gaussian mechanism with σ = 5 at δ = 1e-5: ε by the exact privacy profile is .74 (Balle & Wang 2018); an account may only be above.
    expect(epsilonOf({ noise: 5, rate: 1, steps: 1 }, 1e-5)).toBeGreaterThan(0.74)
    expect(epsilonOf({ noise: 5, rate: 1, steps: 1 }, 1e-5)).toBeLessThan(1.1)
  })
})

describe('the bound', () => {
  const labels = labelsFor(400, 400)
  const row = (scores: Float64Array) => [{ scores }] as never

  test('holds for scores of chance, and is broken by scores that know', () => {
    const knows = Float64Array.from(labels, (label, n) => label + 1e-6 * n)
    const chance = Float64Array.from(labels, (_, n) => ((n * 7919) % 800) / 800)
    expect(boundExcess(row(knows), labels, { epsilon: 1, delta: 1e-5 })).toBeGreaterThan(0.5)
    expect(boundExcess(row(chance), labels, { epsilon: 0.5, delta: 1e-5 })).toBeLessThan(0)
  })
})

describe('DP-SGD', () => {
  const records: NDArray = ndarray(
    Float32Array.from({ length: 40 * 4 }, (_, k) => Math.sin(k)),
    [40, 4],
    'float32',
  )
  const config = denoiserConfig([4], 8)

  test('moves by no more than the clip allows: one record, one step, no noise', async () => {
    // Adam's first step has the size of the rate whatever the gradient; what shows is the gradient itself, through its direction under a tiny clip.
    const one = { ...records, data: records.data.slice(0, 4), shape: [1, 4] }
    const step = async (clip: number) => {
      const trainer = dpTrainer(config, { noise: 0, rate: 1, steps: 1, clip, learningRate: 1e-2 }, one, 0)
      const start = trainer.start()
      const { state } = await trainer.step(start, 0)
      return norm(await evaluate(mapMoments(state.optimizer)))
    }
    // The first moment is (1 − β₁) times the clipped gradient, up to factors that all share.
    const [small, large] = [await step(1e-3), await step(2e-3)]
    expect(large / small).toBeCloseTo(2, 2)
  })

  test('has computed a step before the next begins, so that memory does not grow with them', async () => {
    const trainer = dpTrainer(config, { noise: 1, rate: 0.3, steps: 1, clip: 1, learningRate: 1e-2 }, records, 0)
    const { state } = await trainer.step(trainer.start(), 0)
    for (const leaf of leaves(state)) if (isTensor(leaf)) expect(leaf.node.value).toBeDefined()
  })

  test('is the same for the same seed, and noise makes it another', async () => {
    const sumAfter = async (noise: number, seed = 0) => {
      const trainer = dpTrainer(config, { noise, rate: 0.3, steps: 2, clip: 1, learningRate: 1e-2 }, records, seed)
      let state = trainer.start()
      for (let k = 0; k < 2; k++) state = (await trainer.step(state, k)).state
      return leaves(await evaluate(state.params))
        .map((leaf) => leaf as Tensor)
        .reduce(async (sum, leaf) => (await sum) + Array.from(await leaf.data()).reduce((a, b) => a + b, 0), Promise.resolve(0))
    }
    expect(await sumAfter(1)).toBe(await sumAfter(1))
    expect(await sumAfter(1)).not.toBe(await sumAfter(0))
  })
})

const mapMoments = (optimizer: unknown): unknown => (optimizer as { sum: unknown }).sum

async function norm(tree: unknown): Promise<number> {
  let total = 0
  for (const leaf of leaves(tree)) for (const value of await (leaf as Tensor).data()) total += value * value
  return Math.sqrt(total)
}
