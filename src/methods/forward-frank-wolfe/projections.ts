import {
  abs,
  add,
  cast,
  clip,
  cumsum,
  div,
  iota,
  less,
  lessEqual,
  max,
  maximum,
  mul,
  pow,
  scalar,
  scan,
  sign,
  sort,
  sub,
  sum,
  type Tensor,
  where,
} from '../../engine/index.ts'

/*
 * Nearest points of sets of radius 1, for x [n]. Frank-Wolfe needs none of them: they are for projected gradients, its rival, and to move a start into
 * the set.
 */

/** The nearest point with x ≥ 0 and sum 1: everything lowered by the same τ, found by sorting (Held, Wolfe & Crowder 1974). */
export const onSimplex = (x: Tensor): Tensor => maximum(sub(x, loweringOf(x)), 0)

/** τ with Σ max(x − τ, 0) = 1. */
function loweringOf(x: Tensor): Tensor {
  const descending = sort(x, { descending: true })
  const ranks = cast(add(iota(x.shape[0]), 1), x.dtype)
  const levels = div(sub(cumsum(descending), 1), ranks)
  // Candidates rise to τ and fall again: it is the largest.
  return max(levels)
}

/** The nearest point with Σ|x| ≤ 1. */
export function onL1Ball(x: Tensor): Tensor {
  const inside = lessEqual(sum(abs(x)), 1)
  return where(inside, x, mul(sign(x), onSimplex(abs(x))))
}

/** Halvings until an interval is down to rounding in float64. */
const halvings = 60

/** Where a falling function of a scalar, or of each element, passes zero between `low` and `high`. */
function root(falling: (x: Tensor) => Tensor, low: Tensor, high: Tensor): Tensor {
  const step = ({ low, high }: { low: Tensor; high: Tensor }) => {
    const middle = mul(add(low, high), 0.5)
    const beyond = less(falling(middle), 0)
    return { carry: { low: where(beyond, low, middle), high: where(beyond, middle, high) }, output: {} }
  }
  return scan(step, { low, high }, {}, { length: halvings }).carry.high
}

/** For a ≥ 0 the nearest point with 0 ≤ y ≤ 1 and sum at most k: lowered by some λ ≥ 0, then cut at 1. */
export function boundedSum(a: Tensor, k: number): Tensor {
  const lowered = (lambda: Tensor) => clip(sub(a, lambda), 0, 1)
  const zero = scalar(0, a.dtype)
  const lambda = root((lambda) => sub(sum(lowered(lambda)), k), zero, max(a))
  return where(lessEqual(sum(lowered(zero)), k), lowered(zero), lowered(lambda))
}

/** The nearest point with Σ|x|ᵖ ≤ 1: |y| + λ|y|^(p − 1) = |x|, element by element, for the λ ≥ 0 that makes the sum 1. */
export function onLpBall(x: Tensor, p: number): Tensor {
  const a = abs(x)
  const shrunk = (lambda: Tensor) => root((y) => sub(sub(a, y), mul(lambda, pow(y, p - 1))), mul(a, 0), a)
  const q = p / (p - 1)
  // At λ = ‖a‖_q already Σ (a/λ)^q = 1, and y is smaller than (a/λ)^(q/p).
  const lambda = root((lambda) => sub(sum(pow(shrunk(lambda), p)), 1), scalar(0, x.dtype), pow(sum(pow(a, q)), 1 / q))
  return where(lessEqual(sum(pow(a, p)), 1), x, mul(sign(x), shrunk(lambda)))
}
