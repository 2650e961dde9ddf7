import { describe, expect, test } from 'vitest'
import { noised } from '../../kits/diffusion/index.ts'
import { expectedFlips, flipProbability, flips, momentError, twoModes } from './mixture.ts'
import { type ReturnOptions, returned } from './u-turn.ts'

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
])('[golden] σ %d ends in the other mode with probability %d', (sigma, expected) =>
  expect(Math.abs(flipProbability(sigma) - expected)).toBeLessThan(0.002),
)

describe('U-turns at σ 4', () => {
  const [exact, sigma] = [twoModes(), 4]
  const x0 = exact.draw(2048, 0)
  const xu = noised(exact, x0, sigma, 1)
  const back = (sampler: ReturnOptions['sampler'], steps: number) => returned(exact, xu, sigma, { sampler, steps, levels: 'turn', seed: 2 })

  test('by the SDE: as many flips as in closed form, counted or expected; moments stay', async () => {
    const { y0, nfe } = await back('sde', 100)
    expect(nfe).toBe(100)
    expect(Math.abs(expectedFlips(xu, y0, sigma) - flipProbability(sigma))).toBeLessThan(0.015)
    // Four standard errors of counting.
    expect(Math.abs(flips(x0, y0) - flipProbability(sigma))).toBeLessThan(0.038)
    expect(momentError(y0)).toBeLessThan(0.05)
  })

  test('by the flow too few', async () =>
    expect(expectedFlips(xu, (await back('ode', 30)).y0, sigma)).toBeLessThan(flipProbability(sigma) - 0.05))

  test('what is not noised, and taken for noisy data, comes back with a fraction of its variance', async () => {
    // Across the modes (1/(1 + σ²))² + σ²/(1 + σ²): the square of the posterior mean's factor, and the posterior variance.
    const { y0 } = await returned(exact, x0, 1, { sampler: 'sde', steps: 100, levels: 'turn', seed: 2 })
    expect(Math.abs(momentError(y0) - 0.25)).toBeLessThan(0.03)
  })
})
