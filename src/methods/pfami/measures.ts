import {
  areaWithInterval,
  atFalsePositiveRate,
  bestBalancedAccuracy,
  clopperPearson,
  equalErrorRecall,
  type Measured,
  rocCurve,
} from '../../kits/metrics/index.ts'

/** What an attack finds, as membership inference is reported (Carlini et al. 2022). */
export interface AttackMeasures {
  readonly auc: Measured
  /** ASR: the best balanced accuracy over thresholds (of SecMI's code). */
  readonly asr: number
  /** ASR as the paper's code has it: the true positive rate where it is nearest to the true negative rate. */
  readonly asrEqual: number
  /** True positive rates at the largest threshold whose false positive rate is at most this. */
  readonly tpr: Readonly<Record<string, TruePositives>>
}

export interface TruePositives {
  /** Absent where there are too few non-members to tell such a rate. */
  readonly rate?: number
  readonly interval?: readonly [low: number, high: number]
  readonly threshold?: number
  readonly refused?: string
}

/** False positive rates that are reported, and the non-members that it takes to speak of each. */
const leastNonMembers = { 0.01: 100, 0.001: 10_000 } as const

const falsePositiveRates = [0.01, 0.001] as const

/**
 * @param labels 1 for members
 *
 * @example
 * attackMeasures([3, 2, 1, 0], [1, 1, 0, 0]).auc.value // 1
 */
export function attackMeasures(scores: ArrayLike<number>, labels: ArrayLike<number>): AttackMeasures {
  const curve = rocCurve(scores, labels)
  const members = Array.from(labels).filter((label) => label === 1).length
  const others = labels.length - members
  const tpr = Object.fromEntries(
    falsePositiveRates.map((rate): [string, TruePositives] => {
      if (others < leastNonMembers[rate])
        return [String(rate), { refused: `needs ${leastNonMembers[rate]} non-members, there are ${others}` }]
      const { truePositiveRate, threshold } = atFalsePositiveRate(curve, rate)
      return [
        String(rate),
        { rate: truePositiveRate, interval: clopperPearson(Math.round(truePositiveRate * members), members), threshold },
      ]
    }),
  )
  return { auc: areaWithInterval(scores, labels), asr: bestBalancedAccuracy(curve), asrEqual: equalErrorRecall(curve), tpr }
}

/** The least area above ½ that would be seen with 80 % power at the 5 % level. */
export const detectableArea = (members: number, others: number): number =>
  0.5 + (1.959964 + 0.841621) * Math.sqrt((members + others + 1) / (12 * members * others))
