/*
 * Rényi differential privacy of the subsampled Gaussian mechanism (Mironov, Talwar & Zhang 2019), at whole orders, where its moment is a finite sum.
 */

export interface Training {
  /** Standard deviation of the noise in units of the clipping norm. */
  readonly noise: number
  /** Probability with which each record is in a batch. */
  readonly rate: number
  readonly steps: number
}

const orders = Array.from({ length: 63 }, (_, k) => k + 2)

/** ln Σ exp. */
const logSum = (terms: readonly number[]): number => {
  const most = Math.max(...terms)
  return most + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - most), 0))
}

/** RDP of order α of one step: ln E[(1 − q + q exp((2z − 1) / 2σ²))^α] / (α − 1), z ~ N(0, σ²), by the binomial theorem. */
export function rdp({ noise, rate }: Omit<Training, 'steps'>, order: number): number {
  if (noise === 0) return Number.POSITIVE_INFINITY
  if (rate === 1) return order / (2 * noise ** 2)
  let choose = 0
  const terms = Array.from({ length: order + 1 }, (_, k) => {
    if (k > 0) choose += Math.log((order - k + 1) / k)
    return choose + (order - k) * Math.log1p(-rate) + k * Math.log(rate) + (k * (k - 1)) / (2 * noise ** 2)
  })
  return logSum(terms) / (order - 1)
}

/**
 * The least ε for which training is (ε, δ)-differentially private by this account, over orders 2 to 64.
 *
 * @example
 * epsilonOf({ noise: 1, rate: 0.01, steps: 0 }, 1e-5) // 0
 */
export function epsilonOf(training: Training, delta: number): number {
  if (training.steps === 0) return 0
  return Math.min(...orders.map((order) => epsilonFrom(training.steps * rdp(training, order), order, delta)))
}

/** RDP → (ε, δ) (Canonne, Kamath & Steinke 2020, proposition 12). */
const epsilonFrom = (rho: number, order: number, delta: number): number =>
  Math.max(0, rho + Math.log1p(-1 / order) - (Math.log(delta) + Math.log(order)) / (order - 1))
