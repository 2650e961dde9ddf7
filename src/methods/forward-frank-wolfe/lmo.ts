import { InputError, lessEqual, mul, reshape, type Tensor } from '../../engine/index.ts'
import { ksparse, l1, l2, linf, lp, nuclear, type SetKind, setKinds, simplex, type UnitSet } from './sets.ts'

/**
 * A convex set for one tensor. Its size is given by one of three: the radius R; the ℓ2 diameter; or a multiple of the tensor's own norm at the
 * start, which makes the diameter twice that (Pokutta et al. 2020).
 */
export interface ConstraintSet {
  readonly kind: SetKind
  readonly radius?: number
  readonly diameter?: number
  readonly initMultiple?: number
  /** Of `ksparse`: the entries of a vertex that are not zero. */
  readonly k?: number
  /** Of `lp`: the exponent, above 1. */
  readonly p?: number
}

/** Linear minimization oracle: all that Frank-Wolfe needs of a set, and what its rivals need. `solve`, `project`, `contains` build graph. */
export interface Lmo {
  readonly set: ConstraintSet
  readonly radius: number
  /** argmin over the set of ⟨s, g⟩: a vertex. */
  solve(g: Tensor): Tensor
  /** Whether x is inside; a bool scalar. The tolerance is relative to the radius. */
  contains(x: Tensor, tolerance?: number): Tensor
  /** The nearest point of the set. */
  project(x: Tensor): Tensor
  /** The largest ℓ2 distance of two points. */
  diameter(): number
}

/** What gives the size of a set: one of these. */
export const sizes = ['radius', 'diameter', 'initMultiple'] as const

/**
 * The oracle of a set for tensors of a shape.
 *
 * @throws InputError for an unknown set, a radius that is not positive, a k beyond the number of elements.
 * @example
 * const { solve } = linearMinimization({ kind: 'ksparse', k: 100, radius: 1.5 }, [65, 10])
 */
export function linearMinimization(set: ConstraintSet, shape: readonly number[], where = `constraint ${set.kind}`): Lmo {
  const n = shape.reduce((a, b) => a * b, 1)
  const unit = unitSet(set, shape, n, where)
  const radius = radiusOf(set, unit, where)
  const rows = set.kind === 'nuclear' ? [shape[0], n / shape[0]] : [n]
  const flat = (x: Tensor) => reshape(x, rows)
  const scaled = (x: Tensor) => reshape(mul(x, radius), shape)
  return {
    set,
    radius,
    solve: (g) => scaled(unit.minimize(flat(g))),
    contains: (x, tolerance = 1e-6) => lessEqual(unit.excess(mul(flat(x), 1 / radius)), tolerance),
    project: (x) => scaled(unit.project(mul(flat(x), 1 / radius))),
    diameter: () => radius * unit.diameter,
  }
}

function unitSet({ kind, k, p }: ConstraintSet, shape: readonly number[], n: number, where: string): UnitSet {
  const refuse = (what: string, fix: string): never => {
    throw new InputError(what, { where, fix })
  }
  switch (kind) {
    case 'l1':
      return l1
    case 'l2':
      return l2
    case 'linf':
      return linf(n)
    case 'lp':
      if (!(Number.isFinite(p) && p! > 1)) refuse(`p is ${p}`, 'give a number above 1; for 1 and infinity there are l1 and linf')
      return lp(n, p!)
    case 'ksparse':
      if (!(Number.isInteger(k) && k! >= 1)) refuse(`k is ${k}`, 'give a whole number of at least 1')
      if (k! > n) refuse(`k is ${k}, and the tensor [${shape.join(', ')}] has ${n} elements`, `give at most ${n}`)
      return ksparse(n, k!)
    case 'simplex':
      return simplex
    case 'nuclear':
      if (shape.length < 2) refuse(`a tensor [${shape.join(', ')}] is no matrix`, 'constrain matrices only')
      return nuclear
    default:
      return refuse(`there is no set '${kind}'`, `give one of ${setKinds.join(', ')}`)
  }
}

function radiusOf(set: ConstraintSet, unit: UnitSet, where: string): number {
  const given = sizes.filter((name) => set[name] !== undefined)
  if (given.length !== 1)
    throw new InputError(`${given.length === 0 ? 'no size' : given.join(' and ')} is given`, {
      where,
      fix: 'give one of radius, diameter, initMultiple',
    })
  const [name] = given
  const value = set[name]!
  if (!(value > 0 && Number.isFinite(value))) throw new InputError(`${name} is ${value}`, { where, fix: 'give a positive number' })
  if (name === 'initMultiple')
    throw new InputError('the norm at the start is not known', { where, fix: 'give what `absoluteRadii` returns' })
  return name === 'radius' ? value : value / unit.diameter
}
