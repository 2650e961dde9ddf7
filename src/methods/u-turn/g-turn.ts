import { draws, seedKey } from '../../data/draws.ts'
import { fromArray, InputError, jit, matmul, type NDArray, ndarray, swapLast, type Tensor } from '../../engine/index.ts'
import { qr } from '../../engine/kernels/factorizations.ts'
import { eigh } from '../../engine/kernels/spectra.ts'
import { meanOf } from '../../kits/generative/moments.ts'

/*
 * The Gaussian test: with the score of N(μ, Σ), which is affine, the U-turn's correlation is known in closed form. Where a network's curve lies on it, the
 * network is no more than affine there.
 */

/** How a U-turn returns, in the limit of many steps. */
export type Flow = 'sde' | 'ode'

/** The variances of a Gaussian along its axes. */
export interface Spectrum {
  /** Descending; the largest ones where there are too many. */
  readonly values: Float64Array
  /** Variances that are not listed: how many, and their mean. */
  readonly rest: { readonly count: number; readonly mean: number }
}

/** Σ λ^p / (λ + σ²)^q over all variances. */
const sumOver = ({ values, rest }: Spectrum, term: (lambda: number) => number): number =>
  values.reduce((sum, value) => sum + term(Math.max(0, value)), 0) + (rest.count > 0 ? rest.count * term(Math.max(0, rest.mean)) : 0)

/**
 * The centred correlation of x₀ ~ N(μ, Σ) with its U-turn at σ by the exact score: Σ λ² / (λ + σ²) over Σ λ for the SDE, Σ λ^(3/2) / (λ + σ²)^(1/2) over Σ λ for
 * the probability flow.
 *
 * @param spectrum Variances along the axes of Σ, or Σ itself [d · d], row-major.
 * @example
 * gTurn(Float64Array.of(2), [1.5], 'ode')[0].toFixed(4) // '0.6860'
 */
export function gTurn(spectrum: Spectrum | ArrayLike<number>, sigmas: readonly number[], flow: Flow): number[] {
  const own = 'rest' in spectrum ? spectrum : spectrumOf(spectrum)
  const total = sumOver(own, (lambda) => lambda)
  if (!(total > 0)) throw new InputError('a Gaussian without variance has no correlation')
  const term = (variance: number) => (lambda: number) =>
    flow === 'sde' ? lambda ** 2 / (lambda + variance) : lambda ** 1.5 / Math.sqrt(lambda + variance)
  return sigmas.map((sigma) => sumOver(own, term(sigma ** 2)) / total)
}

/**
 * Of a covariance [d · d], row-major.
 *
 * @throws InputError for what is not square, or has a negative variance.
 * @example
 * spectrumOf([1, 0, 0, 4]).values // Float64Array [4, 1]
 */
export function spectrumOf(covariance: ArrayLike<number>): Spectrum {
  const d = Math.round(Math.sqrt(covariance.length))
  if (d * d !== covariance.length) throw new InputError(`${covariance.length} numbers are no square matrix`)
  const values = eigh(Float64Array.from(covariance), d).values.reverse()
  if (values[d - 1] < -1e-6 * values[0]) throw new InputError(`the covariance has a variance of ${values[d - 1]}`)
  return { values, rest: { count: 0, mean: 0 } }
}

/**
 * The same variance in all directions, with the same trace: what the control of the Gaussian test predicts with.
 *
 * @example
 * isotropic(spectrumOf([1, 0, 0, 4])).values // Float64Array [2.5, 2.5]
 */
export function isotropic(spectrum: Spectrum): Spectrum {
  const d = spectrum.values.length + spectrum.rest.count
  return { values: new Float64Array(d).fill(sumOver(spectrum, (lambda) => lambda) / d), rest: { count: 0, mean: 0 } }
}

/** Mean and spectrum of data. */
export interface GaussianFit {
  readonly mean: Float64Array
  readonly spectrum: Spectrum
  /** √λ of the dominant direction: about the σ at which a sample ceases to know its class. */
  readonly dominant: number
  /** The mean's share of the second moment: what raw correlations cannot fall below. */
  readonly meanShare: number
}

/** Up to so many dimensions the whole spectrum is computed; of more, so many of the largest, and the trace. */
const listed = 512

/**
 * The Gaussian of data [n, ...shape]. Divisor n.
 *
 * @example
 * const { dominant } = await fitGaussian({ data: Float32Array.of(-2, 2), shape: [2, 1], dtype: 'float32' })
 * dominant // 2
 */
export async function fitGaussian(x: NDArray): Promise<GaussianFit> {
  const n = x.shape[0]
  const d = x.data.length / n
  if (n < 2) throw new InputError(`a Gaussian cannot be fitted to ${n} examples`, { fix: 'give at least 2' })
  const mean = meanOf(x.data, d)
  const centred = Float64Array.from(x.data, (value, i) => value - mean[i % d])
  const trace = centred.reduce((sum, value) => sum + value * value, 0) / n
  const spectrum = d <= listed ? await whole(centred, n, d) : await largest(centred, n, d, trace)
  const meanSquared = mean.reduce((sum, value) => sum + value * value, 0)
  return { mean, spectrum, dominant: Math.sqrt(spectrum.values[0]), meanShare: meanSquared / (meanSquared + trace) }
}

const product = jit((a: Tensor, b: Tensor) => matmul(a, b))
const gram = jit((a: Tensor, b: Tensor) => matmul(swapLast(a), b))

async function whole(centred: Float64Array, n: number, d: number): Promise<Spectrum> {
  const rows = fromArray(ndarray(centred, [n, d], 'float64'))
  return spectrumOf(Float64Array.from(await gram(rows, rows).data(), (value) => value / n))
}

/** More directions than are listed, so that the listed ones are exact, and rounds of the power method (Halko, Martinsson & Tropp 2011, algorithm 4.4). */
const [oversampled, rounds] = [16, 3]

/** The largest variances by a randomised range finder; all others share what is left of the trace. */
async function largest(centred: Float64Array, n: number, d: number, trace: number): Promise<Spectrum> {
  const count = Math.min(listed, n - 1, d)
  const width = Math.min(count + oversampled, n, d)
  const rows = fromArray(ndarray(centred, [n, d], 'float64'))
  const random = draws(seedKey(0, 0x72737664))
  let basis = orthonormal(
    Float64Array.from({ length: d * width }, () => random.normal()),
    d,
    width,
  )
  for (let round = 0; round < rounds; round++) {
    const onto = product(rows, fromArray(ndarray(basis, [d, width], 'float64')))
    basis = orthonormal(Float64Array.from(await gram(rows, onto).data()), d, width)
  }
  const onto = product(rows, fromArray(ndarray(basis, [d, width], 'float64')))
  const inner = Float64Array.from(await gram(onto, onto).data(), (value) => value / n)
  const values = eigh(inner, width).values.reverse().slice(0, count)
  const left = Math.max(0, trace - values.reduce((sum, value) => sum + value, 0))
  return { values, rest: { count: d - count, mean: d > count ? left / (d - count) : 0 } }
}

const orthonormal = (columns: Float64Array, d: number, width: number): Float64Array => qr(columns, d, width).q
