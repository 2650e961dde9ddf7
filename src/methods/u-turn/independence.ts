/** What is known of the U-turns of one σ. */
export interface IndependenceEvidence {
  /** Centred. */
  readonly correlation: number
  /** Share of samples whose nearest real example is the one that they started from. */
  readonly self: number
  /** Share of samples of the class that they started from; NaN without labels. */
  readonly sameClass: number
}

/**
 * What counts as independent: a centred correlation of at most 0.05, classes that agree at most 0.03 more often than by chance, and no sample nearest to its
 * own start, to two decimals (by chance one in as many as there are real examples is).
 *
 * @example
 * independenceBars.correlation // 0.05
 */
export const independenceBars = { correlation: 0.05, sameClass: 0.03, self: 0.005 } as const

/**
 * The largest of the three, each as a multiple of its bar: at most 1 where samples are independent. Classes count where they are known.
 *
 * @example
 * dependence({ correlation: 0.025, self: 0, sameClass: 0.1 }, 0.1) // 0.5
 */
export function dependence({ correlation, self, sameClass }: IndependenceEvidence, chance: number): number {
  const ofClass = Number.isNaN(sameClass) ? 0 : (sameClass - chance) / independenceBars.sameClass
  return Math.max(correlation / independenceBars.correlation, self / independenceBars.self, ofClass)
}
