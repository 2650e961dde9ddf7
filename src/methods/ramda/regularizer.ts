import {
  abs,
  add,
  cast,
  type DType,
  div,
  equal,
  hostCall,
  InputError,
  isTensor,
  leavesWithPaths,
  mapTree,
  maximum,
  mul,
  type NDArray,
  ndarray,
  norm,
  relu,
  scalar,
  sizeOf,
  sub,
  sum,
  type Tensor,
} from '../../engine/index.ts'
import { shrinkSingularValues, singularValues } from './svd.ts'

/**
 * Which weights form a group. `input`: one group per input channel or column (axis 1), `output`: one per filter or row (axis 0), `none`: every
 * weight alone. A function gives the axes over which the norm of a group runs, or null for a tensor without regularizer.
 */
export type GroupRule = 'input' | 'output' | 'none' | ((path: string, shape: readonly number[]) => readonly number[] | null)

/** ψ, a penalty that asks for structure: λ Σ √|g| ‖W_g‖ (groupLasso), λ ‖W‖₁ (l1), or λ Σ σᵢ(W) (nuclear). */
export interface Regularizer {
  readonly kind: 'groupLasso' | 'l1' | 'nuclear'
  readonly lambda: number
  /** Default `input`; l1 and nuclear only take from a function which tensors they leave out. */
  readonly group?: GroupRule
  /** Whether a group counts with √|g|. Default true. */
  readonly reweight?: boolean
}

/**
 * λ Σ √|g| ‖W_g‖: whole groups become zero.
 *
 * @example
 * groupLasso(1e-3, { by: 'output' }).kind // 'groupLasso'
 */
export const groupLasso = (lambda: number, { by = 'input', reweight = true }: { by?: GroupRule; reweight?: boolean } = {}): Regularizer =>
  checkedRegularizer({ kind: 'groupLasso', lambda, group: by, reweight })

/**
 * λ ‖W‖₁: single weights become zero.
 *
 * @example
 * l1(1e-3).lambda // 0.001
 */
export const l1 = (lambda: number): Regularizer => checkedRegularizer({ kind: 'l1', lambda })

/**
 * λ Σ σᵢ(W), for each layer's matrix [out, everything else]: the rank falls.
 *
 * @example
 * nuclearNorm(1e-3).kind // 'nuclear'
 */
export const nuclearNorm = (lambda: number): Regularizer => checkedRegularizer({ kind: 'nuclear', lambda })

/** The regularizer itself, or an InputError that says what is wrong with it. */
export function checkedRegularizer(regularizer: Regularizer): Regularizer {
  const { kind, lambda, group } = regularizer
  if (!['groupLasso', 'l1', 'nuclear'].includes(kind))
    throw new InputError(`unknown regularizer '${kind}'`, { fix: 'use groupLasso, l1 or nuclear' })
  if (!(lambda >= 0 && Number.isFinite(lambda)))
    throw new InputError(`lambda is ${lambda}`, { where: kind, fix: 'give a number of at least 0' })
  if (group !== undefined && typeof group !== 'function' && !['input', 'output', 'none'].includes(group)) {
    throw new InputError(`unknown group rule '${group}'`, { where: kind, fix: "use 'input', 'output', 'none' or a function" })
  }
  return regularizer
}

/** The groups of one tensor: the norm runs over `axes`. */
export interface GroupPlan {
  readonly kind: 'groups'
  readonly axes: readonly number[]
  readonly groups: number
  readonly groupSize: number
  /** λ √|g| */
  readonly weight: number
}

/** One tensor as a matrix. */
export interface NuclearPlan {
  readonly kind: 'nuclear'
  readonly rows: number
  readonly columns: number
  /** The number of singular values. */
  readonly groups: number
  /** λ */
  readonly weight: number
}

export type LeafPlan = GroupPlan | NuclearPlan

const ruleAxes: Record<'input' | 'output' | 'none', (rank: number) => number[]> = {
  input: (rank) => Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1),
  output: (rank) => Array.from({ length: rank - 1 }, (_, axis) => axis + 1),
  none: () => [],
}

/**
 * What a regularizer does to the tensor at this path, or null where it leaves it alone. Without a rule of the user's own, `weight`s are
 * regularized; biases, scales and embeddings are not.
 */
export function planLeaf(regularizer: Regularizer, path: string, shape: readonly number[]): LeafPlan | null {
  const { kind, lambda, group = 'input', reweight = true } = checkedRegularizer(regularizer)
  const chosen = typeof group === 'function' ? group(path, shape) : /(^|\.)weight$/.test(path) ? undefined : null
  if (chosen === null) return null
  if (kind === 'nuclear') {
    if (shape.length < 2) throw new InputError(`a tensor of shape [${shape}] is not a matrix`, { where: path, fix: 'leave it out' })
    const [rows, columns] = [shape[0], sizeOf(shape.slice(1))]
    return { kind: 'nuclear', rows, columns, groups: Math.min(rows, columns), weight: lambda }
  }
  if (kind === 'l1') return { kind: 'groups', axes: [], groups: sizeOf(shape), groupSize: 1, weight: lambda }
  if (shape.length < 2 && group !== 'none') {
    throw new InputError(`a tensor of shape [${shape}] has no groups`, { where: path, fix: 'leave it out: let the rule return null' })
  }
  const axes = chosen ?? ruleAxes[group as 'input' | 'output' | 'none'](shape.length)
  const wrong = axes.find((axis, i) => !Number.isInteger(axis) || axis < 0 || axis >= shape.length || axes.indexOf(axis) !== i)
  if (wrong !== undefined) {
    throw new InputError(`there is no group axis ${wrong} in shape [${shape}]`, { where: path, fix: 'give distinct axes from 0 on' })
  }
  const groupSize = axes.reduce((size, axis) => size * shape[axis], 1)
  const weight = lambda * (reweight ? Math.sqrt(groupSize) : 1)
  return { kind: 'groups', axes: [...axes].sort((a, b) => a - b), groups: sizeOf(shape) / groupSize, groupSize, weight }
}

