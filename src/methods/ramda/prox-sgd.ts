import {
  add,
  cast,
  fromArray,
  leavesWithPaths,
  mapTree,
  mul,
  ndarray,
  scalar,
  sub,
  type Tensor,
  unflatten,
  zerosLike,
} from '../../engine/index.ts'
import type { Optimizer } from '../../optim/optimizer.ts'
import { solverReport } from './dual-averaging.ts'
import { checkedRegularizer, countedProx, planLeaf, type Regularizer } from './regularizer.ts'
import { checkedSchedule, require, type ScheduleOptions, staged } from './schedule.ts'

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

/** Proximal SGD with unit averaging: m ← (1 − b) m + b g, W ← prox of η ψ at W − η m. */
export function proxSgd({ regularizer, momentum = 0.1, ...options }: ProxSgdOptions): Optimizer<ProxSgdState> {
  const schedule = checkedSchedule('proxSgd', options)
  require('proxSgd', momentum > 0 && momentum <= 1, `momentum is ${momentum}`, 'give a number in (0, 1]')
  const checked = regularizer && checkedRegularizer(regularizer)
  return {
    name: 'proxSgd',
    init: (params) => ({ step: fromArray(ndarray(new Int32Array(1), [], 'int32')), m: mapTree(params, zerosLike) }),
    update({ gradients, state, params }) {
      const rate = staged(schedule.learningRate, schedule, state.step)
      const columns = [params, gradients, state.m].map((tree) => leavesWithPaths(tree))
      const solutions: { iterations: Tensor; zeroGroups: Tensor }[] = []
      let groups = 0
      const leaves = columns[0].map(([path], k) => {
        const [w, g, before] = columns.map((column) => column[k][1] as Tensor)
        const m = add(mul(before, 1 - momentum), mul(g, momentum))
        const moved = sub(w, mul(cast(rate, w.dtype), m))
        const plan = checked && planLeaf(checked, path, w.shape)
        if (!plan) return { m, next: moved }
        const { value, zeroGroups } = countedProx(plan, moved, rate)
        solutions.push({ iterations: scalar(1, 'int32'), zeroGroups })
        groups += plan.groups
        return { m, next: value }
      })
      return {
        params: unflatten(
          params,
          leaves.map(({ next }) => next),
        ),
        state: {
          step: add(state.step, 1),
          m: unflatten(
            params,
            leaves.map(({ m }) => m),
          ),
        },
        report: solverReport(solutions, groups),
      }
    },
  }
}
