import {
  add,
  equal,
  evaluate,
  exp,
  expandDims,
  fold,
  grad,
  InputError,
  jit,
  less,
  logicalAnd,
  logSoftmax,
  mean,
  mul,
  neg,
  scalar,
  sigmoid,
  square,
  sub,
  sum,
  type Tensor,
  where,
  zerosLike,
} from '../../engine/index.ts'
import type { Feasible } from './feasible.ts'
import type { Network } from './network.ts'
import { gap, topMask } from './ranking.ts'
import { type Classify, margin, predicted, type SaliencyOptions, saliency } from './saliency.ts'
import { intoBall, randomDirections, unitRows } from './vectors.ts'

/**
 * What an attack lowers: `er` the gap between the original top k and the rest over all pairs (ERAttack), `hardest` that of the pairs that are closest to
 * changing places where the iterate stands, `mse` minus the squared distance of the maps; `code` the gap over the pair list of the paper's code.
 *
 * @example
 * attackKinds // ['er', 'hardest', 'mse', 'code']
 */
export const attackKinds = ['er', 'hardest', 'mse', 'code'] as const
export type AttackKind = (typeof attackKinds)[number]

/**
 * How it keeps the label. `steer`: an iterate of another class steps back towards its own, so that no row stops early. `stop`: a row ends with its first
 * iterate of another class. `lagrange`: the distance of the probabilities is a cost, whose multiplier grows with it ("GDA" in the paper's code).
 *
 * @example
 * keepings // ['steer', 'stop', 'lagrange']
 */
export const keepings = ['steer', 'stop', 'lagrange'] as const
export type Keeping = (typeof keepings)[number]

export interface AttackOptions {
  readonly kind: AttackKind
  readonly k: number
  /** ℓ₂ radius around each input. */
  readonly eps: number
  /** Steps of length 2.5·eps/steps along the normalised gradient. */
  readonly steps?: number
  /** How often it starts: first at the input itself, then at random points of the ball; the best iterate of all counts. */
  readonly starts?: number
  readonly keeping?: Keeping
  /** How fast `lagrange`'s multiplier grows: by so many times Σ (p(x′) − p(x))² a step. */
  readonly multiplierRate?: number
  /** What holds it back besides the ball. */
  readonly feasible?: Feasible
  readonly saliency?: SaliencyOptions
  /** Decides the random starts. */
  readonly key: Tensor
  /** Called after each step. */
  progress?(done: number, total: number): Promise<void>
}

export interface Attacked {
  /** The inputs [n, features] that changed the explanation most, with the label kept; the original where no step did so. */
  readonly adversarial: Tensor
  /** The attack's own loss there and at the original, [n]. */
  readonly loss: Tensor
  readonly lossBefore: Tensor
}

/** How many pairs `hardest` looks at. */
const hardestPairs = 4

/** The originals [n, features], and what was true of them. */
interface Target {
  readonly x: Tensor
  readonly map: Tensor
  readonly mask: Tensor
  readonly classes: Tensor
  readonly probabilities: Tensor
}

interface Iterate {
  readonly x: Tensor
  readonly best: Tensor
  readonly bestLoss: Tensor
  /** Rows that still move, and `lagrange`'s multipliers, [n]. */
  readonly running: Tensor
  readonly multiplier: Tensor
}

interface Reach {
  /** Of the ball, and of one step; scalars. */
  readonly radius: Tensor
  readonly length: Tensor
}

/**
 * Searches, within the ball around each input where the predicted class stays, for the point at which the explanation differs most. Only
 * iterates of the right class count.
 *
 * @throws InputError for a radius below 0, or a k that leaves no feature out.
 * @example
 * const network = smoothNetwork({ features: 4, classes: 2, hidden: [8] })
 * const params = await evaluate(network.init(key(0)))
 * const x = random.normal(key(1), [8, 4])
 * const { adversarial } = await attackExplanation(network, params, x, { kind: 'er', k: 2, eps: 0.5, steps: 5, key: key(2) })
 */
