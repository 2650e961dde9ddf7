import {
  abs,
  add,
  cast,
  div,
  greaterEqual,
  hostCall,
  InputError,
  less,
  lessEqual,
  logicalOr,
  max,
  maximum,
  mul,
  type NDArray,
  ndarray,
  scalar,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  where,
  whileLoop,
} from '../../engine/index.ts'
import {
  countZeroGroups,
  floats,
  type GroupPlan,
  groupNorms,
  type LeafPlan,
  leafValue,
  type NuclearPlan,
  shrinkGroups,
} from './regularizer.ts'
import { shrinkSingularValues } from './svd.ts'

export interface SubproblemOptions {
  /** `pg`: proximal gradient from the current iterate, as the paper does; `exact`: Newton on one scalar a group. Default `pg`. */
  readonly solver?: 'pg' | 'exact'
  readonly maxIterations?: number
  /** PG stops when Q falls by less than this, relative to |Q| + 1. */
  readonly rtol?: number
  /** PG never stops before this many iterations. */
  readonly minIterations?: number
  /** Whether groups that are certainly zero at the solution are set to zero first. */
  readonly screen?: boolean
}

/** Defaults of the paper. */
const defaults: Required<SubproblemOptions> = { solver: 'pg', maxIterations: 100, rtol: 1e-8, minIterations: 2, screen: true }

/** Newton from the left end of the bracket is monotone and needs fewer; the bound only guards against rounding. */
const newtonIterations = 25

/** The options with their defaults, or an InputError. */
export function checkedSubproblem(options: SubproblemOptions = {}): Required<SubproblemOptions> {
  const full = { ...defaults, ...options }
  const { solver, maxIterations, rtol, minIterations } = full
  const refuse = (what: string, fix: string): never => {
    throw new InputError(what, { where: 'subproblem', fix })
  }
  if (solver !== 'pg' && solver !== 'exact') refuse(`unknown solver '${solver}'`, "use 'pg' or 'exact'")
  if (!Number.isInteger(maxIterations) || maxIterations < 1)
    refuse(`maxIterations is ${maxIterations}`, 'give a whole number of at least 1')
  if (!Number.isInteger(minIterations) || minIterations < 1)
    refuse(`minIterations is ${minIterations}`, 'give a whole number of at least 1')
  if (!(rtol >= 0)) refuse(`rtol is ${rtol}`, 'give a number of at least 0')
  return full
}

/** min over W of scale · ψ(W) + ⟨linear, W⟩ + ½ ⟨W − anchor, diagonal ∘ (W − anchor)⟩, for one tensor. */
export interface Subproblem {
  readonly linear: Tensor
  readonly diagonal: Tensor
  readonly anchor: Tensor
  /** Where PG begins. */
  readonly start: Tensor
  /** How much ψ weighs: α_t. A scalar, float64. */
  readonly scale: Tensor
}

export interface SubproblemSolution {
  readonly solution: Tensor
  /** int32 */
  readonly iterations: Tensor
  /** How many groups (or singular values) of the solution are zero, int32. */
  readonly zeroGroups: Tensor
}

/** Solves the subproblem of one tensor, as part of the graph. */
export function solve(plan: LeafPlan, problem: Subproblem, options: SubproblemOptions = {}): SubproblemSolution {
  const checked = checkedSubproblem(options)
  if (plan.kind === 'nuclear') {
    if (checked.solver === 'exact') {
      throw new InputError('the exact solver takes groups, not singular values', { where: 'subproblem', fix: "use solver 'pg'" })
    }
    return solveNuclear(plan, problem, checked)
  }
  const { solution, iterations } = checked.solver === 'pg' ? proximalGradient(plan, problem, checked) : newton(plan, problem)
  return { solution, iterations, zeroGroups: countZeroGroups(plan, solution) }
}

const double = (x: Tensor): Tensor => cast(x, 'float64')

/** Q(W), in float64. */
export function objective(plan: LeafPlan, { linear, diagonal, anchor, scale }: Subproblem, w: Tensor): Tensor {
  const away = sub(double(w), double(anchor))
  const smooth = add(mul(double(linear), double(w)), mul(mul(double(diagonal), square(away)), 0.5))
  return add(sum(smooth), mul(double(scale), leafValue(plan, w)))
}

