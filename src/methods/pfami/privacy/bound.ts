import { clopperPearson } from '../../../kits/metrics/index.ts'
import type { AttackRow } from '../table.ts'

export interface Budget {
  readonly epsilon: number
  readonly delta: number
}

/** Thresholds at which the bound is looked at, from the most to the least strict. */
const thresholds = 20

/**
 * How far any of the attacks is beyond what (ε, δ)-differential privacy allows, TPR ≤ e^ε FPR + δ (Kairouz et al. 2015): the largest excess over thresholds
 * and attacks, with simultaneous 95 % intervals on both sides of the inequality. Above 0, training is not as private as was said: a mistake.
 */
export function boundExcess(rows: readonly AttackRow[], labels: ArrayLike<number>, { epsilon, delta }: Budget): number {
  const level = 1 - 0.05 / (2 * thresholds * Math.max(1, rows.length))
  return Math.max(...rows.map(({ scores }) => excess(scores, labels, { epsilon, delta }, level)))
}

function excess(scores: Float64Array, labels: ArrayLike<number>, { epsilon, delta }: Budget, level: number): number {
  const others = scores.filter((_, n) => labels[n] !== 1).sort()
  const members = scores.filter((_, n) => labels[n] === 1)
  const beyond = (side: Float64Array, threshold: number) => side.reduce((count, score) => count + Number(score > threshold), 0)
  return Math.max(
    ...Array.from({ length: thresholds }, (_, k) => {
      const threshold = others[Math.floor(((thresholds - k - 0.5) / thresholds) * others.length)]
      const [found] = clopperPearson(beyond(members, threshold), members.length, level)
      const [, alarms] = clopperPearson(beyond(others, threshold), others.length, level)
      return found - (Math.exp(epsilon) * alarms + delta)
    }),
  )
}
