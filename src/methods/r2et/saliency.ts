import {
  abs,
  argmax,
  cast,
  div,
  grad,
  greater,
  mul,
  oneHot,
  reshape,
  squeeze,
  stopGradient,
  sub,
  sum,
  type Tensor,
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

/** The margin of the class that is predicted, which is what an explanation explains; the class itself is a constant. */
export function decision(classify: Classify, x: Tensor): Tensor {
  const logits = classify(x)
  return margin(logits, stopGradient(predicted(logits)))
}

/** The gradient of the predicted class's margin by the input [n, features]. Rows are independent, so one gradient of the sum serves all. */
export const inputGradient = (classify: Classify, x: Tensor): Tensor => grad((x: Tensor) => sum(decision(classify, x)))(x)

/**
 * Saliency I(x) = |∂ margin/∂x|, one number a feature [n, features]; of an image with several channels, given as [n, channels·pixels], their sum a
 * pixel [n, pixels]. It can be differentiated again, by x and by parameters.
 *
 * @example
 * const map = saliency((x) => network.apply(params, x), x)
 */
export function saliency(classify: Classify, x: Tensor, { channels = 1 } = {}): Tensor {
  const map = abs(inputGradient(classify, x))
  if (channels === 1) return map
  const [rows, features] = map.shape
  return sum(reshape(map, [rows, channels, features / channels]), { axes: 1 })
}
