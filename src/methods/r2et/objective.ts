import {
  abs,
  add,
  cast,
  div,
  grad,
  leavesWithPaths,
  mean,
  mul,
  scalar,
  softplus,
  square,
  squeeze,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from '../../engine/index.ts'
import { crossEntropy } from '../../nn/index.ts'
import { type Curvature, curvatures } from './curvature.ts'
import type { Network } from './network.ts'
import { type GapOptions, gap, meanGap, type Pairs, randomMask, topMask } from './ranking.ts'
import { type Classify, type SaliencyOptions, saliency } from './saliency.ts'
import { unitRows } from './vectors.ts'

/** What training minimises beside the loss of classification; zero weights leave a term out. */
export interface ObjectiveOptions {
  /** Size of the set that is to be stable. */
  readonly k: number
  /** λ₁: weight of the gap between the set and the rest. Negative narrows it (a control). */
  readonly lambda1?: number
  /** λ₂: weight of the Hessian's norm. */
  readonly lambda2?: number
  /** All pairs (R2ET), so many of the hardest (R2ET-mm), or the list of the paper's code. */
  readonly pairs?: Pairs
  /** How a pair counts: by its gap, or by −exp(−gap) (the code's "etx"). */
  readonly form?: GapOptions['form']
  /** `l1`: gaps are those of the map divided by its sum, so that larger gradients alone gain nothing. Default `none`. */
  readonly normalize?: 'none' | 'l1'
  /** Which norm: along the gradient's signs (Est-H), its difference of gradients, Frobenius (Exact-H), largest eigenvalue (SSR). */
  readonly curvature?: Curvature
  /** Weighs each term by |(loss + 1)/term| besides, as the paper's code does, so that it counts about λ times the loss. */
  readonly adaptive?: boolean
  /** L2 penalty, added to the loss as weightDecay/2 · Σw². */
  readonly weightDecay?: number
  /** Trains on inputs that one step of this length against the ranking has moved (AT). */
  readonly adversarial?: number
  /** The map that is stabilised; default the gradient of the logit margin. */
  readonly saliency?: SaliencyOptions
  /** The set is k features at random, fresh at each step (a control); then the batch needs a `key`. */
  readonly randomSet?: boolean
}

export interface ObjectiveBatch {
  /** [n, features]. */
  readonly x: Tensor
  /** int32 [n]. */
  readonly y: Tensor
  readonly key?: Tensor
}

/** The mean of −log p(label): of one logit the logistic loss, of several softmax. */
export function classificationLoss(logits: Tensor, labels: Tensor): Tensor {
  if (logits.shape[1] !== 1) return crossEntropy(logits, labels)
  const logit = squeeze(logits, [1])
  return mean(sub(softplus(logit), mul(logit, cast(labels, logit.dtype))))
}

/**
 * The objective of R2ET: L − λ₁ · mean gap + λ₂ · mean ‖H‖, as a function of parameters and batch. The set is that of the current model, held constant in
 * the derivative.
 *
 * @example
 * import type { NDArray } from 'quire'
 * import { adam } from 'quire/optim'
 * import { trainStep } from 'quire/train'
 *
 * type Batch = { readonly x: NDArray; readonly y: NDArray; readonly key: Tensor }
 * const network = smoothNetwork({ features: 14, classes: 2 })
 * const objective = r2etObjective(network, { k: 8, lambda1: 0.1, lambda2: 0.1, pairs: 4 })
 * const step = trainStep<ReturnType<typeof network.init>, Batch>(objective, adam({ learningRate: 3e-3 }))
 */
export function r2etObjective<P>(network: Network<P>, options: ObjectiveOptions): (params: P, batch: ObjectiveBatch) => Tensor {
  const { lambda1 = 0, lambda2 = 0, curvature = 'sign', adaptive = false, weightDecay = 0, adversarial = 0 } = options
  return (params, batch) => {
    const classify: Classify = (x) => network.apply(params, x)
    const x = adversarial > 0 ? rankingStep(classify, batch.x, adversarial, options) : batch.x
    const loss = classificationLoss(classify(x), batch.y)
    const weighed = (term: Tensor, weight: number) => {
      if (!adaptive) return mul(term, weight)
      return mul(term, mul(stopGradient(abs(div(add(loss, 1), add(abs(term), 1e-12)))), weight))
    }
    let total = loss
    if (lambda1 !== 0) total = sub(total, weighed(mean(gapOf(classify, batch, options)), lambda1))
    if (lambda2 !== 0) total = add(total, weighed(mean(curvatures[curvature](classify, batch.x)), lambda2))
    return weightDecay > 0 ? add(total, mul(squaredNorm(params), weightDecay / 2)) : total
  }
}

function gapOf(classify: Classify, { x, key }: ObjectiveBatch, options: ObjectiveOptions): Tensor {
  const { k, pairs, form, normalize, randomSet } = options
  const map = saliency(classify, x, options.saliency)
  const mask = randomSet ? randomMask(key!, map.shape, k) : topMask(map, k)
  return gap(normalize === 'l1' ? div(map, add(sum(map, { axes: 1, keepDims: true }), 1e-12)) : map, mask, k, { pairs, form })
}

/** The inputs after one step of a length down the gap of their own set. */
function rankingStep(classify: Classify, x: Tensor, length: number, { k, saliency: about }: ObjectiveOptions): Tensor {
  const mask = topMask(saliency(classify, x, about), k)
  const slope = grad((x: Tensor) => sum(meanGap(saliency(classify, x, about), mask, k)))(x)
  return stopGradient(sub(x, mul(unitRows(slope), length)))
}

const squaredNorm = (params: unknown): Tensor =>
  leavesWithPaths(params).reduce((total, [, w]) => add(total, sum(square(w as Tensor))), scalar(0))
