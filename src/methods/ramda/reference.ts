import { add, cast, fromArray, mapTree, mul, ndarray, sub, type Tensor, zerosLike, zipTrees } from '../../engine/index.ts'
import type { Optimizer } from '../../optim/optimizer.ts'
import { type ProxAdamWOptions, type ProxAdamWState, proxAdamW } from './prox-adamw.ts'
import { checkedSchedule, require, type ScheduleOptions, staged } from './schedule.ts'

/*
 * What the regularized optimizers are compared with: the same schedules, no regularizer. Both ignore a `regularizer` that they are given.
 */

export interface MsgdOptions extends ScheduleOptions {
  /** Default 0.9. */
  readonly momentum?: number
  /** Added to the gradient as weightDecay · W. Default 0. */
  readonly weightDecay?: number
}

export interface MsgdState {
  /** int32 */
  readonly step: Tensor
  readonly m: unknown
}

/** SGD with momentum: m ← μ m + g, W ← W − η m. */
export function msgd({ momentum = 0.9, weightDecay = 0, ...options }: MsgdOptions): Optimizer<MsgdState> {
  const schedule = checkedSchedule('msgd', options)
  require('msgd', momentum >= 0 && momentum < 1, `momentum is ${momentum}`, 'give a number in [0, 1)')
  require('msgd', weightDecay >= 0 && Number.isFinite(weightDecay), `weightDecay is ${weightDecay}`, 'give a number of at least 0')
  return {
    name: 'msgd',
    init: (params) => ({ step: fromArray(ndarray(new Int32Array(1), [], 'int32')), m: mapTree(params, zerosLike) }),
    update({ gradients, state, params }) {
      const rate = staged(schedule.learningRate, schedule, state.step)
      const m = zipTrees<typeof params>([state.m, gradients, params], (before: Tensor, g: Tensor, w: Tensor) =>
        add(mul(before, momentum), weightDecay > 0 ? add(g, mul(w, weightDecay)) : g),
      )
      const next = zipTrees<typeof params>([params, m], (w: Tensor, m: Tensor) => sub(w, mul(cast(rate, w.dtype), m)))
      return { params: next, state: { step: add(state.step, 1), m } }
    },
  }
}

/** AdamW: Adam with decoupled weight decay. */
export const adamW = (options: Omit<ProxAdamWOptions, 'subproblem'>): Optimizer<ProxAdamWState> => ({
  ...proxAdamW({ ...options, regularizer: undefined }),
  name: 'adamW',
})
