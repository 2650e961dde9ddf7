import { adam, clipByGlobalNorm, matricesDecay, type Optimizer, type Rate, warmupDecay } from '../../optim/index.ts'

export interface RateOptions {
  readonly steps: number
  /** Steps of the rise; fewer where there are not as many. */
  readonly warmup?: number
  /** What the cosine falls to. Default: a tenth of the peak. */
  readonly minimum?: number
}

/**
 * The learning rate of language models here: a rise to the peak, then half a cosine to a tenth of it.
 *
 * @example
 * import { learningRateAt } from 'quire/optim'
 *
 * await learningRateAt(languageRate(1e-3, { steps: 100 }), scalar(100)).item() // 0.0001
 */
export const languageRate = (peak: number, { steps, warmup = 20, minimum = peak / 10 }: RateOptions): Rate =>
  warmupDecay(peak, { warmup: Math.min(warmup, steps - 1), steps, minimum })

/**
 * AdamW (0.9, 0.95) with decay of matrices, gradients clipped at norm 1.
 *
 * @example
 * languageAdam(1e-3).name // 'adamW'
 */
export const languageAdam = (learningRate: Rate, { weightDecay = 0.1, beta2 = 0.95 } = {}): Optimizer =>
  clipByGlobalNorm(adam({ learningRate, beta2, weightDecay, decays: matricesDecay }), 1)

/**
 * The optimizer of language models here: `languageAdam` at `languageRate`.
 *
 * @example
 * languageOptimizer({ learningRate: 3e-3, steps: 400 }).name // 'adamW'
 */
export const languageOptimizer = ({
  learningRate,
  weightDecay,
  ...rate
}: RateOptions & { readonly learningRate: number; readonly weightDecay?: number }): Optimizer =>
  languageAdam(languageRate(learningRate, rate), { weightDecay })
