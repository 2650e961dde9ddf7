import { InputError, type NDArray } from '../../engine/index.ts'
import { type Denoiser, karrasSigmas, noised, type SamplerConfig, sample } from '../../kits/diffusion/index.ts'
import { onSigma, sigmaGrid, type TurningPoint, turningSigma } from './coordinates.ts'

/**
 * How the way back is integrated. `ode`: Heun on the probability flow; `churn`: the same with noise added before each step (Karras et al. 2022), partly
 * stochastic; `sde`: Euler-Maruyama on the reverse SDE, for which the paper's identities hold, and which needs many steps.
 */
export const returns = ['ode', 'churn', 'sde'] as const
export type Return = (typeof returns)[number]

/**
 * S_churn, S_noise, S_min and S_max of the authors' runs.
 *
 * @example
 * defaultChurn.amount // 40
 */
export const defaultChurn = { amount: 40, noise: 1.003, sigmas: [0.05, 50] } as const satisfies Churn
export type Churn = NonNullable<Extract<SamplerConfig, { kind: 'heun' }>['churn']>

/** What decides a full run and each U-turn on its grid. */
export interface ReturnOptions {
  readonly sampler: Return
  /** Levels of the full run's grid; a U-turn uses those below its σ. */
  readonly steps: number
  /** `turn`: all of the levels lie below the U-turn's σ, whose way back is then as fine as the full run's. Default: `run`. */
  readonly levels?: 'run' | 'turn'
  readonly churn?: Churn
  readonly seed: number
  /** Default: whether the denoiser has a range. */
  readonly clip?: boolean
  /** Classes to steer to, of a model that has them. */
  readonly labels?: ArrayLike<number>
  /** Whether the states on the way back are returned. Default false. */
  readonly keepStates?: boolean
  onStep?(step: number, steps: number): Promise<void> | void
  readonly signal?: AbortSignal
}

export type UTurnOptions = ReturnOptions & TurningPoint

export interface UTurned {
  readonly sigma: number
  /** x₀ + σ ε, float32 [n, ...shape]. */
  readonly xu: NDArray
  /** What came back. */
  readonly y0: NDArray
  /** Evaluations of the network for each sample: 2K − 1 for Heun over K levels, K for Euler-Maruyama. */
  readonly nfe: number
  /** Values of the last estimates that were clipped. */
  readonly clipped: number
  /** Where `keepStates`: noisy data from σ down to 0, what came back. */
  readonly states?: readonly { readonly sigma: number; readonly x: NDArray }[]
}

export const samplerConfig = ({ sampler, churn = defaultChurn }: Pick<ReturnOptions, 'sampler' | 'churn'>): SamplerConfig => {
  if (sampler === 'sde') return { kind: 'em' }
  return sampler === 'ode' ? { kind: 'heun' } : { kind: 'heun', churn }
}

/**
 * A U-turn: real samples x₀ are noised up to σ, and the usual reverse process runs from there, on the full run's grid restricted to levels below. Where
 * the score is exact, y₀ is distributed as the data for any σ; how much it depends on x₀ is what σ decides.
 *
 * @param x0 float32 [n, ...shape], scaled as the model's data.
 * @throws InputError for data of another shape, σ outside of the trained range, or samples that are not finite.
 * @example
 * import { gaussian, processOf } from 'quire/diffusion'
 *
 * const process = processOf({ kind: 'edm', sigmas: [0.02, 40], train: [-1.2, 1.2] })
 * const exact = gaussian({ process, mean: [0, 0], covariance: 1 })
 * const { nfe } = await uTurn(exact, exact.draw(4, 0), { sigma: 2, sampler: 'ode', steps: 18, seed: 0 })
 * nfe // 19
 */