/** The smallest norm of a subgradient of Q at W, in float64: 0 exactly at the solution. */
export function subgradientNorm(plan: GroupPlan, { linear, diagonal, anchor, scale }: Subproblem, w: Tensor): Tensor {
  const threshold = mul(double(scale), plan.weight)
  const smooth = add(double(linear), mul(double(diagonal), sub(double(w), double(anchor))))
  const norms = groupNorms(plan, double(w))
  const zero = lessEqual(norms, 0)
  const inside = sum(square(add(smooth, mul(double(w), div(threshold, where(zero, 1, norms))))), { axes: plan.axes, keepDims: true })
  const outside = square(maximum(sub(groupNorms(plan, smooth), threshold), 0))
  return sqrt(sum(where(zero, outside, inside)))
}

/** Groups whose solution is zero: ‖P_g W₀_g − V_g‖ ≤ T. One boolean a group. */
export function screened(plan: GroupPlan, { linear, diagonal, anchor, scale }: Subproblem): Tensor {
  const center = sub(mul(double(diagonal), double(anchor)), double(linear))
  return lessEqual(groupNorms(plan, center), mul(double(scale), plan.weight))
}

/** A threshold that no norm reaches. */
const never = { float32: 3e38, float64: 1e300 } as const

/**
 * Z ← prox(Z − θ (V + P (Z − W₀))), one step size θ = 1 / max P for each group. With c = P W₀ − V the step is Z ← prox((1 − θP) Z + θc), and
 * Q(Z) = T ‖Z‖ + ⟨½ P Z − c, Z⟩ + ½ ⟨W₀, P W₀⟩; Q is summed in float64.
 */
function proximalGradient(
  plan: GroupPlan,
  problem: Subproblem,
  { maxIterations, minIterations, rtol, screen }: Required<SubproblemOptions>,
): { solution: Tensor; iterations: Tensor } {
  const { linear, diagonal, anchor, start, scale } = problem
  const dtype = start.dtype as 'float32' | 'float64'
  const threshold = mul(double(scale), plan.weight)
  const center = sub(mul(double(diagonal), double(anchor)), double(linear))
  const theta = div(1, max(diagonal, { axes: plan.axes, keepDims: true }))
  const decay = sub(1, mul(theta, diagonal))
  const narrow = cast(center, dtype)
  const shift = mul(theta, narrow)
  const zero = screen ? lessEqual(groupNorms(plan, center), threshold) : undefined
  const plain = cast(mul(double(theta), threshold), dtype)
  const thresholds = zero ? where(zero, never[dtype], plain) : plain
  const first = zero ? where(zero, 0, start) : start

  // A product is rounded once in the weights' own dtype; the sums, where small differences count, are in float64.
  const half = mul(diagonal, 0.5)
  const constant = sum(double(mul(half, square(anchor))))
  const q = (z: Tensor, norms: Tensor): Tensor => {
    const smooth = sum(double(mul(z, sub(mul(half, z), narrow))))
    return add(add(smooth, mul(sum(double(norms)), threshold)), constant)
  }
  // Q(Z₀) counts only where PG may stop at once.
  const qOfFirst = minIterations > 1 ? scalar(never.float64, 'float64') : q(first, groupNorms(plan, first))
  const initial = { z: first, q: qOfFirst, count: scalar(0, 'int32'), goOn: lessEqual(0, scalar(0)) }
  const { z, count } = whileLoop(
    ({ goOn }) => goOn,
    (carry) => {
      const { value: z, norms } = shrinkGroups(plan, add(mul(decay, carry.z), shift), thresholds)
      const next = q(z, norms)
      const count = add(carry.count, 1)
      const falls = greaterEqual(div(sub(carry.q, next), add(abs(next), 1)), rtol)
      return { z, q: next, count, goOn: logicalOr(less(count, minIterations), falls) }
    },
    initial,
    { maxIterations },
  )
  return { solution: z, iterations: count }
}

/**
 * The solution itself. With c = P W₀ − V a group is zero iff ‖c‖ ≤ T; else W = c r / (P r + T), where r = ‖W‖ is the root of
 * φ(r) = Σ c² / (P r + T)² = 1. 1/√φ is concave and increasing, so Newton on it from the left never passes the root. In float64.
 */
