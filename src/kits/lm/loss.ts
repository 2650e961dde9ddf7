import {
  cast,
  div,
  expandDims,
  greaterEqual,
  logSoftmax,
  maximum,
  mul,
  neg,
  squeeze,
  sum,
  type Tensor,
  takeAlong,
} from '../../engine/index.ts'

/**
 * The label of positions that are not scored, as in PyTorch.
 *
 * @example
 * ignored // -100
 */
export const ignored = -100

/**
 * −log p(label) of each position in nats, 0 where it is ignored: logits [n, t, V], int32 labels [n, t] → [n, t]. Labels are next tokens already.
 *
 * @example
 * await tokenLosses(zeros([1, 2, 260]), tensor([[5, ignored]], { dtype: 'int32' })).array() // [[5.56068, 0]]
 */
export function tokenLosses(logits: Tensor, labels: Tensor): Tensor {
  const counts = cast(greaterEqual(labels, 0), logits.dtype)
  const found = squeeze(takeAlong(logSoftmax(logits), expandDims(maximum(labels, 0), -1)), [-1])
  return mul(neg(found), counts)
}

/**
 * The mean of −log p(label) over the positions that are not ignored, in nats.
 *
 * @example
 * await languageLoss(zeros([1, 2, 260]), tensor([[5, ignored]], { dtype: 'int32' })).item() // 5.56068
 */
export function languageLoss(logits: Tensor, labels: Tensor): Tensor {
  const count = maximum(sum(cast(greaterEqual(labels, 0), logits.dtype)), 1)
  return div(sum(tokenLosses(logits, labels)), count)
}
