import { argmax, cast, equal, expandDims, logSoftmax, mean, neg, square, squeeze, sub, type Tensor, takeAlong } from '../engine/index.ts'

/** The mean over examples of −log p(label): logits [..., classes] and int32 labels [...]. */
export function crossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return neg(mean(squeeze(takeAlong(logSoftmax(logits), expandDims(labels, -1)), [-1])))
}

/** The mean of squared differences. */
export const meanSquaredError = (prediction: Tensor, target: Tensor): Tensor => mean(square(sub(prediction, target)))

/** The share of examples whose largest logit is that of the label, float32. */
export const accuracy = (logits: Tensor, labels: Tensor): Tensor => mean(cast(equal(argmax(logits), labels), 'float32'))