/** ‖W_g‖ of every group, the reduced axes kept with extent 1. */
export const groupNorms = ({ axes }: GroupPlan, w: Tensor): Tensor => (axes.length === 0 ? abs(w) : norm(w, { axes, keepDims: true }))

/** Less than any norm that is not zero, and T / tiny does not overflow for a T of reasonable size; where it does, the group is zero as well. */
const tiny = 1e-30

/** W_g · max(0, 1 − T/‖W_g‖) and the norms that remain; `threshold` is T, one number or one a group. No 0/0: a group of zeros stays so. */
export function shrinkGroups(plan: GroupPlan, w: Tensor, threshold: Tensor): { value: Tensor; norms: Tensor } {
  const norms = groupNorms(plan, w)
  const factor = relu(sub(1, div(threshold, maximum(norms, tiny))))
  return { value: mul(w, factor), norms: mul(norms, factor) }
}

/** argmin_X τ ψ(X) + ½ ‖X − W‖² for one tensor. */
export const proxLeaf = (plan: LeafPlan, w: Tensor, tau: Tensor | number): Tensor => countedProx(plan, w, tau).value

/** The prox of one tensor, and how many of its groups or singular values are zero (int32). */
export function countedProx(plan: LeafPlan, w: Tensor, tau: Tensor | number): { value: Tensor; zeroGroups: Tensor } {
  const scale = isTensor(tau) ? cast(tau, 'float64') : scalar(tau, 'float64')
  const threshold = mul(scale, plan.weight)
  if (plan.kind === 'nuclear') return nuclearProx(plan, w, threshold)
  const { value } = shrinkGroups(plan, w, cast(threshold, w.dtype))
  return { value, zeroGroups: countZeroGroups(plan, value) }
}

/** The nuclear prox with the number of singular values that became zero (int32). */
function nuclearProx({ rows, columns, groups }: NuclearPlan, w: Tensor, threshold: Tensor): { value: Tensor; zeroGroups: Tensor } {
  const call = ([x, t]: readonly NDArray[]): NDArray[] => {
    const { value, rank } = shrinkSingularValues(x.data, rows, columns, t.data[0])
    return [floats(value, w.shape, w.dtype), ndarray(Int32Array.of(groups - rank), [], 'int32')]
  }
  const results = [
    { shape: w.shape, dtype: w.dtype },
    { shape: [], dtype: 'int32' as const },
  ]
  const [value, zeroGroups] = hostCall(call, [w, threshold], { name: 'nuclearProx', results })
  return { value, zeroGroups }
}

/** Values computed in float64 as a host array of another float type. */
export const floats = (values: Float64Array, shape: readonly number[], dtype: DType): NDArray =>
  ndarray(dtype === 'float64' ? values : Float32Array.from(values), shape, dtype)

/** ψ(W) of one tensor, summed in float64. */
export function leafValue(plan: LeafPlan, w: Tensor): Tensor {
  if (plan.kind === 'groups') return mul(sum(cast(groupNorms(plan, w), 'float64')), plan.weight)
  const call = ([x]: readonly NDArray[]): NDArray[] => {
    const total = singularValues(x.data, plan.rows, plan.columns).reduce((s, sigma) => s + sigma, 0)
    return [ndarray(Float64Array.of(plan.weight * total), [], 'float64')]
  }
  return hostCall(call, [w], { name: 'nuclearNorm', results: [{ shape: [], dtype: 'float64' }] })[0]
}

/** ψ of a whole tree of parameters, float64. */
export function value(regularizer: Regularizer, params: unknown): Tensor {
  let total = scalar(0, 'float64')
  for (const [path, leaf] of leavesWithPaths(params)) {
    const plan = planLeaf(regularizer, path, (leaf as Tensor).shape)
    if (plan) total = add(total, leafValue(plan, leaf as Tensor))
  }
  return total
}

/** argmin_X τ ψ(X) + ½ ‖X − W‖² for a whole tree of parameters. */
export const prox = <P>(regularizer: Regularizer, params: P, tau: Tensor | number): P =>
  mapTree<P>(params, (w: Tensor, path) => {
    const plan = planLeaf(regularizer, path, w.shape)
    return plan ? proxLeaf(plan, w, tau) : w
  })

/** The number of groups that are exactly zero, int32. Only for groups; singular values need a decomposition. */
export function countZeroGroups({ axes }: GroupPlan, w: Tensor): Tensor {
  return sum(cast(equal(sum(abs(w), { axes }), 0), 'int32'))
}
