import {
  add,
  cast,
  div,
  fromArray,
  mapTree,
  mul,
  ndarray,
  power,
  scalar,
  sqrt,
  square,
  sub,
  type Tensor,
  zerosLike,
} from '../../engine/index.ts'
import { type Optimizer, require, requireNotNegative } from '../../optim/index.ts'
import { activeRegularizer, leafwise } from './leafwise.ts'
import type { Regularizer } from './regularizer.ts'
import { checkedSchedule, type ScheduleOptions, staged } from './schedule.ts'
import { checkedSubproblem, type Subproblem, type SubproblemOptions, solve, unregularized } from './subproblem.ts'

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
 *
 * @example
 * proxAdamW({ learningRate: 1e-3, regularizer: groupLasso(1e-3) }).name // 'proxAdamW'
 */
export function proxAdamW(options: ProxAdamWOptions): Optimizer<ProxAdamWState> {
  const { regularizer, subproblem, betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0 } = options
  const name = 'proxAdamW'
  const schedule = checkedSchedule(name, options)
  const [b1, b2] = betas
  require(name, [b1, b2].every((beta) => beta >= 0 && beta < 1), `betas are ${betas.join(', ')}`, 'give two numbers in [0, 1)')
  requireNotNegative(name, 'epsilon', epsilon)
  requireNotNegative(name, 'weightDecay', weightDecay)
  const penalty = activeRegularizer(regularizer)
  const solver = checkedSubproblem(subproblem)
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
      const { tree, report } = leafwise([params, gradients, state.m, state.v], penalty, ([w, g, m0, v0], plan) => {
        const m = add(mul(m0, b1), mul(g, 1 - b1))
        const v = add(mul(v0, b2), mul(square(g), 1 - b2))
        const linear = mul(m, cast(div(rate, correction(b1)), w.dtype))
        const diagonal = add(sqrt(div(v, cast(correction(b2), w.dtype))), epsilon)
        const anchor = weightDecay > 0 ? mul(w, cast(sub(1, mul(rate, weightDecay)), w.dtype)) : w
        const problem: Subproblem = { linear, diagonal, anchor, start: w, scale: rate }
        if (!plan) return { m, v, next: unregularized(problem) }
        const solved = solve(plan, problem, solver)
        return { m, v, next: solved.solution, solved }
      })
      return { params: tree(({ next }) => next), state: { step, m: tree(({ m }) => m), v: tree(({ v }) => v) }, report }
    },
  }
}
