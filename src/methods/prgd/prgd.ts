import {
  add,
  cast,
  div,
  equal,
  floorDiv,
  greaterEqual,
  leaves,
  logicalAnd,
  mapTree,
  minimum,
  mul,
  remainder,
  scalar,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  where,
  zipTrees,
} from '../../engine/index.ts'
import { learningRateAt, type Optimizer, type Rate, requirePositive } from '../../optim/index.ts'
import type { Rescaling } from './schedule.ts'

export interface PrgdOptions extends Rescaling {
  /** η. */
  readonly learningRate: Rate
}

export interface PrgdState {
  /** Steps taken, int32. */
  readonly step: Tensor
  /** R₀: ‖w‖ at the end of the warm-up, 0 before. */
  readonly start: Tensor
}

/**
 * Progressive rescaling gradient descent (Wang, Min & Wu 2024). All parameters together are one vector w, which takes gradient steps projected onto
 * the ball of radius R_k; at the beginning of stage k it is rescaled to that radius. The loss to hand over is log L: its gradient is the
 * normalized gradient ∇L/L. The warm-up is plain normalized gradient descent.
 *
 * A rescaling comes with the step before its stage, since the stage's first gradient is taken at the rescaled point.
 *
 * @example
 * const optimizer = prgd({ learningRate: 1, ...rescaling({ kind: 'exponential', rho: 1.2, interval: 5 }, { warmup: 100, steps: 1000 }) })
 */
export function prgd({ learningRate, warmup, interval, growth }: PrgdOptions): Optimizer<PrgdState> {
  if (typeof learningRate === 'number') requirePositive('prgd', 'learningRate', learningRate)
  return {
    name: 'prgd',
    init: () => ({ step: scalar(0, 'int32'), start: scalar(0, 'float64') }),
    update({ gradients, state, params }) {
      const [{ dtype }] = leaves(params) as Tensor[]
      const eta = cast(
        typeof learningRate === 'number' ? scalar(learningRate, 'float64') : learningRateAt(learningRate, state.step),
        'float64',
      )
      const moved = zipTrees([params, gradients], (w: Tensor, g: Tensor) => sub(w, mul(g, cast(eta, w.dtype)))) as typeof params
      const length = wholeNorm(moved)

      const now = sub(state.step, warmup)
      const next = add(now, 1)
      const stageOf = (position: Tensor) => cast(floorDiv(position, interval), 'float64')
      const radiusAt = (position: Tensor, start: Tensor) => minimum(mul(start, growth(stageOf(position))), mul(eta, largestRadius(dtype)))
      const projected = where(greaterEqual(now, 0), minimum(length, radiusAt(now, state.start)), length)
      const start = where(equal(next, 0), projected, state.start)
      const begins = logicalAnd(greaterEqual(next, 0), equal(remainder(next, interval), 0))
      const target = where(begins, radiusAt(next, start), projected)

      const factor = where(equal(length, 0), scalar(1, 'float64'), div(target, length))
      return {
        params: mapTree(moved, (w: Tensor) => mul(w, cast(factor, w.dtype))) as typeof params,
        state: { step: add(state.step, 1), start },
        report: { radius: target },
      }
    },
  }
}

/** ‖w‖ of all leaves as one vector, float64. */
export const wholeNorm = (tree: unknown): Tensor =>
  sqrt((leaves(tree as object) as Tensor[]).map((w) => sum(square(cast(w, 'float64')))).reduce((a, b) => add(a, b)))

const epsilon = { float32: 2 ** -23, float64: 2 ** -52 }

/** Beyond this many step sizes a step is lost in the rounding of w; the radius stops growing there. */
export const largestRadius = (dtype: Tensor['dtype']): number => 2 ** -4 / epsilon[dtype === 'float64' ? 'float64' : 'float32']
