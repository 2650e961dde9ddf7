/**
 * Metrics that several methods report, on host arrays. Each has a brute-force twin in metrics.test.ts.
 *
 * @module
 */
export { average, type Predictions, predictionsOf, shareEqual } from './predictions.ts'
export { areaUnderCurve, macroAreaUnderCurve } from './roc.ts'
