import { scalar } from '../../engine/index.ts'
import { languageRate } from '../../kits/lm/optimizer.ts'
import { inPhases, type Rate } from '../../optim/index.ts'

export interface ScheduleOptions {
  /** Steps of each stage. */
  readonly stages: readonly number[]
  /** Reached after the warm-up; 0 trains nothing. */
  readonly peak: number
  /** What the cosine falls to. Default: a tenth of the peak. */
  readonly minimum?: number
  readonly warmup?: number
  /** Where the cosine of the one schedule ends; default: with the last step. The paper's ends after its training. */
  readonly totalSteps?: number
  /** `one` runs through all stages; `rewarm` warms up and falls again in each. */
  readonly kind?: 'one' | 'rewarm'
}

/**
 * The learning rate of continual training.
 *
 * @example
 * import { learningRateAt } from 'quire/optim'
 *
 * const rate = continualRate({ stages: [80, 20], peak: 1e-3, warmup: 10 })
 * await learningRateAt(rate, scalar(100)).item() // 0.0001
 */
export function continualRate({ stages, peak, totalSteps, kind = 'one', ...rise }: ScheduleOptions): Rate {
  if (peak === 0) return () => scalar(0)
  const over = (steps: number) => languageRate(peak, { steps, ...rise })
  if (kind === 'one') return over(totalSteps ?? stages.reduce((sum, steps) => sum + steps, 0))
  const [first, ...rest] = stages.map((steps) => ({ steps, rate: over(steps) }))
  return inPhases([first, ...rest])
}
