import { InputError } from '../../../engine/index.ts'
import { eigh } from '../../../engine/kernels/spectra.ts'

/** A normal distribution in a mixture. */
export interface Component {
  /** Relative to the others. Default: 1. */
  readonly weight?: number
  /** [d] */
  readonly mean: ArrayLike<number>
  /** One variance for all axes, one for each [d], or a matrix [d · d], row-major. */
  readonly covariance: number | ArrayLike<number>
}

/** A component by the principal axes of its covariance, in float64. */
export interface Axes {
  readonly logWeight: number
  readonly mean: Float64Array
  /** Variances along the axes [d]. */
  readonly variances: Float64Array
  /** The axes as columns [d · d]; absent where they are those of the space. */
  readonly basis?: Float64Array
}

/** @throws InputError for shapes that do not fit, weights that are not positive, covariances with a negative variance. */
export function axesOf(components: readonly Component[]): Axes[] {
  if (components.length === 0) throw new InputError('a mixture has at least one component')
  const d = components[0].mean.length
  const total = components.reduce((sum, { weight = 1 }) => sum + weight, 0)
  return components.map(({ weight = 1, mean, covariance }, k) => {
    const where = `component ${k}`
    if (!(weight > 0)) throw new InputError(`a weight of ${weight} is not positive`, { where })
    if (mean.length !== d) throw new InputError(`a mean of ${mean.length} elements, where the first has ${d}`, { where })
    return { logWeight: Math.log(weight / total), mean: Float64Array.from(mean), ...spread(covariance, d, where) }
  })
}

function spread(covariance: Component['covariance'], d: number, where: string): Pick<Axes, 'variances' | 'basis'> {
  const given = typeof covariance === 'number' ? new Float64Array(d).fill(covariance) : Float64Array.from(covariance)
  if (given.length !== d && given.length !== d * d)
    throw new InputError(`a covariance of ${given.length} elements for ${d} axes`, { where, fix: `give 1, ${d} or ${d * d}` })
  const { values, vectors } = given.length === d ? { values: given, vectors: undefined } : eigh(given, d)
  const least = Math.min(...values)
  // What rounding makes of a zero is one.
  if (!(least >= -1e-9 * Math.max(...values, 0))) throw new InputError(`a covariance with a variance of ${least}`, { where })
  return { variances: values.map((value) => Math.max(0, value)), ...(vectors && { basis: vectors }) }
}

/** Coordinates of x − signal · mean along the axes. */
function coordinates({ mean, basis }: Axes, x: ArrayLike<number>, signal: number): Float64Array {
  const centred = mean.map((m, i) => x[i] - signal * m)
  if (!basis) return centred
  const d = mean.length
  return mean.map((_, j) => centred.reduce((sum, value, i) => sum + value * basis[i * d + j], 0))
}

/** log p of one x at a level of noise, in nats, in float64. */
export function logDensity(
  components: readonly Axes[],
  x: ArrayLike<number>,
  { signal, noise }: { readonly signal: number; readonly noise: number },
): number {
  const terms = components.map((component) => {
    const z = coordinates(component, x, signal)
    return component.variances.reduce((sum, lambda, i) => {
      const variance = signal ** 2 * lambda + noise ** 2
      return sum - 0.5 * (z[i] ** 2 / variance + Math.log(2 * Math.PI * variance))
    }, component.logWeight)
  })
  const most = Math.max(...terms)
  return most + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - most), 0))
}
