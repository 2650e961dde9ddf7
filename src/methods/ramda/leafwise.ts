import { add, cast, div, leavesWithPaths, maximum, scalar, type Tensor, unflatten } from '../../engine/index.ts'
import { checkedRegularizer, type LeafPlan, planLeaf, type Regularizer } from './regularizer.ts'
import type { SubproblemSolution } from './subproblem.ts'

/** What a solver says of one tensor. */
export type SolverFacts = Pick<SubproblemSolution, 'iterations' | 'zeroGroups'>

/** An InputError where a regularizer cannot be used; one that weighs nothing is none. */
export const activeRegularizer = (regularizer: Regularizer | undefined): Regularizer | undefined =>
  regularizer && checkedRegularizer(regularizer).lambda > 0 ? regularizer : undefined

/**
 * Updates trees of one structure leaf by leaf: `update` gets the leaf of each tree, and what the regularizer does to it. Gives the next trees, and
 * the scalars that the solver reports of all leaves.
 */
export function leafwise<P, Leaf extends { readonly solved?: SolverFacts }>(
  trees: readonly [P, ...unknown[]],
  regularizer: Regularizer | undefined,
  update: (leaves: readonly Tensor[], plan: LeafPlan | null) => Leaf,
): { tree(pick: (leaf: Leaf) => Tensor): P; report: Record<string, Tensor> } {
  const columns = trees.map((tree) => leavesWithPaths(tree))
  const solved: SolverFacts[] = []
  let groups = 0
  const leaves = columns[0].map(([path], k) => {
    const tensors = columns.map((column) => column[k][1] as Tensor)
    const plan = regularizer ? planLeaf(regularizer, path, tensors[0].shape) : null
    const leaf = update(tensors, plan)
    if (plan && leaf.solved) {
      solved.push(leaf.solved)
      groups += plan.groups
    }
    return leaf
  })
  return { tree: (pick) => unflatten(trees[0], leaves.map(pick)) as P, report: solverReport(solved, groups) }
}

/** The most PG iterations that a tensor took, and the share of groups that are zero in the subproblem's solution. */
function solverReport(solved: readonly SolverFacts[], groups: number): Record<string, Tensor> {
  if (solved.length === 0) return {}
  const zero = solved.map(({ zeroGroups }) => zeroGroups).reduce((a, b) => add(a, b))
  return {
    pgIterations: solved.map(({ iterations }) => iterations).reduce((a, b) => maximum(a, b)),
    zeroGroups: div(cast(zero, 'float32'), scalar(groups)),
  }
}
