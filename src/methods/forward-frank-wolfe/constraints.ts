import { evaluate, InputError, leavesWithPaths, mapTree, norm, sub, type Tensor, withoutBuffers } from '../../engine/index.ts'
import { type ConstraintSet, type Lmo, linearMinimization } from './lmo.ts'

/** One set for every tensor, or a set for each by its path and shape. `none` leaves a tensor free. */
export type Constraints = ConstraintSet | ((path: string, shape: readonly number[]) => ConstraintSet)

const free: ConstraintSet = { kind: 'none' }

/**
 * The set for weights; vectors (biases, scales of norms) are free.
 *
 * @example
 * const constraints = onMatrices({ kind: 'l1', radius: 5 }) // biases are free
 */
export const onMatrices =
  (set: ConstraintSet): Constraints =>
  (_, shape) =>
    shape.length > 1 ? set : free

/** The set of a tensor. */
export const setAt = (constraints: Constraints, path: string, { shape }: Tensor): ConstraintSet =>
  typeof constraints === 'function' ? constraints(path, shape) : constraints

/** The oracle of a tensor; undefined where it is free. */
export function oracleAt(constraints: Constraints, path: string, x: Tensor): Lmo | undefined {
  const set = setAt(constraints, path, x)
  return set.kind === 'none' ? undefined : linearMinimization(set, x.shape, `constraint ${set.kind}${path ? ` on '${path}'` : ''}`)
}

/**
 * The same sets with `initMultiple` made a diameter: twice the multiple of each tensor's norm in `params`.
 *
 * @example
 * const constraints = await absoluteRadii({ weight: ones([2, 2]) }, onMatrices({ kind: 'l2', initMultiple: 3 }))
 */
export async function absoluteRadii(params: unknown, constraints: Constraints): Promise<Constraints> {
  const sets = new Map<string, ConstraintSet>()
  for (const [path, leaf] of leavesWithPaths(withoutBuffers(params))) {
    const { initMultiple, ...set } = setAt(constraints, path, leaf as Tensor)
    const sized = initMultiple === undefined ? set : { ...set, diameter: 2 * initMultiple * (await norm(leaf as Tensor).item()) }
    sets.set(path, sized)
  }
  return (path) => sets.get(path) ?? free
}

export interface Outside {
  readonly path: string
  /** ℓ2 distance to the set. */
  readonly distance: number
}

/**
 * The tensors that lie outside of their sets.
 *
 * @example
 * await infeasible({ weight: ones([2, 2]) }, { kind: 'l2', radius: 1 }) // [{ path: 'weight', distance: 1 }]
 */
export async function infeasible(params: unknown, constraints: Constraints): Promise<Outside[]> {
  const found: Outside[] = []
  for (const [path, leaf] of leavesWithPaths(withoutBuffers(params))) {
    const x = leaf as Tensor
    const oracle = oracleAt(constraints, path, x)
    if (!oracle || (await oracle.contains(x).item())) continue
    found.push({ path, distance: await norm(sub(x, oracle.project(x))).item() })
  }
  return found
}

/**
 * @throws InputError for a start outside of its set, with the distance.
 *
 * @example
 * await requireFeasible({ weight: zeros([2, 2]) }, { kind: 'l2', radius: 1 })
 */
export async function requireFeasible(params: unknown, constraints: Constraints): Promise<void> {
  const [first] = await infeasible(params, constraints)
  if (first)
    throw new InputError(`'${first.path}' lies outside of its set, ${first.distance.toPrecision(3)} from it`, {
      where: 'Frank-Wolfe',
      fix: 'start inside: `movedInside` takes the nearest point',
    })
}

/**
 * The parameters with each tensor that lies outside of its set at the nearest point inside, after a line of warning each.
 *
 * @example
 * const { weight } = await movedInside({ weight: ones([2, 2]) }, { kind: 'l2', radius: 1 })
 * await weight.array() // [[0.50000, 0.50000], [0.50000, 0.50000]]
 */
export async function movedInside<P>(params: P, constraints: Constraints, { warn }: { warn?(line: string): void } = {}): Promise<P> {
  const outside = new Map((await infeasible(params, constraints)).map(({ path, distance }) => [path, distance]))
  for (const [path, distance] of outside) warn?.(`'${path}' lay outside of its set and was moved by ${distance.toPrecision(3)}`)
  return evaluate(mapTree<P>(params, (x: Tensor, path) => (outside.has(path) ? oracleAt(constraints, path, x)!.project(x) : x)))
}
