import { InputError } from '../../engine/index.ts'
import { type Denoiser, inCoordinatesOf, karrasSigmas, type ProcessConfig, sigmaOf } from '../../kits/diffusion/index.ts'

/** No image is distinguishable in more noise; chains and SDEs end at σ of hundreds, or of none. */
const mostSigma = 80

/**
 * σ at which a denoiser has been trained, from the least to the most.
 *
 * @example
 * import { gaussian, processOf } from 'quire/diffusion'
 *
 * const process = processOf({ kind: 'edm', sigmas: [0.02, 40], train: [-1.2, 1.2] })
 * const exact = gaussian({ process, mean: [0, 0], covariance: 1 })
 * trainedRange(exact) // [0.02, 40]
 */
export function trainedRange({ process }: Denoiser): readonly [least: number, most: number] {
  const [least, most] = process.times.map((time) => sigmaOf(process, time))
  return [least, Number.isFinite(most) ? most : Number.POSITIVE_INFINITY]
}

/**
 * The denoiser in the coordinates of Karras et al. 2022, x₀ + σ ε with the time σ, in which everything here is said; of any process. Its levels end at 80 where
 * the process goes beyond.
 *
 * @example
 * import { gaussian, processOf } from 'quire/diffusion'
 *
 * const exact = gaussian({ process: processOf({ kind: 'vp', betas: [0.1, 20] }), mean: [0], covariance: [1] })
 * onSigma(exact).process.config.kind // 'edm'
 */
export function onSigma(denoiser: Denoiser): Denoiser {
  if (denoiser.process.config.kind === 'edm') return denoiser
  const [least, most] = trainedRange(denoiser)
  const config: ProcessConfig = { kind: 'edm', sigmas: [least, Math.min(most, mostSigma)], train: [-1.2, 1.2] }
  return inCoordinatesOf(denoiser, config)
}

/** Where a U-turn turns: at σ, at an index of the grid from its most noise on, or at a time of the denoiser's own process. */
export type TurningPoint = { readonly sigma: number } | { readonly index: number } | { readonly time: number }

/**
 * σ of a full run, from the most to 0: `steps` levels and 0.
 *
 * @example
 * import { gaussian, processOf } from 'quire/diffusion'
 *
 * const process = processOf({ kind: 'edm', sigmas: [0.02, 40], train: [-1.2, 1.2] })
 * const exact = gaussian({ process, mean: [0, 0], covariance: 1 })
 * sigmaGrid(exact, 24).length // 25
 */
export function sigmaGrid({ process }: Denoiser, steps: number): number[] {
  const [least, most] = process.times
  return [...karrasSigmas({ count: steps, least, most }), 0]
}

/**
 * σ of a turning point.
 *
 * @throws InputError outside of the trained range, or for an index beyond the grid; each names what there is.
 * @example
 * import { gaussian, processOf } from 'quire/diffusion'
 *
 * const process = processOf({ kind: 'edm', sigmas: [0.02, 40], train: [-1.2, 1.2] })
 * const exact = gaussian({ process, mean: [0, 0], covariance: 1 })
 * turningSigma(exact, { index: 8 }, 24).toFixed(3) // '6.396'
 */
export function turningSigma(denoiser: Denoiser, point: TurningPoint, steps: number): number {
  const grid = sigmaGrid(onSigma(denoiser), steps)
  if ('index' in point) {
    const { index } = point
    if (Number.isInteger(index) && index >= 0 && index < steps) return grid[index]
    throw new InputError(`index ${index} is beyond the grid of ${steps} levels`, { fix: `give a whole number from 0 to ${steps - 1}` })
  }
  const sigma = 'sigma' in point ? point.sigma : sigmaOf(denoiser.process, point.time)
  const [least, most] = [grid[steps - 1], grid[0]]
  const slack = 1e-6
  if (sigma >= least * (1 - slack) && sigma <= most * (1 + slack)) return Math.min(most, Math.max(least, sigma))
  throw new InputError(`σ ${sigma} is outside of the range that the model was trained on`, {
    where: 'sigma',
    fix: `give a number from ${Number(least.toPrecision(4))} to ${Number(most.toPrecision(4))}`,
  })
}
