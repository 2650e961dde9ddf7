import { describe, expect, test } from 'vitest'
import { normalCdf } from '../../../engine/kernels/error-function.ts'
import { gaussianMixture } from '../exact/index.ts'
import { timeGrid } from '../grid.ts'
import { processOf } from '../processes/index.ts'
import type { SamplerConfig } from '../sampling.ts'
import { sample } from './sample.ts'
import { noised } from './states.ts'

/** Two modes ±μ e₁ of unit variance in 16 dimensions; by symmetry only the first matters to which mode a sample is in. */
const mu = 4
const d = 16
const mean = (sign: number) => Array.from({ length: d }, (_, i) => (i === 0 ? sign * mu : 0))
const process = processOf({ kind: 'edm', sigmas: [0.01, 80], train: [-1.2, 1.2] })
const mixture = gaussianMixture({
  process,
  components: [
    { mean: mean(1), covariance: 1 },
    { mean: mean(-1), covariance: 1 },
  ],
})

/** P(the other mode | σ) = E_z 1 / (1 + exp(2μx / (1 + σ²))), x = μ + √(1 + σ²) z, by the trapezoidal rule. */
function flipProbability(sigma: number): number {
  const variance = 1 + sigma ** 2
  const h = 1e-3
  let sum = 0
  for (let z = -10; z <= 10; z += h)
    sum += (h * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI) / (1 + Math.exp((2 * mu * (mu + Math.sqrt(variance) * z)) / variance))
  return sum
}

test.each([
  [0.5, 0.0003],
  [1, 0.0037],
  [2, 0.0549],
  [3, 0.1496],
  [4, 0.2346],
  [6, 0.3428],
  [8, 0.3994],
  [12, 0.4504],
  [20, 0.4809],
])('[golden] σ %d flips %d in closed form', (sigma, expected) => expect(Math.abs(flipProbability(sigma) - expected)).toBeLessThan(0.002))

describe('U-turns of the mixture by 200 steps', () => {
  const count = 4096
  async function turned(sampler: SamplerConfig, sigma: number) {
    const grid = timeGrid(process, 300).filter((time) => time < sigma)
    const x0 = mixture.draw(count, 7)
    const start = { x: noised(mixture, x0, sigma, 8), time: sigma }
    const { x } = await sample(mixture, { sampler, count, steps: 0, times: [sigma, ...grid], seed: 9, start, batch: count })
    let [flips, squares] = [0, 0]
    for (let i = 0; i < count; i++) {
      flips += Number(x0.data[i * d] * x.data[i * d] < 0)
      for (let k = 1; k < d; k++) squares += x.data[i * d + k] ** 2
    }
    return { flips: flips / count, variance: squares / count / (d - 1) }
  }

  test.each([2, 6])('σ %d: as many flips as in closed form, and unit variance across', async (sigma) => {
    const { flips, variance } = await turned({ kind: 'em' }, sigma)
    const expected = flipProbability(sigma)
    expect(Math.abs(flips - expected)).toBeLessThan(0.01 + 3 * Math.sqrt((expected * (1 - expected)) / count))
    expect(Math.abs(variance - 1)).toBeLessThan(0.03)
  })

  test('the probability flow keeps order along the first axis: it flips what noise has taken across, Φ(−μ / √(1 + σ²))', async () => {
    const { flips } = await turned({ kind: 'heun' }, 6)
    const expected = normalCdf(-mu / Math.sqrt(37))
    expect(Math.abs(flips - expected)).toBeLessThan(0.01 + 3 * Math.sqrt((expected * (1 - expected)) / count))
    expect(flips).toBeLessThan(flipProbability(6) - 0.05)
  })
})
