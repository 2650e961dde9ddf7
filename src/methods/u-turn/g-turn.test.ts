import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digitImages, loadMnist } from '../../data/index.ts'
import { key, random } from '../../engine/index.ts'
import { multiply, transposed } from '../../engine/kernels/factorizations.ts'
import { eigh } from '../../engine/kernels/spectra.ts'
import { gaussian, processOf } from '../../kits/diffusion/index.ts'
import { uTurnCorrelation } from './correlations.ts'
import { fitGaussian, gTurn, isotropic, spectrumOf } from './g-turn.ts'
import { uTurn } from './u-turn.ts'

const spectrum = (...values: number[]) => ({ values: Float64Array.from(values), rest: { count: 0, mean: 0 } })

test('[golden] λ = 2, σ = 1.5: .6860 by the flow, .4706 by the SDE', () => {
  expect(gTurn(spectrum(2), [1.5], 'ode')[0]).toBeCloseTo(0.686, 4)
  expect(gTurn(spectrum(2), [1.5], 'sde')[0]).toBeCloseTo(0.4706, 4)
})

test('the flow keeps more than the SDE; both fall with σ from 1 to 0', () => {
  const variances = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(variances, fc.double({ min: 0.01, max: 100, noNaN: true }), (values, sigma) => {
      const own = spectrum(...values)
      const [ode, sde] = [gTurn(own, [sigma, 2 * sigma], 'ode'), gTurn(own, [sigma, 2 * sigma], 'sde')]
      expect(ode[0]).toBeGreaterThan(sde[0])
      expect(ode[1]).toBeLessThan(ode[0])
      expect(sde[1]).toBeLessThan(sde[0])
      expect(ode[0]).toBeLessThanOrEqual(1)
      expect(sde[1]).toBeGreaterThanOrEqual(0)
    }),
  )
})

describe('U-turns by the exact denoiser of a Gaussian', () => {
  // Eigenvalues 3 and 1, turned by 30°.
  const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)]
  const covariance = [3 * c * c + s * s, 2 * c * s, 2 * c * s, 3 * s * s + c * c]
  const process = processOf({ kind: 'edm', sigmas: [0.01, 80], train: [-1.2, 1.2] })
  const exact = gaussian({ process, mean: [2, -1], covariance })
  const x0 = exact.draw(4096, 0)
  test.each([
    ['sde', 120, 0.03],
    ['ode', 40, 0.02],
  ] as const)('have the correlation of the closed form: %s', async (sampler, steps, tolerance) => {
    for (const sigma of [1, 3]) {
      const { y0 } = await uTurn(exact, x0, { sigma, sampler, steps, levels: 'turn', seed: 1 })
      const { centred } = uTurnCorrelation(x0, y0, [2, -1])
      expect(Math.abs(centred - gTurn(covariance, [sigma], sampler)[0])).toBeLessThan(tolerance)
    }
  })
})

test('more dimensions than are listed: the largest variances, and the rest of the trace', async () => {
  const [n, d] = [24, 600]
  const x = await random.normal(key(3), [n, d]).ndarray()
  const { spectrum, mean } = await fitGaussian(x)
  const centred = Float64Array.from(x.data, (value, i) => value - mean[i % d])
  const gram = multiply(centred, transposed(centred, n, d), [n, d, n]).map((value) => value / n)
  const exact = eigh(gram, n).values.reverse()
  expect(spectrum.values.length + spectrum.rest.count).toBe(d)
  for (let i = 0; i < n - 1; i++) expect(Math.abs(spectrum.values[i] / exact[i] - 1)).toBeLessThan(1e-6)
  expect(spectrum.rest.mean).toBeLessThan(1e-9)
})

test('what is no covariance is refused', () => {
  expect(() => spectrumOf([1, 2, 3])).toThrow('3 numbers are no square matrix')
  expect(() => spectrumOf([1, 0, 0, -1])).toThrow('a variance of -1')
})

/** Real where MNIST lies beside the checkout. */
test('[golden] of the digits: √λ 2.23, mean share .759, and what the same trace in all directions would predict', async () => {
  const { images, labels, provenance } = await loadMnist({ offline: true })
  if (!provenance.real) return
  const { train, heldOut } = digitImages({ images, labels }, { side: 14 })
  const all = { ...train.x, shape: [10_000, 1, 14, 14], data: Float32Array.from([...train.x.data, ...heldOut.x.data]) }
  const { spectrum, dominant, meanShare } = await fitGaussian(all)
  expect(dominant).toBeCloseTo(2.23, 2)
  expect(meanShare).toBeCloseTo(0.759, 3)
  const at = (own: typeof spectrum) => [gTurn(own, [3.711], 'ode')[0], gTurn(own, [3.711], 'sde')[0]]
  const [ode, sde] = at(spectrum)
  expect(Math.abs(ode - 0.302)).toBeLessThan(0.003)
  expect(Math.abs(sde - 0.111)).toBeLessThan(0.003)
  const [flat, flatSde] = at(isotropic(spectrum))
  expect(Math.abs(flat - 0.122)).toBeLessThan(0.003)
  expect(Math.abs(flatSde - 0.015)).toBeLessThan(0.003)
})
