import { InputError, type NDArray, sizeOf } from '../../engine/index.ts'
import { type GroupPlan, type LeafPlan, planLeaf, type Regularizer } from './regularizer.ts'
import { singularValues } from './svd.ts'

/** What a regularizer has made of one tensor. */
export interface LayerStructure {
  readonly path: string
  readonly shape: readonly number[]
  readonly kind: LeafPlan['kind']
  /** How many groups, or singular values. */
  readonly groups: number
  /** How many of them are zero; groups exactly, singular values to the rounding of their dtype. */
  readonly zeroCount: number
  /** Which groups are zero, in row-major order of the axes that tell groups apart; none listed for singular values. */
  readonly zeroGroups: readonly number[]
  /** The share of regularized weights that lie in zero groups; for singular values 1 − rank / their number. */
  readonly sparsity: number
  /** The number of singular values that are not zero, where the regularizer asks for low rank. */
  readonly rank?: number
}

export interface StructureReport {
  readonly layers: readonly LayerStructure[]
  /** Σ |g| over zero groups / Σ |g| over all regularized groups; for the nuclear norm the low-rank level, 1 − Σ rank / Σ singular values. */
  readonly sparsity: number
}

/**
 * Counts the structure of parameters on the host: a record by path, or any tree of arrays.
 *
 * @example
 * const weight = { data: Float32Array.of(0, 1, 0, 2), shape: [2, 2], dtype: 'float32' } as const
 * structureReport({ weight }, groupLasso(1e-3, { by: 'input' })).sparsity // 0.5
 */
export function structureReport(params: unknown, regularizer: Regularizer): StructureReport {
  const entries = arraysWithPaths(params)
  const layers = entries.flatMap(([path, array]) => {
    const plan = planLeaf(regularizer, path, array.shape)
    return plan ? [layerStructure(path, array, plan)] : []
  })
  // Groups of one tensor have equal size, so a tensor counts with its weights; singular values count one each.
  const weight = ({ kind, shape, groups }: LayerStructure) => (kind === 'groups' ? sizeOf(shape) : groups)
  const total = layers.reduce((sum, layer) => sum + weight(layer), 0)
  const zero = layers.reduce((sum, layer) => sum + weight(layer) * layer.sparsity, 0)
  return { layers, sparsity: total > 0 ? zero / total : 0 }
}

const isArray = (value: unknown): value is NDArray => typeof value === 'object' && value !== null && 'data' in value && 'shape' in value

/** The arrays of a tree; an array is itself a plain object, so the tree is walked here. */
function arraysWithPaths(tree: unknown, prefix = ''): [path: string, array: NDArray][] {
  if (isArray(tree)) return [[prefix, tree]]
  if (typeof tree !== 'object' || tree === null) throw new InputError('structureReport takes arrays', { where: prefix })
  return Object.entries(tree).flatMap(([name, child]) => arraysWithPaths(child, prefix ? `${prefix}.${name}` : name))
}

function layerStructure(path: string, array: NDArray, plan: LeafPlan): LayerStructure {
  const common = { path, shape: array.shape, kind: plan.kind, groups: plan.groups }
  if (plan.kind === 'groups') {
    const zero = zeroGroupsOf(array, plan)
    return { ...common, zeroCount: zero.length, zeroGroups: zero, sparsity: zero.length / Math.max(plan.groups, 1) }
  }
  const rank = rankOf(array, plan.rows, plan.columns)
  return { ...common, zeroCount: plan.groups - rank, zeroGroups: [], rank, sparsity: 1 - rank / plan.groups }
}

/** The indices of groups in which every weight is exactly 0. */
function zeroGroupsOf({ data, shape }: NDArray, { axes, groups }: GroupPlan): number[] {
  const kept = shape.map((_, axis) => !axes.includes(axis))
  const occupied = new Uint8Array(groups)
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0) continue
    let [rest, group, stride] = [i, 0, 1]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const at = rest % shape[axis]
      rest = (rest - at) / shape[axis]
      if (!kept[axis]) continue
      group += at * stride
      stride *= shape[axis]
    }
    occupied[group] = 1
  }
  return Array.from(occupied.keys()).filter((group) => occupied[group] === 0)
}

const rounding = { float32: 2 ** -23, float64: 2 ** -52 }

/** Singular values above σ₁ · max(m, n) · ε of the stored dtype: weights are rounded after the prox, so no smaller ones can be told from 0. */
function rankOf({ data, dtype }: NDArray, rows: number, columns: number): number {
  const sigma = singularValues(data, rows, columns)
  const smallest = sigma[0] * Math.max(rows, columns) * rounding[dtype === 'float64' ? 'float64' : 'float32']
  return sigma.filter((value) => value > smallest).length
}
