import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { type Return, type ReturnOptions, returns } from './u-turn.ts'

/** Options that say how it returns. */
export const returnOptions = {
  sampler: z
    .enum(returns)
    .optional()
    .describe(
      'the way back: churn (partly stochastic; default), ode (deterministic, keeps more of the start), sde (Euler-Maruyama, needs more steps)',
    ),
  steps: z.number().int().min(2).max(10_000).optional().describe('levels of a full run; a U-turn uses those below its σ; default: 24'),
  churn: z.number().min(0).optional().describe('S_churn of the way back churn; default: 8'),
  clip: z.boolean().default(true).describe('keep estimates of clean data within their range'),
  seed: z.number().int().nonnegative().default(0).describe('decides starts and noise'),
} as const

const schema = z.object(returnOptions)
type Given = z.output<typeof schema>

/** How it returns, as reports keep it. */
export interface WayBack {
  readonly sampler: Return
  readonly steps: number
  /** S_churn, where the sampler is churn. */
  readonly churn?: number
}

/**
 * The way back that options say; what they leave open is as in an analysis, if there is one.
 *
 * @throws InputError for churn of another sampler, and for what is not as in the analysis: its σ is right for its own way back only.
 */
export function wayBack({ sampler, steps, churn }: Given, analysed?: WayBack): WayBack {
  const own = { sampler: sampler ?? analysed?.sampler ?? 'churn', steps: steps ?? analysed?.steps ?? 24 }
  if (own.sampler !== 'churn' && churn !== undefined)
    throw new InputError(`says nothing of the way back '${own.sampler}'`, {
      where: '--churn',
      fix: 'leave it out, or take --sampler churn',
    })
  const way = own.sampler === 'churn' ? { ...own, churn: churn ?? analysed?.churn ?? 8 } : own
  const other = analysed && (['sampler', 'steps', 'churn'] as const).find((name) => (way as WayBack)[name] !== analysed[name])
  if (other)
    throw new InputError(`the analysis was made with --${other} ${analysed[other]}`, {
      where: `--${other} ${(way as WayBack)[other]}`,
      fix: 'leave it out, analyse with it, or give --sigma in the place of --analysis',
    })
  return way
}

/** What `churn` means for samplers. */
const churnOf = (amount: number) => ({ amount, sigmas: [0.05, 50], noise: 1.003 }) as const

/** The way back as samplers are told of it. */
export const samplingOf = ({ sampler, steps, churn }: WayBack, { clip }: Pick<Given, 'clip'>): Omit<ReturnOptions, 'seed'> => ({
  sampler,
  steps,
  ...(churn !== undefined && { churn: churnOf(churn) }),
  ...(clip ? {} : { clip }),
})
