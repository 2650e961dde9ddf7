import { draws, seedKey } from '../../../data/draws.ts'
import {
  add,
  div,
  expandDims,
  InputError,
  log,
  matmul,
  mul,
  type NDArray,
  ndarray,
  neg,
  reshape,
  sizeOf,
  softmax,
  square,
  sub,
  sum,
  swapLast,
  type Tensor,
  tensor,
} from '../../../engine/index.ts'
import { foldKey } from '../../../engine/threefry.ts'
import type { Denoiser, Estimator } from '../denoiser.ts'
import type { NoiseProcess } from '../process.ts'
import { type Axes, axesOf, type Component, logDensity } from './components.ts'

/** A denoiser in closed form, of data whose density is known. */
export interface ExactDenoiser extends Denoiser {
  /** log p_time of one x, noisy data of the shape of an example, in nats; in float64. */
  logDensity(x: ArrayLike<number>, time: number): number
  /** `count` clean examples, float32 [count, ...shape]; example i is a function of the seed and i. */
  draw(count: number, seed: number): NDArray
}

export interface ExactOptions {
  readonly process: NoiseProcess
  /** Of one example. Default: [d]. */
  readonly shape?: readonly number[]
  readonly range?: readonly [number, number]
}

/**
 * The denoiser E[x₀ | x] of data N(mean, covariance): mean + signal·Σ(signal²Σ + noise²)⁻¹(x − signal·mean).
 *
 * @example
 * const process = processOf({ kind: 'vp', betas: [0.1, 20] })
 * const denoiser = gaussian({ process, mean: [1, 0], covariance: [2, 0.5, 0.5, 1] })
 */
export const gaussian = ({ mean, covariance, ...options }: ExactOptions & Omit<Component, 'weight'>): ExactDenoiser =>
  gaussianMixture({ ...options, components: [{ mean, covariance }] })

/**
 * The denoiser of a mixture of normal distributions: that of each component, in proportion to its responsibility for x.
 *
 * @throws InputError for components that do not fit together.
 * @example
 * const process = processOf({ kind: 'vp', betas: [0.1, 20] })
 * const components = [{ mean: [-2, 0], covariance: 0.1 }, { mean: [2, 0], covariance: [0.1, 0.4], weight: 2 }]
 * gaussianMixture({ process, components }).draw(100, 0).shape // [100, 2]
 */
export function gaussianMixture({
  process,
  components,
  ...options
}: ExactOptions & { readonly components: readonly Component[] }): ExactDenoiser {
  const axes = axesOf(components)
  const d = axes[0].mean.length
  const { shape = [d], range } = options
  if (sizeOf(shape) !== d) throw new InputError(`examples of shape [${shape.join(', ')}] do not have the ${d} elements of a mean`)
  const served = { params: paramsOf(axes), estimate: estimate as Estimator }
  return {
    process,
    shape,
    ...(range && { range }),
    at: () => served,
    logDensity: (x, time) => logDensity(axes, x, process.at(time)),
    draw: (count, seed) => ndarray(drawn(axes, count, seed), [count, ...shape], 'float32'),
  }
}

/** Of k components in d dimensions. */
interface MixtureParams {
  /** [k] */
  readonly logWeights: Tensor
  /** [k, 1, d] */
  readonly means: Tensor
  readonly variances: Tensor
  /** Axes as columns [k, d, d]; absent where all are those of the space. */
  readonly basis?: Tensor
}

function paramsOf(axes: readonly Axes[]): MixtureParams {
  const d = axes[0].mean.length
  const float = (rows: readonly ArrayLike<number>[], shape: readonly number[]): Tensor =>
    tensor(Float32Array.from(rows.flatMap((row) => Array.from(row))), { shape })
  const identity = Float64Array.from({ length: d * d }, (_, i) => Number(i % (d + 1) === 0))
  const turned = axes.some(({ basis }) => basis)
  return {
    logWeights: float([axes.map(({ logWeight }) => logWeight)], [axes.length]),
    means: float(
      axes.map(({ mean }) => mean),
      [axes.length, 1, d],
    ),
    variances: float(
      axes.map(({ variances }) => variances),
      [axes.length, 1, d],
    ),
    ...(turned && {
      basis: float(
        axes.map(({ basis }) => basis ?? identity),
        [axes.length, d, d],
      ),
    }),
  }
}

const estimate: Estimator<MixtureParams> = ({ logWeights, means, variances, basis }, x, level) => {
  const [signal, noise] = [level.signal, level.noise].map((y) => reshape(y, [-1, 1]))
  const flat = reshape(x, [x.shape[0], -1])
  const onto = (y: Tensor): Tensor => (basis ? matmul(y, basis) : y)
  const back = (y: Tensor): Tensor => (basis ? matmul(y, swapLast(basis)) : y)
  const z = onto(sub(expandDims(flat, 0), mul(signal, means)))
  const variance = add(mul(square(signal), variances), square(noise))
  const logProbability = mul(sum(add(div(square(z), variance), log(variance)), { axes: [-1] }), -0.5)
  const responsibility = softmax(add(logProbability, expandDims(logWeights, -1)), { axis: 0 })
  const mixed = (each: Tensor): Tensor => reshape(sum(mul(expandDims(responsibility, -1), each), { axes: [0] }), x.shape)
  const eps = mixed(back(mul(noise, div(z, variance))))
  return {
    x0: mixed(add(means, back(mul(mul(signal, variances), div(z, variance))))),
    eps,
    score: neg(div(eps, reshape(level.noise, [-1, ...x.shape.slice(1).map(() => 1)]))),
  }
}

const drawUse = 0x6d697874

function drawn(axes: readonly Axes[], count: number, seed: number): Float32Array {
  const d = axes[0].mean.length
  const out = new Float32Array(count * d)
  const key = seedKey(seed, drawUse)
  for (let i = 0; i < count; i++) {
    const from = draws(foldKey(key, i))
    let u = from.uniform()
    const { mean, variances, basis } = axes.find(({ logWeight }) => (u -= Math.exp(logWeight)) < 0) ?? axes.at(-1)!
    const z = variances.map((variance) => Math.sqrt(variance) * from.normal())
    for (let j = 0; j < d; j++) out[i * d + j] = mean[j] + (basis ? z.reduce((sum, value, k) => sum + basis[j * d + k] * value, 0) : z[j])
  }
  return out
}
