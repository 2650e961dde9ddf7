/**
 * Metrics that several methods report, on host arrays. Each has a brute-force twin in metrics.test.ts.
 *
 * @module
 */
export { clopperPearson } from './binomial.ts'
export { areaDifference, areaWithInterval, chanceError, deLong, type Measured, withNormalInterval } from './delong.ts'
export { average, type Predictions, predictionsOf, shareEqual } from './predictions.ts'
export { areaUnderCurve, macroAreaUnderCurve } from './roc.ts'
export { atFalsePositiveRate, bestBalancedAccuracy, equalErrorRecall, type RocPoint, rocCurve } from './roc-curve.ts'
