import { div, log, logSumExp, matmul, min, neg, norm, reshape, scalar, sub, type Tensor } from '../../engine/index.ts'

/* A linear classifier without bias on signed examples z_i = y_i x_i: it separates where all ⟨w, z_i⟩ are positive. */

/** ⟨w, z_i⟩ of all examples: z [n, d], w [d] → [n]. */
export const scores = (z: Tensor, w: Tensor): Tensor => reshape(matmul(z, reshape(w, [w.shape[0], 1])), [z.shape[0]])

/** log L of L(w) = (1/n) Σ exp(−⟨w, z_i⟩), without ever taking exp of a large number. Its gradient is the normalized gradient ∇L/L. */
export const logExponentialLoss = (z: Tensor, w: Tensor): Tensor => sub(logSumExp(neg(scores(z, w))), log(scalar(z.shape[0], z.dtype)))

/** γ(w) = min_i ⟨w, z_i⟩/‖w‖, the distance of the closest example to the separating plane. */
export const normalizedMargin = (z: Tensor, w: Tensor): Tensor => div(min(scores(z, w)), norm(w))
