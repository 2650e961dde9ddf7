import { argmax, cast, equal, expandDims, logSoftmax, mean, neg, square, squeeze, sub, type Tensor, takeAlong } from '../engine/index.ts'

/**
 * The mean over examples of −log p(label): logits [..., classes] and int32 labels [...].
 *
 * @example
 * await crossEntropy(zeros([4, 10]), zeros([4], 'int32')).item() // 2.302585
 */
export function crossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return neg(mean(squeeze(takeAlong(logSoftmax(logits), expandDims(labels, -1)), [-1])))
}

/**
 * The mean of squared differences.
 *
 * @example
 * await meanSquaredError(tensor([1, 2]), tensor([1, 4])).item() // 2
 */
export const meanSquaredError = (prediction: Tensor, target: Tensor): Tensor => mean(square(sub(prediction, target)))

/**
 * The share of examples whose largest logit is that of the label, float32.
 *
 * @example
 * await accuracy(tensor([[0, 1], [1, 0]]), tensor([1, 1], { dtype: 'int32' })).item() // 0.5
 */
export const accuracy = (logits: Tensor, labels: Tensor): Tensor => mean(cast(equal(argmax(logits), labels), 'float32'))
