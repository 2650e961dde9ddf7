import {
  add,
  cast,
  div,
  exp,
  fromArray,
  log,
  mapTree,
  mul,
  ndarray,
  scalar,
  sqrt,
  square,
  sub,
  type Tensor,
  where,
  zerosLike,
} from '../../engine/index.ts'
import { type Optimizer, require, requireNotNegative } from '../../optim/index.ts'
import { activeRegularizer, leafwise } from './leafwise.ts'
import { countedProx, type LeafPlan, type Regularizer } from './regularizer.ts'
import { checkedSchedule, endsStage, mixing, type ScheduleOptions, staged } from './schedule.ts'
import { checkedSubproblem, type Subproblem, type SubproblemOptions, type SubproblemSolution, solve, unregularized } from './subproblem.ts'

export interface DualAveragingOptions extends ScheduleOptions {
  /** c: how far an iterate moves towards the solution What of the subproblem. In (0, 1]; default 0.1. */
  readonly momentum?: number
  readonly regularizer?: Regularizer
  /** Whether c grows to 1 in the last stage, so that the final iterate is What and has its exact zeros. Default true. */
  readonly finalRamp?: boolean
  /** Whether a milestone begins anew: W₀ ← W, V, U, α, t ← 0. Default true. */
  readonly restart?: boolean
}

/** Sums of the stage so far. Trees are like the parameters. */
export interface DualAveragingState {
  /** Steps taken since the start of training, int32. */
  readonly step: Tensor
  /** Steps taken in this stage, int32. */
  readonly t: Tensor
  /** α = Σ s, float64 */
  readonly alpha: Tensor
  /** W₀, where the stage began */
  readonly anchor: unknown
  /** V = Σ s G */
  readonly gradientSum: unknown
  /** U = Σ s G², in RAMDA */
  readonly squareSum: unknown
  /** What, the solution of the last subproblem: it has the exact zeros, even while c < 1. */
  readonly solution: unknown
}

/** The sparse solution What_t of the last step. */
export const solutionOf = <P>(state: DualAveragingState): P => state.solution as P

/** What sets RAMDA, RMDA and the controls apart. */
interface Variant extends DualAveragingOptions {
  readonly name: string
  /** ε of the preconditioner ∛U + ε; null for the scalar √t of RMDA. */
  readonly epsilon: number | null
  readonly subproblem?: SubproblemOptions
  readonly dualAveraging?: boolean
  readonly accumulateRegularizer?: boolean
}

/** ∛u for u ≥ 0 (∛0 = 0). Logarithm and exponential are computed for several elements at once, a power is not: it took four times as long. */
const cubeRoot = (u: Tensor): Tensor => exp(div(log(u), 3))

/** A fresh zero with memory of its own. */
const counter = (dtype: 'int32' | 'float64'): Tensor =>
  fromArray(ndarray(dtype === 'int32' ? new Int32Array(1) : new Float64Array(1), [], dtype))

export function dualAveragingOptimizer(variant: Variant): Optimizer<DualAveragingState> {
  const { name, momentum = 0.1, epsilon, finalRamp = true, restart = true, dualAveraging = true, accumulateRegularizer = true } = variant
  const schedule = checkedSchedule(name, variant)
  const { milestones, learningRate } = schedule
  require(name, momentum > 0 && momentum <= 1, `momentum is ${momentum}`, 'give a number in (0, 1]')
  if (epsilon !== null) requireNotNegative(name, 'epsilon', epsilon)
  const penalty = activeRegularizer(variant.regularizer)
  const options = checkedSubproblem(variant.subproblem)

  return {
    name,
    init: (params) => ({
      step: counter('int32'),
      t: counter('int32'),
      alpha: counter('float64'),
      anchor: mapTree(params, (w: Tensor) => add(w, 0)),
      gradientSum: mapTree(params, zerosLike),
      squareSum: epsilon === null ? {} : mapTree(params, zerosLike),
      solution: mapTree(params, (w: Tensor) => add(w, 0)),
    }),
    update({ gradients, state, params }) {
      const step = add(state.step, 1)
      const t = add(state.t, 1)
      const rate = staged(learningRate, schedule, state.step)
      const root = sqrt(cast(t, 'float64'))
      const weight = dualAveraging ? mul(rate, root) : rate
      const alpha = dualAveraging ? add(state.alpha, weight) : weight
      const scale = accumulateRegularizer ? alpha : weight
      const c = mixing(momentum, milestones, finalRamp, state.step)
      const ends = endsStage(milestones, step)
      const over = <T extends Tensor>(next: T): Tensor => (restart && milestones.length > 0 ? where(ends, zerosLike(next), next) : next)

      const trees = [params, gradients, state.anchor, state.gradientSum, epsilon === null ? params : state.squareSum] as const
      const { tree, report } = leafwise(trees, penalty, ([w, g, anchor, sums, squares], plan) => {
        const s = cast(weight, w.dtype)
        const linear = dualAveraging ? add(sums, mul(s, g)) : mul(s, g)
        const squareSum = add(squares, mul(s, square(g)))
        const diagonal =
          epsilon === null ? cast(root, w.dtype) : add(cubeRoot(squareSum), cast(staged(epsilon, schedule, state.step), w.dtype))
        const problem: Subproblem = { linear, diagonal, anchor: dualAveraging ? anchor : w, start: w, scale }
        const solved = plan ? (epsilon === null ? scalarSolve(plan, problem) : solve(plan, problem, options)) : undefined
        const solution = solved ? solved.solution : unregularized(problem)
        const mix = cast(c, w.dtype)
        const next = add(mul(sub(1, mix), w), mul(mix, solution))
        const nextAnchor = !dualAveraging ? next : restart && milestones.length > 0 ? where(ends, next, anchor) : anchor
        return { next, anchor: nextAnchor, gradientSum: over(linear), squareSum: over(squareSum), solution, solved }
      })
      return {
        params: tree((leaf) => leaf.next),
        state: {
          step,
          t: over(t),
          alpha: over(alpha),
          anchor: tree((leaf) => leaf.anchor),
          gradientSum: tree((leaf) => leaf.gradientSum),
          squareSum: epsilon === null ? {} : tree((leaf) => leaf.squareSum),
          solution: tree((leaf) => leaf.solution),
        },
        report,
      }
    },
  }
}

/** The solution where P is one number: a single prox. */
function scalarSolve(plan: LeafPlan, { linear, diagonal, anchor, scale }: Subproblem): SubproblemSolution {
  const center = sub(anchor, div(linear, diagonal))
  const { value, zeroGroups } = countedProx(plan, center, div(scale, cast(diagonal, 'float64')))
  return { solution: value, iterations: scalar(1, 'int32'), zeroGroups }
}
