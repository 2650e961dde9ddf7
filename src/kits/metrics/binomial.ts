import { betainc } from '../../engine/kernels/incomplete.ts'

/**
 * The interval of Clopper and Pearson (1934) for a probability of which `successes` of `trials` were seen: it covers at least `level`, whatever the
 * probability is.
 *
 * @example
 * clopperPearson(0, 10)[1] // 0.3085
 */
export function clopperPearson(successes: number, trials: number, level = 0.95): readonly [low: number, high: number] {
  const tail = (1 - level) / 2
  return [
    successes === 0 ? 0 : betaQuantile(successes, trials - successes + 1, tail),
    successes === trials ? 1 : betaQuantile(successes + 1, trials - successes, 1 - tail),
  ]
}

/** x with I_x(a, b) = p, by halving. */
function betaQuantile(a: number, b: number, p: number): number {
  let [low, high] = [0, 1]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (betainc(a, b, middle) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}
