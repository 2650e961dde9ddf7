import {
  div,
  equal,
  expandDims,
  logSumExp,
  matmul,
  max,
  min,
  mul,
  neg,
  oneHot,
  power,
  random,
  relu,
  scalar,
  sub,
  swapLast,
  type Tensor,
  takeAlong,
  where,
} from '../../engine/index.ts'
import type { Model } from '../../nn/index.ts'
import { logMeanExp, logSoftplus } from './margin.ts'
import { wholeNorm } from './prgd.ts'

/** Weights [out, in] of each layer, float64. */
export interface HomogeneousParams {
  readonly layers: readonly Tensor[]
}

/**
 * Linear layers with ReLU between them and no biases: with L layers the logits are homogeneous of degree L, so that scaling the parameters by c scales
 * them by cᴸ and leaves the classes alone. Only such networks have a margin that does not depend on the norm.
 */
export function homogeneousMlp(sizes: readonly number[]): Model<HomogeneousParams> {
  const last = sizes.length - 2
  return {
    init: (key) => ({
      layers: random.split(key, sizes.length - 1).map((own, i) => {
        const variance = (i === last ? 1 : 2) / sizes[i]
        return mul(random.normal(own, [sizes[i + 1], sizes[i]], { dtype: 'float64' }), Math.sqrt(variance))
      }),
    }),
    apply: ({ layers }, x) =>
      layers.reduce((value, weight, i) => {
        const y = matmul(value, swapLast(weight))
        return i === last ? y : relu(y)
      }, x),
  }
}

/** z_j − z_y of the other classes, −∞ in the place of the label's own: logits [n, k], int32 labels [n] → [n, k]. */
function leads(logits: Tensor, labels: Tensor): Tensor {
  const own = takeAlong(logits, expandDims(labels, -1))
  const isOwn = equal(oneHot(labels, logits.shape.at(-1)!), 1)
  return where(isOwn, scalar(Number.NEGATIVE_INFINITY, logits.dtype), sub(logits, own))
}

/**
 * log L of the mean cross entropy L, whose gradient is the normalized gradient ∇L/L. L itself would vanish in rounding once margins exceed some 700:
 * with a = log Σ_{j ≠ y} e^(z_j − z_y) each example's loss is log(1 + eᵃ).
 */
export function logCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return logMeanExp(logSoftplus(logSumExp(leads(logits, labels), { axes: -1 })))
}

/** min over examples of z_y − max_{j ≠ y} z_j, divided by ‖w‖ᴸ for L layers: the normalized margin of a homogeneous network. */
export function homogeneousMargin(params: HomogeneousParams, logits: Tensor, labels: Tensor): Tensor {
  const least = min(neg(max(leads(logits, labels), { axes: -1 })))
  return div(least, power(wholeNorm(params), scalar(params.layers.length, 'float64')))
}
