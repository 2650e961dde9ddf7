import { areaUnderCurve } from '../../../kits/metrics/index.ts'
import type { Outcome } from './attack.ts'

/** How an attack is used: which of its settings, and which way round. */
export interface Choice {
  readonly variant: string
  /** −1 where members score lower. */
  readonly sign: 1 | -1
  /** The area on the shadow model, where the choice was made there. */
  readonly shadowArea?: number
}

/** As the paper has it, members scoring higher. */
export const usualChoice = ({ usual }: Outcome): Choice => ({ variant: usual, sign: 1 })

/**
 * The setting and the orientation that tell the shadow model's members best. Nothing of the target is looked at: a sign that is turned, or a strength
 * that is picked, where the target's labels show is an area that no attacker gets.
 */
export function choiceOn(shadow: Outcome, labels: ArrayLike<number>): Choice {
  const areas = Object.entries(shadow.variants).map(([variant, scores]) => ({ variant, area: areaUnderCurve(scores, labels) }))
  const best = areas.reduce((a, b) => (Math.abs(b.area - 0.5) > Math.abs(a.area - 0.5) ? b : a))
  return { variant: best.variant, sign: best.area < 0.5 ? -1 : 1, shadowArea: Math.max(best.area, 1 - best.area) }
}

export const scoresBy = ({ variants }: Outcome, { variant, sign }: Choice): Float64Array => variants[variant].map((score) => sign * score)
