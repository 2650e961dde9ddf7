import {
  add,
  cast,
  div,
  greater,
  logicalAnd,
  logicalOr,
  matmul,
  maximum,
  mul,
  onesLike,
  scan,
  square,
  sub,
  swapLast,
  type Tensor,
  tensor,
  where,
} from '../../engine/index.ts'

/* Where an attack may go: a ball, and within it only points that somebody could be. */

/** What holds an attack back besides its ball. */
export interface Feasible {
  /** The slope [n, features] without what cannot be followed. Default: all of it. */
  along?(slope: Tensor): Tensor
  /** The nearest feasible point to a moved one [n, features]: no farther from a feasible original than the moved one was. */
  project(moved: Tensor, original: Tensor): Tensor
}

const constant = (values: readonly number[], { dtype }: Tensor, shape = [1, values.length]): Tensor =>
  cast(tensor([...values], { shape }), dtype)

/**
 * Only these features move: of a table the numeric ones, say.
 *
 * @example
 * const { project } = onlyFeatures([true, false])
 * await project(tensor([[5, 5]]), tensor([[1, 1]])).array() // [[5, 1]]
 */
export const onlyFeatures = (movable: readonly boolean[]): Feasible => ({
  along: (slope) => mul(slope, constant(movable.map(Number), slope)),
  project: (moved, original) => add(original, mul(sub(moved, original), constant(movable.map(Number), moved))),
})

export interface SimplexOptions {
  /** Features that are the levels of one column, as lists of indices. */
  readonly groups: readonly (readonly number[])[]
  /** Whether the levels of a row add up to 1, group by group; else to at most 1 (a level without a feature takes the rest). */
  readonly complete: readonly boolean[]
  /** Scale of the features: level = feature · deviation + mean, 0 or 1 in the data. */
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
}

/**
 * One-hot groups stay mixtures of levels: none below 0, together 1 or at most 1. The nearest such point in the metric of the scaled features, so that a
 * point of the ball stays in it: levels max(0, p − τ d²) with deviations d, and τ found by leaving levels out until none is negative (Michelot 1986).
 *
 * @example
 * const { project } = onSimplex({ groups: [[0, 1]], complete: [true], mean: [0, 0], deviation: [1, 1] })
 * await project(tensor([[0.8, 0.8]]), tensor([[1, 0]])).array() // [[0.50000, 0.50000]]
 */
export function onSimplex({ groups, complete, mean, deviation }: SimplexOptions): Feasible {
  if (groups.length === 0) return { project: (moved) => moved }
  const member = groups.flatMap((group) => mean.map((_, i) => Number(group.includes(i))))
  const grouped = mean.map((_, i) => Number(groups.some((group) => group.includes(i))))
  return {
    project(moved) {
      const members = constant(member, moved, [groups.length, mean.length])
      const perGroup = (x: Tensor) => matmul(x, swapLast(members))
      const perFeature = (x: Tensor) => matmul(x, members)
      const [offset, spread] = [constant(mean, moved), constant(deviation, moved)]
      const levels = add(mul(moved, spread), offset)
      const lowered = (active: Tensor) => {
        const kept = cast(active, moved.dtype)
        const threshold = div(sub(perGroup(mul(levels, kept)), 1), maximum(perGroup(mul(square(spread), kept)), 1e-12))
        return sub(levels, mul(perFeature(threshold), square(spread)))
      }
      // Each round leaves out a level at least, in every group that is not done.
      const { carry: active } = scan(
        (active: Tensor) => ({ carry: logicalAnd(active, greater(lowered(active), 0)), output: [] }),
        cast(onesLike(levels), 'bool'),
        [],
        { length: Math.max(...groups.map(({ length }) => length)) },
      )
      const positive = maximum(levels, 0)
      const tooMuch = logicalOr(greater(constant(complete.map(Number), moved), 0), greater(perGroup(positive), 1))
      const mixed = where(greater(perFeature(cast(tooMuch, moved.dtype)), 0), maximum(lowered(active), 0), positive)
      return where(greater(constant(grouped, moved), 0), div(sub(mixed, offset), spread), moved)
    },
  }
}

/**
 * The groups of features named `column=level`, as a table's reader names them.
 *
 * @example
 * groupsOf(['age', 'colour=red', 'colour=blue']) // [[1, 2]]
 */
export function groupsOf(names: readonly string[]): number[][] {
  const groups = new Map<string, number[]>()
  for (const [i, name] of names.entries()) {
    const end = name.indexOf('=')
    if (end >= 0) groups.set(name.slice(0, end), [...(groups.get(name.slice(0, end)) ?? []), i])
  }
  return [...groups.values()]
}
