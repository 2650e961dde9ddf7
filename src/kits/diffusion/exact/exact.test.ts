import { describe, expect, test } from 'vitest'
import { InputError, ndarray, tensor } from '../../../engine/index.ts'
import type { Denoiser } from '../denoiser.ts'
import { processOf } from '../processes/index.ts'
import { gaussian, gaussianMixture, trainingSet } from './index.ts'

const edm = processOf({ kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] })
const vp = processOf({ kind: 'vp', betas: [0.1, 20] })

/** What a denoiser says of rows of noisy data at one time. */
async function asked(denoiser: Denoiser, rows: readonly number[][], time: number) {
  const { params, estimate } = denoiser.at(time)
  const { signal, noise, condition } = denoiser.process.at(time)
  const filled = (value: number) => tensor(new Float32Array(rows.length).fill(value))
  const x = tensor(rows, { dtype: 'float32' })
  const found = estimate(params, x, { signal: filled(signal), noise: filled(noise), condition: filled(condition) })
  return {
    x0: (await found.x0.array()) as number[][],
    eps: (await found.eps.array()) as number[][],
    score: (await found.score.array()) as number[][],
  }
}

const components = [
  { weight: 1, mean: [-1, 0.5], covariance: [0.5, 0.2, 0.2, 0.4] },
  { weight: 3, mean: [1, 0], covariance: 0.3 },
  { weight: 2, mean: [0, -2], covariance: [0.2, 0.6] },
]

/** The density of the mixture, by determinants and inverses of 2 × 2 matrices. */
function density([x, y]: readonly number[], signal: number, noise: number): number {
  const matrices = [
    [0.5, 0.2, 0.4],
    [0.3, 0, 0.3],
    [0.2, 0, 0.6],
  ]
  return components.reduce((sum, { weight, mean }, k) => {
    const [a, b, c] = matrices[k].map((value, i) => signal ** 2 * value + (i === 1 ? 0 : noise ** 2))
    const [u, v] = [x - signal * mean[0], y - signal * mean[1]]
    const determinant = a * c - b * b
    return (
      sum +
      ((weight / 6) * Math.exp((-0.5 * (c * u * u - 2 * b * u * v + a * v * v)) / determinant)) / (2 * Math.PI * Math.sqrt(determinant))
    )
  }, 0)
}

const points = [
  [0.3, -0.2],
  [-1.2, 1.4],
  [2, 0.1],
  [0.1, -1.7],
]

describe.each([
  ['edm', edm, [0.3, 1, 6]],
  ['vp', vp, [0.1, 0.4, 0.9]],
] as const)('a mixture in %s', (_, process, times) => {
  const denoiser = gaussianMixture({ process, components })
  test.each(times)('its density at %d', (time) => {
    const { signal, noise } = process.at(time)
    for (const x of points) expect(denoiser.logDensity(x, time)).toBeCloseTo(Math.log(density(x, signal, noise)), 9)
  })

  test.each(times)('Tweedie at %d: the score is the gradient of the log-density, and names one thing with ε and x̂₀', async (time) => {
    const { signal, noise } = process.at(time)
    const { x0, eps, score } = await asked(denoiser, points, time)
    const h = 1e-4
    points.forEach((x, row) => {
      x.forEach((value, i) => {
        const shifted = (by: number) => denoiser.logDensity(x.with(i, value + by), time)
        const slope = (shifted(h) - shifted(-h)) / (2 * h)
        expect(score[row][i]).toBeCloseTo(slope, 3)
        expect(eps[row][i]).toBeCloseTo(-noise * slope, 3)
        expect(signal * x0[row][i] + noise * eps[row][i]).toBeCloseTo(value, 4)
      })
    })
  })
})

test('a Gaussian is a mixture of one, and its estimate is linear', async () => {
  const denoiser = gaussian({ process: edm, mean: [1, -1], covariance: [2, 0.5, 0.5, 1] })
  const { x0 } = await asked(denoiser, [[2, 0]], 1.5)
  // L (L + σ² I)⁻¹ (x − μ) + μ with the inverse of [[4.25, .5], [.5, 3.25]].
  const determinant = 4.25 * 3.25 - 0.25
  const w = [(3.25 - 0.5) / determinant, (-0.5 + 4.25) / determinant]
  expect(x0[0][0]).toBeCloseTo(1 + 2 * w[0] + 0.5 * w[1], 5)
  expect(x0[0][1]).toBeCloseTo(-1 + 0.5 * w[0] + w[1], 5)
})

test('draws have the moments of the mixture', () => {
  const data = Array.from(gaussianMixture({ process: edm, components }).draw(20_000, 1).data)
  const mean = [0, 1].map((axis) => data.reduce((sum, value, i) => sum + (i % 2 === axis ? value : 0), 0) / 20_000)
  expect(mean[0]).toBeCloseTo((-1 + 3) / 6, 1)
  expect(mean[1]).toBeCloseTo((0.5 - 4) / 6, 1)
})

describe('the optimal denoiser of a training set', () => {
  const rows = [
    [0, 0],
    [1, 0.5],
    [-0.5, 2],
  ]
  const denoiser = trainingSet({ process: vp, x: ndarray(Float32Array.from(rows.flat()), [3, 2], 'float32') })

  test.each([0.05, 0.3, 0.8])('is the mean of its examples by their likelihood, at %d', async (time) => {
    const { signal, noise } = vp.at(time)
    const { x0, eps } = await asked(denoiser, points, time)
    points.forEach((x, k) => {
      const weights = rows.map((row) => Math.exp(-row.reduce((sum, value, i) => sum + (x[i] - signal * value) ** 2, 0) / (2 * noise ** 2)))
      const total = weights.reduce((sum, w) => sum + w, 0)
      x.forEach((value, i) => {
        expect(x0[k][i]).toBeCloseTo(
          rows.reduce((sum, row, j) => sum + (weights[j] / total) * row[i], 0),
          4,
        )
        expect(signal * x0[k][i] + noise * eps[k][i]).toBeCloseTo(value, 4)
      })
    })
  })

  test('has examples', () =>
    expect(() => trainingSet({ process: vp, x: ndarray(new Float32Array(0), [0, 2], 'float32') })).toThrow(InputError))
})

test.each([
  ['no component', []],
  ['a weight of 0', [{ weight: 0, mean: [0], covariance: 1 }]],
  [
    'means of different lengths',
    [
      { mean: [0], covariance: 1 },
      { mean: [0, 1], covariance: 1 },
    ],
  ],
  ['a covariance of the wrong size', [{ mean: [0, 1], covariance: [1, 2, 3] }]],
  ['a negative variance', [{ mean: [0, 1], covariance: [1, 2, 2, 1] }]],
])('%s is refused', (_, components) => expect(() => gaussianMixture({ process: edm, components })).toThrow(InputError))
