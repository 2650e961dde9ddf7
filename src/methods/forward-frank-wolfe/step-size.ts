import { add, cast, clip, div, equal, mul, scalar, type Tensor, where } from '../../engine/index.ts'
import { require, requireNotNegative, requirePositive } from '../../optim/index.ts'

/**
 * a_k of θ ← θ + a_k (s − θ), always in [0, 1]:
 * `classic`: 2/(k + 2). `warmStart` k₀: 2/(k + 2 + k₀), which does not jump to a vertex first and so keeps what a network starts with.
 * `smoothness` L, the short step: min(1, ⟨d, θ − s⟩/(L‖θ − s‖²)). A function of k (float64 scalar) gives it directly and is cut to [0, 1].
 */
export type StepSize = 'classic' | { readonly warmStart: number } | { readonly smoothness: number } | number | ((k: Tensor) => Tensor)

export interface Towards {
  /** Steps taken before this one, a float64 scalar. */
  readonly k: Tensor
  /** ⟨d, θ − s⟩ and ‖θ − s‖² over all constrained tensors, built only where asked for. */
  gap(): Tensor
  squaredDistance(): Tensor
}

/** a_k, a float64 scalar. */
export function stepSizeAt(stepSize: StepSize, { k, gap, squaredDistance }: Towards): Tensor {
  if (stepSize === 'classic') return div(2, add(k, 2))
  if (typeof stepSize === 'number') return scalar(stepSize, 'float64')
  if (typeof stepSize === 'function') return clip(cast(stepSize(k), 'float64'), 0, 1)
  if ('warmStart' in stepSize) return div(2, add(k, 2 + stepSize.warmStart))
  const curvature = mul(cast(squaredDistance(), 'float64'), stepSize.smoothness)
  // At the vertex already there is nowhere to go, and 0/0 would not say so.
  const still = equal(curvature, 0)
  return where(still, scalar(0, 'float64'), clip(div(cast(gap(), 'float64'), where(still, scalar(1, 'float64'), curvature)), 0, 1))
}

/** @throws InputError for a step outside of [0, 1] and for numbers that make no step size. */
export function checkStepSize(where: string, stepSize: StepSize): void {
  if (typeof stepSize === 'function' || stepSize === 'classic') return
  if (typeof stepSize === 'number') {
    const fix = 'give a number in [0, 1]: beyond the vertex lies nothing of the set'
    require(where, stepSize >= 0 && stepSize <= 1, `stepSize is ${stepSize}`, fix)
  } else if (typeof stepSize === 'string') {
    require(where, false, `there is no step size '${stepSize}'`, "give 'classic', { warmStart }, { smoothness }, a number or a function")
  } else if ('smoothness' in stepSize) requirePositive(where, 'stepSize.smoothness', stepSize.smoothness)
  else requireNotNegative(where, 'stepSize.warmStart', stepSize.warmStart)
}