function newton(plan: GroupPlan, { linear, diagonal, anchor, scale }: Subproblem): { solution: Tensor; iterations: Tensor } {
  const keep = { axes: plan.axes, keepDims: true }
  const threshold = mul(double(scale), plan.weight)
  const weights = double(diagonal)
  const center = sub(mul(weights, double(anchor)), double(linear))
  const norms = groupNorms(plan, center)
  const zero = lessEqual(norms, threshold)
  // A group that is zero gets c = P = 1, T unchanged: the arithmetic stays finite and its result is not used.
  const squares = where(zero, 1, square(center))
  const safe = where(zero, 1, weights)
  const initial = {
    r: where(zero, 1, div(sub(norms, threshold), max(weights, keep))),
    count: scalar(0, 'int32'),
    goOn: lessEqual(0, scalar(0)),
  }
  const { r, count } = whileLoop(
    ({ goOn }) => goOn,
    (carry) => {
      const denominator = add(mul(safe, carry.r), threshold)
      const ratio = div(squares, square(denominator))
      const phi = sum(ratio, keep)
      const slope = sum(mul(ratio, div(safe, denominator)), keep)
      const change = where(zero, 0, div(mul(phi, sub(sqrt(phi), 1)), slope))
      const r = add(carry.r, change)
      return { r, count: add(carry.count, 1), goOn: less(0, max(sub(abs(change), mul(r, 1e-15)))) }
    },
    initial,
    { maxIterations: newtonIterations },
  )
  const solution = where(zero, 0, div(mul(center, r), add(mul(safe, r), threshold)))
  return { solution: cast(solution, anchor.dtype), iterations: count }
}

/** PG for singular values: one decomposition an iteration, so the whole solve is one host call, in float64. θ = 1 / max P. */
function solveNuclear(plan: NuclearPlan, problem: Subproblem, options: Required<SubproblemOptions>): SubproblemSolution {
  const { linear, diagonal, anchor, start, scale } = problem
  const { shape, dtype } = start
  const call = (arrays: readonly NDArray[]): NDArray[] => {
    const { z, iterations, rank } = nuclearGradient(
      plan,
      arrays.map(({ data }) => Float64Array.from(data)),
      options,
    )
    return [
      floats(z, shape, dtype),
      ndarray(Int32Array.of(iterations), [], 'int32'),
      ndarray(Int32Array.of(plan.groups - rank), [], 'int32'),
    ]
  }
  const results = [
    { shape, dtype },
    { shape: [], dtype: 'int32' as const },
    { shape: [], dtype: 'int32' as const },
  ]
  const inputs = [linear, diagonal, anchor, start, double(scale)]
  const [solution, iterations, zeroGroups] = hostCall(call, inputs, { name: 'nuclearSubproblem', results })
  return { solution, iterations, zeroGroups }
}

function nuclearGradient(
  { rows, columns, weight }: NuclearPlan,
  [linear, diagonal, anchor, start, scale]: readonly Float64Array[],
  { maxIterations, minIterations, rtol }: Required<SubproblemOptions>,
): { z: Float64Array; iterations: number; rank: number } {
  const threshold = scale[0] * weight
  const theta = 1 / diagonal.reduce((most, p) => Math.max(most, p), 0)
  const smooth = (z: Float64Array): number =>
    z.reduce((total, zi, i) => total + linear[i] * zi + 0.5 * diagonal[i] * (zi - anchor[i]) ** 2, 0)
  let [z, q, rank] = [start, Number.POSITIVE_INFINITY, 0]
  for (let iteration = 1; ; iteration++) {
    const y = z.map((zi, i) => zi - theta * (linear[i] + diagonal[i] * (zi - anchor[i])))
    const shrunk = shrinkSingularValues(y, rows, columns, theta * threshold)
    const next = smooth(shrunk.value) + threshold * shrunk.nuclearNorm
    const falls = (q - next) / (Math.abs(next) + 1) >= rtol
    ;[z, q, rank] = [shrunk.value, next, shrunk.rank]
    if (iteration >= maxIterations || (iteration >= minIterations && !falls)) return { z, iterations: iteration, rank }
  }
}

/** No subproblem: the closed form anchor − linear / diagonal. */
export const unregularized = ({ linear, diagonal, anchor }: Pick<Subproblem, 'linear' | 'diagonal' | 'anchor'>): Tensor =>
  sub(anchor, div(linear, diagonal))
