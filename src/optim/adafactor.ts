import {
  add,
  cast,
  div,
  expandDims,
  mapTree,
  maximum,
  mean,
  mul,
  power,
  rsqrt,
  scalar,
  sqrt,
  square,
  sub,
  type Tensor,
  zeros,
  zerosLike,
  zipTrees,
} from '../engine/index.ts'
import { requireBelowOne, requireNotNegative, requirePositive } from './checks.ts'
import { type Decays, decayOf } from './decay.ts'
import type { Optimizer } from './optimizer.ts'
import { learningRateAt, type Rate } from './schedule.ts'

export interface AdafactorOptions {
  readonly learningRate: Rate
  /** The second moment's decay at step t is 1 − t^decayRate. */
  readonly decayRate?: number
  /** The root mean square that an update may have. */
  readonly clipThreshold?: number
  /** Added to squared gradients; the least scale of a parameter. */
  readonly epsilon?: readonly [squares: number, scale: number]
  /** Decay of a first moment; none is kept without it. */
  readonly beta1?: number
  readonly weightDecay?: number
  /** Which parameters decay. Default: all. */
  readonly decays?: Decays
  /** Multiplies each parameter's rate by its root mean square. */
  readonly scaleParameter?: boolean
}

/** What is kept of the squares of a parameter's gradients: for matrices means of rows [.., r] and of columns [.., c], else all of them. */
type Squares = { rows: Tensor; columns: Tensor } | { all: Tensor }

interface Moments {
  count: Tensor
  squares: Squares
  mean?: Tensor
}

interface AdafactorState {
  step: Tensor
  /** A list in the order of the parameters. */
  moments: Moments[]
}

/**
 * Adafactor (Shazeer & Stern 2018) in the form that Hugging Face's trainer runs: no scaling by the parameter and no relative step unless asked for. Its
 * memory is a row and a column for each matrix. Parameters count their own steps.
 *
 * @example
 * const optimizer = adafactor({ learningRate: 1e-3 })
 */
export function adafactor({
  learningRate,
  decayRate = -0.8,
  clipThreshold = 1,
  epsilon: [floor, leastScale] = [1e-30, 1e-3],
  beta1,
  weightDecay = 0,
  decays,
  scaleParameter = false,
}: AdafactorOptions): Optimizer<AdafactorState> {
  if (typeof learningRate === 'number') requirePositive('adafactor', 'learningRate', learningRate)
  requirePositive('adafactor', '-decayRate', -decayRate)
  requirePositive('adafactor', 'clipThreshold', clipThreshold)
  for (const [name, value] of Object.entries({ floor, leastScale, weightDecay })) requireNotNegative('adafactor', name, value)
  if (beta1 !== undefined) requireBelowOne('adafactor', 'beta1', beta1)

  const init = (w: Tensor): Moments => ({
    count: scalar(0),
    squares: isMatrix(w) ? { rows: meansLike(w, -1), columns: meansLike(w, -2) } : { all: zerosLike(w) },
    ...(beta1 !== undefined && { mean: zerosLike(w) }),
  })

  /** A parameter after one step at this rate, and its moments. */
  const updated = (w: Tensor, g: Tensor, old: Moments, rate: Tensor, decay: number): { w: Tensor; moments: Moments } => {
    const count = add(old.count, 1)
    const kept = cast(sub(1, power(count, decayRate)), w.dtype)
    const squares = movedSquares(old.squares, add(square(g), floor), kept)
    const direction = mul(g, inverseRoot(squares))
    const clipped = div(direction, maximum(1, div(rootMeanSquare(direction), clipThreshold)))
    const own = cast(rate, w.dtype)
    const step = mul(clipped, scaleParameter ? mul(own, maximum(rootMeanSquare(w), leastScale)) : own)
    const moved = old.mean && beta1 !== undefined ? add(mul(old.mean, beta1), mul(step, 1 - beta1)) : step
    const decayed = decay > 0 ? mul(w, sub(1, mul(own, decay))) : w
    return { w: sub(decayed, moved), moments: { count, squares, ...(old.mean && { mean: moved }) } }
  }

  return {
    name: 'adafactor',
    init(params) {
      const moments: Moments[] = []
      mapTree(params, (w: Tensor) => moments.push(init(w)))
      return { step: scalar(0), moments }
    },
    update({ gradients, state, params }) {
      const rate = learningRateAt(learningRate, state.step)
      const moments: Moments[] = []
      const next = zipTrees([params, gradients, decayOf(params, weightDecay, decays)], (w: Tensor, g: Tensor, decay: number) => {
        const result = updated(w, g, state.moments[moments.length], rate, decay)
        moments.push(result.moments)
        return result.w
      })
      return { params: next as typeof params, state: { step: add(state.step, 1), moments } }
    },
  }
}

const isMatrix = ({ shape }: Tensor): boolean => shape.length >= 2

const meansLike = ({ shape, dtype }: Tensor, axis: number): Tensor =>
  zeros(
    shape.filter((_, i) => i !== shape.length + axis),
    dtype,
  )

const rootMeanSquare = (x: Tensor): Tensor => sqrt(mean(square(x)))

function movedSquares(old: Squares, squares: Tensor, kept: Tensor): Squares {
  const moved = (before: Tensor, now: Tensor) => add(mul(before, kept), mul(now, sub(1, kept)))
  if ('all' in old) return { all: moved(old.all, squares) }
  return { rows: moved(old.rows, mean(squares, { axes: [-1] })), columns: moved(old.columns, mean(squares, { axes: [-2] })) }
}

/** 1 / √(R C / mean R) */
function inverseRoot(squares: Squares): Tensor {
  if ('all' in squares) return rsqrt(squares.all)
  const { rows, columns } = squares
  return mul(expandDims(rsqrt(div(rows, mean(rows, { axes: [-1], keepDims: true }))), -1), expandDims(rsqrt(columns), -2))
}
