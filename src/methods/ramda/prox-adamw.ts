import {
  add,
  cast,
  div,
  fromArray,
  leavesWithPaths,
  mapTree,
  mul,
  ndarray,
  power,
  scalar,
  sqrt,
  square,
  sub,
  type Tensor,
  unflatten,
  zerosLike,
} from '../../engine/index.ts'
import type { Optimizer } from '../../optim/optimizer.ts'
import { solverReport } from './dual-averaging.ts'
import { checkedRegularizer, planLeaf, type Regularizer } from './regularizer.ts'
import { checkedSchedule, require, type ScheduleOptions, staged } from './schedule.ts'
import { checkedSubproblem, type Subproblem, type SubproblemOptions, type SubproblemSolution, solve, unregularized } from './subproblem.ts'

export interface ProxAdamWOptions extends ScheduleOptions {
  readonly regularizer?: Regularizer
  /** `pg`: ProxGen with the paper's solver; `exact`: ProxSSI. */
  readonly subproblem?: SubproblemOptions
  /** Decay rates of the two moments. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number]
  /** Default 1e-8. */
  readonly epsilon?: number
  /** Decoupled: W ← (1 − η · weightDecay) W before the step. Default 0. */
  readonly weightDecay?: number
}

export interface ProxAdamWState {
  /** int32 */
  readonly step: Tensor
  readonly m: unknown
  readonly v: unknown
}

/**
 * Proximal AdamW (ProxGen, Yun et al. 2021): W ← argmin of η ⟨m̂, W − W′⟩ + ½ ⟨W − W′, D (W − W′)⟩ + η ψ(W) with D = √v̂ + ε. Without a
 * regularizer it is AdamW.
 */
export function proxAdamW(options: ProxAdamWOptions): Optimizer<ProxAdamWState> {
  const { regularizer, subproblem, betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0 } = options
  const name = 'proxAdamW'
  const schedule = checkedSchedule(name, options)
  require(name, betas.length === 2 &&
    betas.every((beta) => beta >= 0 && beta < 1), `betas are ${betas.join(', ')}`, 'give two numbers in [0, 1)')
  require(name, epsilon >= 0 && Number.isFinite(epsilon), `epsilon is ${epsilon}`, 'give a number of at least 0')
  require(name, weightDecay >= 0 && Number.isFinite(weightDecay), `weightDecay is ${weightDecay}`, 'give a number of at least 0')
  const checked = regularizer && checkedRegularizer(regularizer)
  const solver = checkedSubproblem(subproblem)
  const [b1, b2] = betas
  return {
    name,
    init: (params) => ({
      step: fromArray(ndarray(new Int32Array(1), [], 'int32')),
      m: mapTree(params, zerosLike),
      v: mapTree(params, zerosLike),
    }),
    update({ gradients, state, params }) {
      const step = add(state.step, 1)
      const rate = staged(schedule.learningRate, schedule, state.step)
      const count = cast(step, 'float64')
      const correction = (beta: number) => sub(1, power(scalar(beta, 'float64'), count))
      const columns = [params, gradients, state.m, state.v].map((tree) => leavesWithPaths(tree))
      const solutions: SubproblemSolution[] = []
      let groups = 0
      const leaves = columns[0].map(([path], k) => {
        const [w, g, m0, v0] = columns.map((column) => column[k][1] as Tensor)
        const m = add(mul(m0, b1), mul(g, 1 - b1))
        const v = add(mul(v0, b2), mul(square(g), 1 - b2))
        const linear = mul(m, cast(div(rate, correction(b1)), w.dtype))
        const diagonal = add(sqrt(div(v, cast(correction(b2), w.dtype))), epsilon)
        const anchor = weightDecay > 0 ? mul(w, cast(sub(1, mul(rate, weightDecay)), w.dtype)) : w
        const problem: Subproblem = { linear, diagonal, anchor, start: w, scale: rate }
        const plan = checked && checked.lambda > 0 ? planLeaf(checked, path, w.shape) : null
        if (!plan) return { m, v, next: unregularized(problem) }
        const solved = solve(plan, problem, solver)
        solutions.push(solved)
        groups += plan.groups
        return { m, v, next: solved.solution }
      })
      const tree = (pick: (leaf: (typeof leaves)[number]) => Tensor) => unflatten(params, leaves.map(pick))
      return {
        params: tree(({ next }) => next) as typeof params,
        state: { step, m: tree(({ m }) => m), v: tree(({ v }) => v) },
        report: solverReport(solutions, groups),
      }
    },
  }
}
