/**
 * Forward-gradient Frank-Wolfe (arXiv 2403.12511): training under convex constraints without a backward pass and without projections.
 *
 * @module
 */

export { activityForwardGradient } from './activity.ts'
export type { Averaging } from './averaging.ts'
export { projected } from './baselines.ts'
export { absoluteRadii, type Constraints, infeasible, movedInside, onMatrices, requireFeasible } from './constraints.ts'
export { type Directions, type Distribution, givenDirections, keyedDirections } from './directions.ts'
export { type ForwardFrankWolfeOptions, forwardFrankWolfe } from './forward-frank-wolfe.ts'
export { type ForwardGradient, type ForwardGradientOptions, forwardGradient } from './forward-gradient.ts'
export { type ForwardGradientsOptions, withForwardGradients } from './forward-gradients.ts'
export { type FrankWolfeOptions, frankWolfe } from './frank-wolfe.ts'
export { frankWolfeGap } from './gap.ts'
export { type ConstraintSet, type Lmo, linearMinimization } from './lmo.ts'
export { type DeepNetwork, type MemoryMode, type MemoryPlan, memoryPlan } from './memory.ts'
export { meanCosine } from './shrunken-ball.ts'
export type { StepSize } from './step-size.ts'
