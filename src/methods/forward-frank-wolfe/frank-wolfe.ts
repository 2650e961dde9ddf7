import {
  add,
  cast,
  leaves,
  leavesWithPaths,
  mapTree,
  minimum,
  mul,
  scalar,
  sizeOf,
  square,
  sub,
  sum,
  type Tensor,
  unflatten,
  zerosLike,
  zipTrees,
} from '../../engine/index.ts'
import { learningRateAt, type Optimizer, type Rate, requirePositive } from '../../optim/index.ts'
import { type Averaging, averagingWeight, checkAveraging } from './averaging.ts'
import { type Constraints, oracleAt } from './constraints.ts'
import type { Lmo } from './lmo.ts'
import { checkStepSize, type StepSize, stepSizeAt } from './step-size.ts'

export interface FrankWolfeOptions {
  readonly constraints: Constraints
  /** Default 'mokhtari'. */
  readonly averaging?: Averaging
  /** Default 'classic'. */
  readonly stepSize?: StepSize
  /** The largest r_k, given the number of parameters d. Default: none. */
  readonly largestWeight?: (d: number) => number
  /** η of the plain steps θ ← θ − η d that free tensors take. Default: a_k. */
  readonly freeRate?: Rate
}

export interface FrankWolfeState {
  /** Steps taken, a float64 scalar. */
  readonly step: Tensor
  /** d, the average of the gradients so far; nothing where none is kept. */
  readonly average: unknown
}

/**
 * Frank-Wolfe (conditional gradient) on averaged stochastic gradients (Mokhtari, Hassani & Karbasi 2020): d ← (1 − r)d + r g, s = argmin over C of
 * ⟨s, d⟩, θ ← θ + a(s − θ). An iterate is a convex combination of points of C and needs no projection; it must start in C.
 *
 * @throws InputError for sets, averagings and step sizes that there are not.
 * @example
 * const exact = frankWolfe({ constraints: { kind: 'l1', radius: 150 }, averaging: { momentum: 0.9 } })
 */
export function frankWolfe(options: FrankWolfeOptions): Optimizer<FrankWolfeState> {
  const { constraints, averaging = 'mokhtari', stepSize = 'classic', freeRate, largestWeight = () => 1 } = options
  checkAveraging('frankWolfe', averaging)
  checkStepSize('frankWolfe', stepSize)
  if (typeof freeRate === 'number') requirePositive('frankWolfe', 'freeRate', freeRate)
  return {
    name: 'frankWolfe',
    init: (params) => ({
      step: scalar(0, 'float64'),
      average: averaging === 'none' ? [] : mapTree(params, (w: Tensor) => zerosLike(w)),
    }),
    update({ gradients, state, params }) {
      const k = state.step
      const average =
        averaging === 'none'
          ? gradients
          : averaged(state.average, gradients, minimum(averagingWeight(averaging, k), largestWeight(sizeOfTree(params))))
      const directions = leaves(average) as Tensor[]
      const moves = leavesWithPaths(params).map(([path, w], i) =>
        moveOf(oracleAt(constraints, path, w as Tensor), w as Tensor, directions[i]),
      )
      const a = stepSizeAt(stepSize, { k, ...measures(moves) })
      const eta = freeRate === undefined ? a : learningRateAt(freeRate, cast(k, 'float32'))
      const next = moves.map(({ w, d, away }) => sub(w, away ? mul(away, cast(a, w.dtype)) : mul(d, cast(eta, w.dtype))))
      return { params: unflatten(params, next), state: { step: add(k, 1), average: averaging === 'none' ? [] : average } }
    },
  }
}

const sizeOfTree = (tree: unknown): number => (leaves(tree) as Tensor[]).reduce((total, { shape }) => total + sizeOf(shape), 0)

/** (1 − r) d + r g. */
const averaged = (average: unknown, gradients: unknown, r: Tensor): unknown =>
  zipTrees([average, gradients], (d: Tensor, g: Tensor) => add(mul(d, cast(sub(1, r), d.dtype)), mul(g, cast(r, d.dtype))))

interface Move {
  readonly w: Tensor
  readonly d: Tensor
  /** θ − s, from the vertex; of a free tensor there is none. */
  readonly away?: Tensor
}

const moveOf = (oracle: Lmo | undefined, w: Tensor, d: Tensor): Move => ({ w, d, away: oracle && sub(w, oracle.solve(d)) })

/** What the short step is made of, over all constrained tensors together: their sets are one product. */
function measures(moves: readonly Move[]) {
  const total = (of: (move: Required<Move>) => Tensor) =>
    moves
      .filter((move): move is Required<Move> => move.away !== undefined)
      .map((move) => cast(of(move), 'float64'))
      .reduce((x, y) => add(x, y), scalar(0, 'float64') as Tensor)
  return { gap: () => total(({ d, away }) => sum(mul(d, away))), squaredDistance: () => total(({ away }) => sum(square(away))) }
}
