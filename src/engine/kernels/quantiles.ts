import { lgamma } from './gamma.ts'
import { betainc, gammaincc } from './incomplete.ts'

/*
 * Quantiles of distributions of counts: the least k whose distribution function exceeds u, found by walking from near the mean.
 */

/** Walks from `start`, where the distribution function is `below` and the probability `p`; `ratio(k)` is that of k + 1 to that of k. */
function walk(u: number, start: number, last: number, below: number, p: number, ratio: (k: number) => number): number {
  let [k, sum, probability] = [start, below, p]
  if (u < sum) {
    while (k > 0 && u < sum - probability) {
      sum -= probability
      k--
      probability /= ratio(k)
    }
    return k
  }
  while (k < last && u >= sum && probability > 0) {
    probability *= ratio(k)
    k++
    sum += probability
  }
  return k
}

export function poissonQuantile(rate: number, u: number): number {
  if (!(rate >= 0 && u >= 0 && u < 1)) return Number.NaN
  if (rate === 0) return 0
  const start = Math.floor(rate)
  const probability = Math.exp(start * Math.log(rate) - rate - lgamma(start + 1))
  return walk(u, start, Number.POSITIVE_INFINITY, gammaincc(start + 1, rate), probability, (k) => rate / (k + 1))
}

export function binomialQuantile(n: number, p: number, u: number): number {
  if (!(n >= 0 && p >= 0 && p <= 1 && u >= 0 && u < 1)) return Number.NaN
  if (p === 0 || p === 1 || n === 0) return n * p
  const start = Math.min(n - 1, Math.floor(n * p))
  const choose = lgamma(n + 1) - lgamma(start + 1) - lgamma(n - start + 1)
  const probability = Math.exp(choose + start * Math.log(p) + (n - start) * Math.log1p(-p))
  return walk(u, start, n, betainc(n - start, start + 1, 1 - p), probability, (k) => ((n - k) / (k + 1)) * (p / (1 - p)))
}
