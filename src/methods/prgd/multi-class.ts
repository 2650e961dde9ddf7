import { abs, add, cast, div, greater, matmul, mul, sub, type Tensor, tensor } from '../../engine/index.ts'

/** How several classes are told apart by planes that each tell two: every class from all others, or every pair. */
export const multiClassNames = ['oneVsRest', 'pairwise'] as const
export type MultiClass = (typeof multiClassNames)[number]

/** Which classes, by index, one plane tells apart; without a negative, the positive one from all others. */
export interface Problem {
  readonly positive: number
  readonly negative?: number
}

/** The planes that so many classes need. */
export function problemsOf(classes: number, scheme: MultiClass): Problem[] {
  const all = Array.from({ length: classes }, (_, i) => i)
  if (scheme === 'oneVsRest') return all.map((positive) => ({ positive }))
  return all.flatMap((positive) => all.slice(positive + 1).map((negative) => ({ positive, negative })))
}

/**
 * Signed distances to the planes [n, problems] as one logit a class [n, classes]. One against the rest: the distances themselves. Pairs: the votes of each
 * class, and as a fraction of a vote below ½ the sum of its distances, so that equal votes are decided (Hsu & Lin 2002; scikit-learn does the same).
 */
export function logitsOf(distances: Tensor, problems: readonly Problem[], classes: number): Tensor {
  if (problems.every(({ negative }) => negative === undefined)) return distances
  const per = (value: (problem: Problem, k: number) => number): Tensor =>
    tensor(problems.map((problem) => Array.from({ length: classes }, (_, k) => value(problem, k))))
  const [forPositive, forNegative] = [per(({ positive }, k) => Number(positive === k)), per(({ negative }, k) => Number(negative === k))]
  const isPositive = cast(greater(distances, 0), distances.dtype)
  const votes = add(matmul(isPositive, forPositive), matmul(sub(1, isPositive), forNegative))
  const sums = matmul(distances, sub(forPositive, forNegative))
  return add(votes, div(sums, mul(add(abs(sums), 1), 3)))
}
