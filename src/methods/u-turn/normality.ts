/** The share of coordinates that are not Gaussian, at one level. */
export interface LevelNormality {
  readonly sigma: number
  readonly ks: number
}

export interface Normality {
  /** The largest share at σ ≥ 1, and the smallest at σ ≤ 0.55. */
  readonly high: number
  readonly low: number
  /** By how much both bars are kept, 8 % above and 30 % below: the lesser of the two. */
  readonly margin: number
}

/**
 * The shape of the paper's curve: Gaussian at σ ≥ 1, and not at σ ≤ 0.55. NaN where one side has no level.
 *
 * @example
 * normalityOf([{ sigma: 2, ks: 0.03 }, { sigma: 0.5, ks: 0.4 }]).margin.toFixed(2) // '0.05'
 */
export function normalityOf(levels: readonly LevelNormality[]): Normality {
  const shares = (holds: (sigma: number) => boolean) => levels.flatMap(({ sigma, ks }) => (holds(sigma) ? [ks] : []))
  const [above, below] = [shares((sigma) => sigma >= 1), shares((sigma) => sigma <= 0.55)]
  const [high, low] = [above.length > 0 ? Math.max(...above) : Number.NaN, below.length > 0 ? Math.min(...below) : Number.NaN]
  return { high, low, margin: Math.min(0.08 - high, low - 0.3) }
}
