import {
  abs as absolute,
  add,
  argmax,
  broadcastTo,
  cast,
  div,
  exp,
  expandDims,
  grad,
  greater,
  key as keyOf,
  logSoftmax,
  mean,
  mul,
  neg,
  oneHot,
  random,
  reshape,
  softplus,
  squeeze,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tensor,
  where,
} from '../../engine/index.ts'

/** What a classifier says of a batch: [n, features] → one logit [n, 1], or one a class [n, classes]. Its rows must not depend on each other. */
export type Classify = (x: Tensor) => Tensor

/** The predicted class [n], int32; of one logit, whether it is positive. */
export const predicted = (logits: Tensor): Tensor =>
  logits.shape[1] === 1 ? cast(greater(squeeze(logits, [1]), 0), 'int32') : argmax(logits)

/** How far each row's logits speak for a class [n]: its logit less the mean of the others; ± the logit where there is but one. */
export function margin(logits: Tensor, classes: Tensor): Tensor {
  const [, width] = logits.shape
  if (width === 1) return mul(squeeze(logits, [1]), cast(where(greater(classes, 0), 1, -1), logits.dtype))
  const own = oneHot(classes, width, logits.dtype)
  const others = div(sub(1, own), width - 1)
  return sum(mul(logits, sub(own, others)), { axes: 1 })
}

/** log p(class) of each row [n]: of one logit the logistic, of several softmax. */
export const logProbability = (logits: Tensor, classes: Tensor): Tensor =>
  logits.shape[1] === 1
    ? neg(softplus(neg(margin(logits, classes))))
    : sum(mul(logSoftmax(logits), oneHot(classes, logits.shape[1], logits.dtype)), { axes: 1 })

/** What of the predicted class is explained: the margin of its logit, its probability, or its cross-entropy −log p. */
const quantities = {
  logitMargin: margin,
  prob: (logits: Tensor, classes: Tensor) => exp(logProbability(logits, classes)),
  ce: (logits: Tensor, classes: Tensor) => neg(logProbability(logits, classes)),
} as const
export type Quantity = keyof typeof quantities
export const quantityNames = Object.keys(quantities) as [Quantity, ...Quantity[]]

export interface SaliencyOptions {
  /** Default `grad`, |∂f/∂x|; the other methods are {@link saliencyMethods}. */
  readonly method?: SaliencyMethod
  /** f. Default `logitMargin`: the gradient of a probability vanishes where the model is sure, and its ranking is then rounding. */
  readonly of?: Quantity
  /** Whether the sign is dropped, as every ranking here needs. Default true. */
  readonly abs?: boolean
  /** Of an image given as [n, channels·pixels]: its channels' maps are added to one number a pixel [n, pixels]. Default 1. */
  readonly channels?: number
  /** How many gradients smoothGrad and integratedGradients average. Default 16. */
  readonly samples?: number
  /** Standard deviation of smoothGrad's noise, in units of the features. Default 0.1. */
  readonly noise?: number
  /** Decides that noise. */
  readonly key?: Tensor
  /** Where the path of integratedGradients begins, one number for all features. Default 0. */
  readonly baseline?: number
}

/** The class that an explanation explains; a constant in every derivative. */
const classesAt = (classify: Classify, x: Tensor): Tensor => stopGradient(predicted(classify(x)))

/** The explained quantity of each row [n]. */
export const decision = (classify: Classify, x: Tensor, of: Quantity = 'logitMargin', classes = classesAt(classify, x)): Tensor =>
  quantities[of](classify(x), classes)

/** Its gradient by the input [n, features]. Rows are independent, so one gradient of the sum serves all. */
export const inputGradient = (classify: Classify, x: Tensor, of?: Quantity, classes?: Tensor): Tensor =>
  grad((x: Tensor) => sum(decision(classify, x, of, classes)))(x)

/** The mean gradient over points [samples, n, features], of the classes that are predicted at x itself: all points in one batch. */
function meanGradient(classify: Classify, x: Tensor, points: Tensor, of: Quantity | undefined): Tensor {
  const [samples, rows, features] = points.shape
  const classes = broadcastTo(expandDims(classesAt(classify, x), 0), [samples, rows])
  const all = inputGradient(classify, reshape(points, [samples * rows, features]), of, reshape(classes, [samples * rows]))
  return mean(reshape(all, points.shape), { axes: 0 })
}

type Attribution = (classify: Classify, x: Tensor, options: SaliencyOptions) => Tensor

/**
 * Signed attributions [n, features] of f at x:
 * grad ∂f/∂x · gradInput x ⊙ ∂f/∂x · smoothGrad the mean of ∂f/∂x at x + noise (Smilkov et al. 2017) · integratedGradients (x − b) ⊙ ∫₀¹ ∂f/∂x (b + t(x − b)) dt,
 * by the midpoint rule (Sundararajan et al. 2017).
 */
const attributions = {
  grad: (classify, x, { of }) => inputGradient(classify, x, of),
  gradInput: (classify, x, { of }) => mul(x, inputGradient(classify, x, of)),
  smoothGrad(classify, x, { of, samples = 16, noise = 0.1, key = keyOf(0) }) {
    const draws = cast(random.normal(key, [samples, ...x.shape]), x.dtype)
    return meanGradient(classify, x, add(expandDims(x, 0), mul(draws, noise)), of)
  },
  integratedGradients(classify, x, { of, samples = 16, baseline = 0 }) {
    const reach = sub(x, baseline)
    const places = Float64Array.from({ length: samples }, (_, i) => (i + 0.5) / samples)
    const along = cast(tensor(places, { shape: [samples, 1, 1], dtype: 'float64' }), x.dtype)
    return mul(reach, meanGradient(classify, x, add(mul(expandDims(reach, 0), along), baseline), of))
  },
} as const satisfies Record<string, Attribution>
export type SaliencyMethod = keyof typeof attributions
/**
 * The ways of attribution, by name.
 *
 * @example
 * saliencyMethods[0] // 'grad'
 */
export const saliencyMethods = Object.keys(attributions) as [SaliencyMethod, ...SaliencyMethod[]]

/**
 * Saliency I(x), by default |∂ margin/∂x|: one number a feature [n, features], or a pixel. It can be differentiated again, by x and by parameters.
 *
 * @example
 * const classify = (x: Tensor) => sum(square(x), { axes: 1, keepDims: true })
 * await saliency(classify, tensor([[1, -2]])).array() // [[2, 4]]
 * saliency(classify, tensor([[1, -2]]), { method: 'integratedGradients', of: 'prob' }).shape // [1, 2]
 */
export function saliency(classify: Classify, x: Tensor, options: SaliencyOptions = {}): Tensor {
  const { method = 'grad', abs = true, channels = 1 } = options
  const signed = attributions[method](classify, x, options)
  const map = abs ? absolute(signed) : signed
  if (channels === 1) return map
  const [rows, features] = map.shape
  return sum(reshape(map, [rows, channels, features / channels]), { axes: 1 })
}
