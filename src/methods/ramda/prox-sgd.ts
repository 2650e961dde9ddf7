import { add, cast, fromArray, mapTree, mul, ndarray, scalar, sub, type Tensor, zerosLike } from '../../engine/index.ts'
import { type Optimizer, require } from '../../optim/index.ts'
import { activeRegularizer, leafwise } from './leafwise.ts'
import { countedProx, type Regularizer } from './regularizer.ts'
import { checkedSchedule, type ScheduleOptions, staged } from './schedule.ts'

export interface ProxSgdOptions extends ScheduleOptions {
  readonly regularizer?: Regularizer
  /** b of m ← (1 − b) m + b g. Default 0.1. */
  readonly momentum?: number
}

export interface ProxSgdState {
  /** int32 */
  readonly step: Tensor
  readonly m: unknown
}

/**
 * Proximal SGD with unit averaging: m ← (1 − b) m + b g, W ← prox of η ψ at W − η m.
 *
 * @example
 * proxSgd({ learningRate: 0.1, regularizer: l1(1e-3) }).name // 'proxSgd'
 */
export function proxSgd({ regularizer, momentum = 0.1, ...options }: ProxSgdOptions): Optimizer<ProxSgdState> {
  const schedule = checkedSchedule('proxSgd', options)
  require('proxSgd', momentum > 0 && momentum <= 1, `momentum is ${momentum}`, 'give a number in (0, 1]')
  const penalty = activeRegularizer(regularizer)
  return {
    name: 'proxSgd',
    init: (params) => ({ step: fromArray(ndarray(new Int32Array(1), [], 'int32')), m: mapTree(params, zerosLike) }),
    update({ gradients, state, params }) {
      const rate = staged(schedule.learningRate, schedule, state.step)
      const { tree, report } = leafwise([params, gradients, state.m], penalty, ([w, g, before], plan) => {
        const m = add(mul(before, 1 - momentum), mul(g, momentum))
        const moved = sub(w, mul(cast(rate, w.dtype), m))
        if (!plan) return { m, next: moved }
        const { value, zeroGroups } = countedProx(plan, moved, rate)
        return { m, next: value, solved: { iterations: scalar(1, 'int32'), zeroGroups } }
      })
      return { params: tree(({ next }) => next), state: { step: add(state.step, 1), m: tree(({ m }) => m) }, report }
    },
  }
}
