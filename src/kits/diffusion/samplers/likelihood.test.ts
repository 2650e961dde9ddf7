import { describe, expect, test } from 'vitest'
import { InputError, type NDArray } from '../../../engine/index.ts'
import { type ExactDenoiser, gaussian, gaussianMixture } from '../exact/index.ts'
import type { ProcessConfig } from '../process.ts'
import { processOf } from '../processes/index.ts'
import { logLikelihood } from './likelihood.ts'

const processes = {
  vp: { kind: 'vp', betas: [0.1, 20] },
  subVp: { kind: 'subVp', betas: [0.1, 20] },
  ve: { kind: 've', sigmas: [0.02, 60] },
  edm: { kind: 'edm', sigmas: [0.02, 60], train: [-1.2, 1.2] },
  chain: { kind: 'discrete', steps: 120, schedule: 'linear', betas: [1e-4, 0.15] },
} satisfies Record<string, ProcessConfig>

const covariance = [0.5, 0.2, 0, 0.2, 0.3, 0.1, 0, 0.1, 0.4]
const gaussianIn = (config: ProcessConfig) => gaussian({ process: processOf(config), mean: [0.3, -0.2, 0.1], covariance })

/** Errors in nats against the density in closed form at the least noise of the grid. */
async function errors(denoiser: ExactDenoiser, x: NDArray, found: Promise<Float64Array>): Promise<number[]> {
  const time = denoiser.process.times[0]
  const [n, d] = x.shape
  const values = await found
  return Array.from({ length: n }, (_, i) => values[i] - denoiser.logDensity(Array.from(x.data.subarray(i * d, (i + 1) * d)), time))
}

const rootMeanSquare = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length)

describe('the log-likelihood of Gaussian data', () => {
  test.each(Object.entries(processes))('%s, with the exact trace', async (_, config) => {
    const denoiser = gaussianIn(config)
    const x = denoiser.draw(20, 1)
    const steps = config.kind === 'discrete' ? 119 : 100
    expect(Math.max(...(await errors(denoiser, x, logLikelihood(denoiser, x, { steps, probes: 'exact' }))).map(Math.abs))).toBeLessThan(
      0.05,
    )
  })

  test('the error is of order 2 in the steps', async () => {
    const denoiser = gaussianIn(processes.edm)
    const x = denoiser.draw(20, 1)
    const error = async (steps: number) => rootMeanSquare(await errors(denoiser, x, logLikelihood(denoiser, x, { steps, probes: 'exact' })))
    const order = Math.log2((await error(25)) / (await error(50)))
    expect(order).toBeGreaterThan(1.7)
    expect(order).toBeLessThan(2.5)
  })

  test('by random probes: right on average, with less scatter the more there are', async () => {
    const denoiser = gaussianIn(processes.edm)
    const x = denoiser.draw(200, 1)
    const scatter = async (probes: number) => errors(denoiser, x, logLikelihood(denoiser, x, { steps: 40, probes, seed: 2 }))
    const [one, eight] = [await scatter(1), await scatter(8)]
    expect(Math.abs(one.reduce((sum, value) => sum + value, 0) / 200)).toBeLessThan((4 * rootMeanSquare(one)) / Math.sqrt(200) + 0.02)
    expect(rootMeanSquare(eight)).toBeLessThan(rootMeanSquare(one) / 2)
  })

  test('an example has the same likelihood alone', async () => {
    const denoiser = gaussianIn(processes.edm)
    const x = denoiser.draw(30, 1)
    const all = await logLikelihood(denoiser, x, { steps: 10, seed: 3 })
    const first = { ...x, shape: [7, 3], data: x.data.slice(0, 21) }
    expect(await logLikelihood(denoiser, first, { steps: 10, seed: 3 })).toEqual(all.subarray(0, 7))
  })
})

test('of a mixture, and not of another', async () => {
  const process = processOf(processes.edm)
  const mixture = (right: number) =>
    gaussianMixture({
      process,
      components: [
        { mean: [-1, 0], covariance: 0.2 },
        { mean: [right, 0.5], covariance: 0.1 },
      ],
    })
  const x = mixture(1).draw(40, 0)
  const options = { steps: 100, probes: 'exact' } as const
  expect(rootMeanSquare(await errors(mixture(1), x, logLikelihood(mixture(1), x, options)))).toBeLessThan(0.05)
  expect(rootMeanSquare(await errors(mixture(1), x, logLikelihood(mixture(1.3), x, options)))).toBeGreaterThan(0.2)
})

test('half a probe is refused', async () => {
  const denoiser = gaussianIn(processes.edm)
  await expect(logLikelihood(denoiser, denoiser.draw(1, 0), { steps: 5, probes: 0.5 })).rejects.toThrow(InputError)
})