export async function uTurn(denoiser: Denoiser, x0: NDArray, options: UTurnOptions): Promise<UTurned> {
  const own = onSigma(denoiser)
  const sigma = turningSigma(denoiser, options, options.steps)
  requireExamples(own, x0)
  const xu = noised(own, x0, sigma, options.seed)
  return { sigma, xu, ...(await returned(own, xu, sigma, options)) }
}

/** The way back from noisy data at σ, of a denoiser in these coordinates. The grid is the full run's, with σ on it. */
export async function returned(
  denoiser: Denoiser,
  xu: NDArray,
  sigma: number,
  options: ReturnOptions,
): Promise<Omit<UTurned, 'sigma' | 'xu'>> {
  const times = gridThrough(denoiser, sigma, options)
  const { seed, steps, labels, clip, onStep, signal } = options
  const count = xu.shape[0]
  const start = { x: xu, time: sigma }
  const keep = options.keepStates ? [...times.keys()].slice(Math.max(0, times.indexOf(sigma))) : undefined
  const { x, evaluations, clipped, notFinite, kept } = await sample(denoiser, {
    ...{ sampler: samplerConfig(options), count, steps, times, seed, start, labels, clip, keep, onStep, signal },
  })
  if (notFinite > 0)
    throw new InputError(`${notFinite} of ${count} samples that came back from σ ${Number(sigma.toPrecision(4))} are not finite`, {
      fix: 'clip the estimates to the range of the data, take more steps, or check the model',
    })
  const states = keep?.map((index) => ({ sigma: times[index], x: kept.get(index)! }))
  return { y0: x, nfe: evaluations, clipped, ...(states && { states }) }
}

/** The full run's levels, σ among them; or as many from σ on. */
function gridThrough(denoiser: Denoiser, sigma: number, { steps, levels }: ReturnOptions): number[] {
  if (levels === 'turn') return [...karrasSigmas({ count: steps, least: Math.min(sigma, denoiser.process.times[0]), most: sigma }), 0]
  const grid = sigmaGrid(denoiser, steps)
  const isSame = (level: number) => Math.abs(level - sigma) <= 1e-9 * sigma
  return [...grid.filter((level) => level > sigma && !isSame(level)), sigma, ...grid.filter((level) => level < sigma && !isSame(level))]
}

/**
 * D(x; σ): what the denoiser takes the clean data to be, at one level. Of a denoiser whose time is σ.
 *
 * @example
 * import { gaussian, processOf } from 'quire/diffusion'
 *
 * const process = processOf({ kind: 'edm', sigmas: [0.02, 40], train: [-1.2, 1.2] })
 * const exact = gaussian({ process, mean: [0, 0], covariance: 1 })
 * const x = { data: Float32Array.of(2, -4), shape: [1, 2], dtype: 'float32' } as const
 * const { data } = await denoised(exact, x, 1)
 * data // Float32Array [1, -2]
 */
export async function denoised(denoiser: Denoiser, x: NDArray, sigma: number, clip?: boolean): Promise<NDArray> {
  // The last step of any deterministic sampler is the estimate itself.
  const whole = { sampler: { kind: 'ddim' }, times: [sigma, 0], steps: 1, seed: 0 } as const
  return (await sample(denoiser, { ...whole, count: x.shape[0], start: { x, time: sigma }, clip })).x
}

function requireExamples({ shape, range }: Denoiser, { shape: [n, ...given], data }: NDArray): void {
  if (n < 1 || `${given}` !== `${shape}`)
    throw new InputError(`${n} examples of shape [${given.join(', ')}] were given; the model's are [${shape.join(', ')}]`)
  if (!range) return
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of data) {
    if (value < least) least = value
    if (value > most) most = value
    if (Number.isNaN(value)) throw new InputError('the examples hold a value that is not a number')
  }
  const slack = 1e-3 * (range[1] - range[0])
  if (least < range[0] - slack || most > range[1] + slack)
    throw new InputError(`values from ${least} to ${most} are not scaled as the model's data, which lie in [${range.join(', ')}]`, {
      fix: 'scale the examples to that range',
    })
}