export async function attackExplanation<P>(network: Network<P>, params: P, x: Tensor, options: AttackOptions): Promise<Attacked> {
  const { eps, steps = 100, starts = 2 } = options
  if (!(eps >= 0)) throw new InputError(`eps is ${eps}`, { fix: 'give a radius of at least 0' })
  const of = (params: P) => attackOn((x) => network.apply(params, x), options)
  const target = await evaluate(jit((params: P, x: Tensor) => of(params).target(x))(params, x))
  const lossBefore = await evaluate(jit((params: P, x: Tensor, target: Target) => of(params).loss(x, target))(params, x, target))
  // The radius is an argument, so that all radii share one compiled step.
  const step = jit((params: P, target: Target, iterate: Iterate, reach: Reach) => of(params).step(target, iterate, reach))
  const reach = { radius: scalar(eps, x.dtype), length: scalar((2.5 * eps) / steps, x.dtype) }
  let state: Iterate = { x, best: x, bestLoss: lossBefore, ...fresh(lossBefore) }
  for (let start = 0; start < starts; start++) {
    state = { ...state, ...fresh(lossBefore), x: startOf(x, start, options) }
    // One call more than steps: each judges the point that the one before it reached.
    for (let i = 0; i <= steps; i++) {
      state = await evaluate(step(params, target, state, reach))
      await options.progress?.(start * (steps + 1) + i + 1, starts * (steps + 1))
    }
  }
  return { adversarial: state.best, loss: state.bestLoss, lossBefore }
}

const fresh = (like: Tensor) => ({ running: equal(like, like), multiplier: zerosLike(like) })

/** The parts of an attack on one classifier, as functions of tensors: its target, its loss, and its step. */
export function attackOn(
  classify: Classify,
  { kind, k, keeping = 'steer', multiplierRate = 1, feasible, saliency: about }: Omit<AttackOptions, 'eps' | 'key'>,
) {
  const target = (x: Tensor): Target => {
    const map = saliency(classify, x, about)
    const logits = classify(x)
    return { x, map, mask: topMask(map, k), classes: predicted(logits), probabilities: probabilitiesOf(logits) }
  }
  const loss = (x: Tensor, { map, mask }: Pick<Target, 'map' | 'mask'>): Tensor => {
    const moved = saliency(classify, x, about)
    if (kind === 'mse') return neg(mean(square(sub(moved, map)), { axes: 1 }))
    if (kind === 'code') return gap(moved, mask, k, { pairs: 'code', order: map })
    return gap(moved, mask, k, { pairs: kind === 'er' ? 'all' : hardestPairs })
  }
  const drift = (logits: Tensor, { probabilities }: Target) => sum(square(sub(probabilitiesOf(logits), probabilities)), { axes: 1 })
  /** What a step goes down, row by row. */
  const cost = (x: Tensor, target: Target, kept: Tensor, multiplier: Tensor): Tensor => {
    if (keeping === 'stop') return loss(x, target)
    if (keeping === 'lagrange') return add(loss(x, target), mul(multiplier, drift(classify(x), target)))
    return where(kept, loss(x, target), neg(margin(classify(x), target.classes)))
  }
  const step = (target: Target, { x, best, bestLoss, running, multiplier }: Iterate, { radius, length }: Reach): Iterate => {
    const logits = classify(x)
    const kept = equal(predicted(logits), target.classes)
    const here = loss(x, target)
    const better = logicalAnd(logicalAnd(kept, running), less(here, bestLoss))
    const goesOn = keeping === 'stop' ? logicalAnd(running, kept) : running
    const slope = grad((x: Tensor) => sum(cost(x, target, kept, multiplier)))(x)
    const moved = sub(x, mul(unitRows(feasible?.along?.(slope) ?? slope), length))
    const inBall = add(target.x, intoBall(sub(moved, target.x), radius))
    const next = feasible ? feasible.project(inBall, target.x) : inBall
    return {
      x: where(expandDims(goesOn, 1), next, x),
      best: where(expandDims(better, 1), x, best),
      bestLoss: where(better, here, bestLoss),
      running: goesOn,
      multiplier: keeping === 'lagrange' ? add(multiplier, mul(drift(logits, target), multiplierRate)) : multiplier,
    }
  }
  return { target, loss, step }
}

const probabilitiesOf = (logits: Tensor): Tensor => (logits.shape[1] === 1 ? sigmoid(logits) : exp(logSoftmax(logits)))

/** The squared distance of maps has no slope at the original itself, so that `mse` always starts beside it. */
function startOf(x: Tensor, start: number, { eps, key, kind, feasible }: AttackOptions): Tensor {
  if (start === 0 && kind !== 'mse') return x
  const beside = add(x, mul(randomDirections(fold(key, start), x.shape), start === 0 ? eps / 50 : eps))
  return feasible ? feasible.project(beside, x) : beside
}
