import { describe, expect, test } from 'vitest'
import { mul, type Tensor } from '../../engine/index.ts'
import { type Denoiser, gaussian, type ProcessConfig, processOf, trainingSet } from '../../kits/diffusion/index.ts'
import { momentsOf } from '../../kits/generative/index.ts'
import { onSigma, sigmaGrid, trainedRange, turningSigma } from './coordinates.ts'
import { trajectoryOf } from './trajectory.ts'
import { denoised, uTurn } from './u-turn.ts'

const edm: ProcessConfig = { kind: 'edm', sigmas: [0.02, 40], train: [-1.2, 1.2] }
const chain: ProcessConfig = { kind: 'discrete', steps: 1000, schedule: 'linear' }
const oneOf = (process: ProcessConfig) => gaussian({ process: processOf(process), mean: [1, 0], covariance: [2, 0.5, 0.5, 1] })
const exact = oneOf(edm)
const options = { sampler: 'churn', steps: 24, seed: 3 } as const

describe('a U-turn', () => {
  test('has the full run’s evaluations below its level: 2K − 1 by Heun, K by Euler-Maruyama', async () => {
    const x0 = exact.draw(2, 0)
    for (const [index, nfe] of [
      [0, 47],
      [8, 31],
      [23, 1],
    ] as const)
      expect(await uTurn(exact, x0, { ...options, index })).toMatchObject({ nfe, sigma: sigmaGrid(exact, 24)[index] })
    expect((await uTurn(exact, x0, { ...options, sampler: 'sde', index: 8 })).nfe).toBe(16)
    expect((await uTurn(exact, x0, { ...options, sampler: 'ode', levels: 'turn', sigma: 5 })).nfe).toBe(47)
  })

  test.each([edm, chain, { kind: 'vp', betas: [0.1, 20] } as const, { kind: 've', sigmas: [0.01, 50] } as const])(
    'leaves the distribution as it is, whatever process the denoiser has: %o',
    async (process) => {
      const own = oneOf(process)
      const x0 = own.draw(4000, 0)
      const { y0 } = await uTurn(own, x0, { ...options, sampler: 'ode', steps: 48, sigma: 2 })
      const { mean, covariance } = await momentsOf(y0)
      for (const [i, value] of [1, 0].entries()) expect(Math.abs(mean[i] - value)).toBeLessThan(0.1)
      for (const [i, value] of [2, 0.5, 0.5, 1].entries()) expect(Math.abs(covariance[i] - value)).toBeLessThan(0.15)
    },
  )

  test('at a time of the denoiser’s own process is one at its σ', () => {
    const own = oneOf(chain)
    expect(turningSigma(own, { time: 500 }, 24)).toBeCloseTo(Math.sqrt((1 - 0.0785872) / 0.0785872), 4)
    expect(onSigma(own).process.times[1]).toBe(80)
    expect(trainedRange(own)[1]).toBeGreaterThan(150)
  })

  test('from almost no noise gives the start back, and by the memory of a set a member from anywhere', async () => {
    const set = exact.draw(20, 1)
    const memory = trainingSet({ process: processOf(edm), x: set })
    const { y0 } = await uTurn(memory, set, { ...options, sampler: 'ode', sigma: 0.02 })
    for (const [i, value] of y0.data.entries()) expect(Math.abs(value - set.data[i])).toBeLessThan(0.02)
    const far = await uTurn(memory, set, { ...options, sigma: 20 })
    const isMember = (row: number) =>
      Array.from({ length: 20 }, (_, k) =>
        Math.hypot(far.y0.data[2 * row] - set.data[2 * k], far.y0.data[2 * row + 1] - set.data[2 * k + 1]),
      ).some((distance) => distance < 1e-2)
    expect(Array.from({ length: 20 }, (_, row) => isMember(row)).filter(Boolean).length).toBeGreaterThanOrEqual(19)
  })

  test('the estimate at one level is the posterior mean', async () => {
    const x = exact.draw(3, 2)
    const estimate = await denoised(exact, x, 1)
    // Σ (Σ + 1)⁻¹ (x − μ) + μ of Σ = [2 .5; .5 1].
    const determinant = 3 * 2 - 0.25
    for (let row = 0; row < 3; row++) {
      const [a, b] = [x.data[2 * row] - 1, x.data[2 * row + 1]]
      const [p, q] = [(2 * a - 0.5 * b) / determinant, (3 * b - 0.5 * a) / determinant]
      expect(estimate.data[2 * row]).toBeCloseTo(1 + 2 * p + 0.5 * q, 4)
      expect(estimate.data[2 * row + 1]).toBeCloseTo(0.5 * p + q, 4)
    }
  })
})

describe('what cannot be turned is refused in one line', () => {
  const x0 = exact.draw(4, 0)
  const ranged: Denoiser = { ...exact, range: [-1, 1] }
  const broken: Denoiser = {
    ...exact,
    at: (time) => ({
      params: exact.at(time).params,
      estimate: (params, x, level) => {
        const found = exact.at(time).estimate(params, x, level)
        const gone = (y: Tensor) => mul(y, Number.NaN)
        return { x0: gone(found.x0), eps: gone(found.eps), score: gone(found.score) }
      },
    }),
  }
  test.each([
    [
      () => uTurn(exact, x0, { ...options, sigma: 41 }),
      'σ 41 is outside of the range that the model was trained on',
      'give a number from 0.02 to 40',
    ],
    [() => uTurn(exact, x0, { ...options, sigma: 0.001 }), 'σ 0.001 is outside', '0.02 to 40'],
    [() => uTurn(exact, x0, { ...options, index: 24 }), 'index 24 is beyond the grid of 24 levels', '0 to 23'],
    [() => uTurn(exact, { ...x0, shape: [2, 4] }, { ...options, sigma: 1 }), 'examples of shape [4]', ''],
    [() => uTurn(ranged, exact.draw(50, 0), { ...options, sigma: 1 }), 'are not scaled as the model', '[-1, 1]'],
    [() => uTurn(broken, x0, { ...options, sigma: 1 }), '4 of 4 samples that came back from σ 1 are not finite', 'clip'],
    [() => trajectoryOf(exact, { ...options, count: 63 }), '63 samples are too few', '64'],
  ])('%#', async (action, what, more) => {
    const error = await action().then(
      () => undefined,
      (error: Error) => error,
    )
    expect(error?.name).toBe('InputError')
    expect(error?.message).toContain(what)
    expect(error?.message).toContain(more)
  })
})

test('a full run of a Gaussian is Gaussian at every level, and ends in itself', async () => {
  const points = await trajectoryOf(exact, { ...options, steps: 8, count: 512 })
  expect(points).toHaveLength(8)
  expect(points[0].forward).toBe(1)
  expect(points[7].reverse).toBeCloseTo(1, 2)
  expect(points[7].estimateNorm).toBe(1)
  // At σ 40 the noise is all there is.
  expect(Math.abs(points[0].scoreNorm - Math.sqrt(Math.PI / 4))).toBeLessThan(0.06)
  expect(Math.max(...points.map(({ ks }) => ks))).toBeLessThanOrEqual(0.5)
})
