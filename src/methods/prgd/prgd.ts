import {
  add,
  cast,
  div,
  equal,
  floorDiv,
  greater,
  greaterEqual,
  leaves,
  leavesWithPaths,
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
  valueAndGrad,
  where,
  zipTrees,
} from '../../engine/index.ts'
import { learningRateAt, type Optimizer, type Rate, require, requirePositive } from '../../optim/index.ts'
import type { Rescaling } from './schedule.ts'

export interface PrgdOptions extends Rescaling {
  /** η. */
  readonly learningRate: Rate
  /**
   * What the loss is that is handed over: `logarithm` (default), log L itself; or `plain`, L > 0, whose logarithm is then differentiated, ∇L/L. Prefer the
   * logarithm: L vanishes in rounding once all examples are right by far (a float32 cross-entropy at margins of some 17), and training stops there.
   */
  readonly loss?: 'logarithm' | 'plain'
  /** Which parameters are the vector whose norm is rescaled: all (default), those of the last layer, or those at chosen paths. Others take plain normalized steps. */
  readonly params?: 'all' | 'lastLayer' | ((path: string) => boolean)
}

export interface PrgdState {
  /** Steps taken, int32. */
  readonly step: Tensor
  /** R₀: ‖w‖ at the end of the warm-up, 0 before. */
  readonly start: Tensor
}

/**
 * Progressive rescaling gradient descent (Wang, Min & Wu 2024). The parameters together are one vector w, which takes gradient steps projected onto
 * the ball of radius R_k; at the beginning of stage k it is rescaled to that radius. The gradient is that of log L, the normalized gradient ∇L/L.
 * The warm-up is plain normalized gradient descent.
 *
 * A rescaling comes with the step before its stage, since the stage's first gradient is taken at the rescaled point.
 *
 * @example
 * const optimizer = prgd({ learningRate: 1, ...rescaling({ kind: 'exponential', rho: 1.2, interval: 5 }, { warmup: 100, steps: 1000 }) })
 */
export function prgd({
  learningRate,
  warmup,
  interval,
  growth,
  loss = 'logarithm',
  params: chosen = 'all',
}: PrgdOptions): Optimizer<PrgdState> {
  if (typeof learningRate === 'number') requirePositive('prgd', 'learningRate', learningRate)
  return {
    name: 'prgd',
    ...(loss === 'plain' && logarithmOfPlainLoss),
    init: () => ({ step: scalar(0, 'int32'), start: scalar(0, 'float64') }),
    update({ gradients, state, params }) {
      const [{ dtype }] = leaves(params) as Tensor[]
      const eta = cast(
        typeof learningRate === 'number' ? scalar(learningRate, 'float64') : learningRateAt(learningRate, state.step),
        'float64',
      )
      const moved = zipTrees([params, gradients], (w: Tensor, g: Tensor) => sub(w, mul(g, cast(eta, w.dtype)))) as typeof params
      const isRescaled = rescaledPaths(moved, chosen)
      const rescaled = leavesWithPaths(moved).flatMap(([path, w]) => (isRescaled(path) ? [w] : []))
      require('prgd', rescaled.length > 0, 'no parameter is chosen to be rescaled', 'choose at least one path')
      const length = wholeNorm(rescaled)

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
        params: mapTree(moved, (w: Tensor, path) => (isRescaled(path) ? mul(w, cast(factor, w.dtype)) : w)) as typeof params,
        state: { step: add(state.step, 1), start },
        report: { radius: target },
      }
    },
  }
}

/** Differentiates log L where L is handed over. */
const logarithmOfPlainLoss: Pick<Optimizer<PrgdState>, 'differentiate' | 'explain'> = {
  differentiate(loss, { params }) {
    const found = valueAndGrad(loss)(params)
    // A loss of 0 or below has no logarithm: its gradient is made NaN, so that the step stops and explains.
    const divisor = where(greater(found.value, 0), found.value, scalar(Number.NaN, found.value.dtype))
    return { ...found, gradient: mapTree(found.gradient, (g: Tensor) => div(g, cast(divisor, g.dtype))) as typeof params }
  },
  explain: (loss) =>
    loss > 0
      ? undefined
      : {
          what:
            loss === 0
              ? 'it has vanished in rounding, so that it has no logarithm for prgd to go down: every example is right by more than its dtype can tell'
              : 'prgd goes down the logarithm of the loss, and a negative one has none',
          fix: "stop before, or hand over log L itself with loss: 'logarithm', computed by logSumExp",
        },
}

/** Whether a leaf belongs to the vector that is rescaled. */
function rescaledPaths(params: unknown, chosen: NonNullable<PrgdOptions['params']>): (path: string) => boolean {
  if (typeof chosen === 'function') return chosen
  if (chosen === 'all') return () => true
  const last = leavesWithPaths(params).at(-1)![0]
  // `layers.2` of `layers.2.weight`; where layers are named, the first name.
  const layer = /^(.*\.)?\d+(?=\.|$)/.exec(last)?.[0] ?? last.split('.')[0]
  return (path) => path === layer || path.startsWith(`${layer}.`)
}

/** ‖w‖ of all leaves as one vector, float64. */
export const wholeNorm = (tree: unknown): Tensor =>
  sqrt((leaves(tree as object) as Tensor[]).map((w) => sum(square(cast(w, 'float64')))).reduce((a, b) => add(a, b)))

const epsilon = { float32: 2 ** -23, float64: 2 ** -52 }

/** Beyond this many step sizes a step is lost in the rounding of w; the radius stops growing there. */
export const largestRadius = (dtype: Tensor['dtype']): number => 2 ** -4 / epsilon[dtype === 'float64' ? 'float64' : 'float32']
