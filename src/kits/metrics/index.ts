/**
 * Metrics that several methods report, on host arrays. Each has a brute-force twin, a closed form or a published value in its test.
 *
 * @module
 */
export { clopperPearson } from './binomial.ts'
export { kendall, pearson, ranks, rootMeanSquare, spearman } from './correlation.ts'
export { areaDifference, areaWithInterval, chanceError, deLong, type Measured, withNormalInterval } from './delong.ts'
export { psnr, ssim } from './fidelity.ts'
export { type Agreement, agreement, fitLogistic, type LogisticParameters, logisticMap } from './logistic-fit.ts'
export { average, type Predictions, predictionsOf, shareEqual } from './predictions.ts'
export { areaUnderCurve, macroAreaUnderCurve } from './roc.ts'
export { atFalsePositiveRate, bestBalancedAccuracy, equalErrorRecall, type RocPoint, rocCurve } from './roc-curve.ts'
