import {
  add,
  div,
  exp,
  less,
  log,
  log1p,
  logSumExp,
  matmul,
  min,
  neg,
  norm,
  reshape,
  scalar,
  sub,
  type Tensor,
  where,
} from '../../engine/index.ts'

/* A linear classifier without bias on signed examples z_i = y_i x_i: it separates where all ⟨w, z_i⟩ are positive. */

/** ⟨w, z_i⟩ of all examples: z [n, d], w [d] → [n]. */
export const scores = (z: Tensor, w: Tensor): Tensor => reshape(matmul(z, reshape(w, [w.shape[0], 1])), [z.shape[0]])

/** The logarithm of the mean of e^(logs): logs [n] → scalar. */
export const logMeanExp = (logs: Tensor): Tensor => sub(logSumExp(logs), log(scalar(logs.shape[0], logs.dtype)))

/**
 * log L of L(w) = (1/n) Σ exp(−⟨w, z_i⟩), without ever taking exp of a large number. Its gradient is the normalized gradient ∇L/L.
 *
 * @example
 * await logExponentialLoss(tensor([[1], [1]]), tensor([2])).item() // -2
 */
export const logExponentialLoss = (z: Tensor, w: Tensor): Tensor => logMeanExp(neg(scores(z, w)))

/** Below this, log(1 + eᵃ) is eᵃ to the last digit. */
const tail = -40

/** log log(1 + eᵃ), exact to rounding where eᵃ vanishes beside 1 and where it overflows. */
export function logSoftplus(a: Tensor): Tensor {
  const zero = scalar(0, a.dtype)
  const [isTail, isNegative] = [less(a, tail), less(a, 0)]
  const low = log1p(exp(where(isTail, zero, where(isNegative, a, zero))))
  const high = where(isNegative, zero, a)
  return where(isTail, a, log(where(isNegative, low, add(high, log1p(exp(neg(high)))))))
}

/**
 * log L of the logistic loss L(w) = (1/n) Σ log(1 + exp(−⟨w, z_i⟩)), by logarithms alone like the exponential one, whose tail it has.
 *
 * @example
 * await logLogisticLoss(tensor([[1], [1]]), tensor([0])).item() // -0.366513
 */
export const logLogisticLoss = (z: Tensor, w: Tensor): Tensor => logMeanExp(logSoftplus(neg(scores(z, w))))

export const lossNames = ['exponential', 'logistic'] as const
export type LossName = (typeof lossNames)[number]

/** log L of signed examples z [n, d] and weights w [d]. */
export const logLosses: Readonly<Record<LossName, (z: Tensor, w: Tensor) => Tensor>> = {
  exponential: logExponentialLoss,
  logistic: logLogisticLoss,
}

/**
 * γ(w) = min_i ⟨w, z_i⟩/‖w‖, the distance of the closest example to the separating plane.
 *
 * @example
 * await normalizedMargin(tensor([[3], [1]]), tensor([2])).item() // 1
 */
export const normalizedMargin = (z: Tensor, w: Tensor): Tensor => div(min(scores(z, w)), norm(w))
