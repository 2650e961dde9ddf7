import {
  add,
  div,
  equal,
  evaluate,
  expandDims,
  fold,
  grad,
  InputError,
  jit,
  less,
  logicalAnd,
  mean,
  minimum,
  mul,
  neg,
  norm,
  random,
  square,
  sub,
  sum,
  type Tensor,
  where,
} from '../../engine/index.ts'
import type { Network } from './network.ts'
import { gap, topMask } from './ranking.ts'
import { type Classify, margin, predicted, saliency } from './saliency.ts'

/**
 * What an attack lowers: `er` the gap between the original top k and the rest over all pairs (ERAttack), `hardest` that of the pairs that are closest to
 * changing places where the iterate stands, `mse` minus the squared distance of the maps.
 */
export const attackKinds = ['er', 'hardest', 'mse'] as const
export type AttackKind = (typeof attackKinds)[number]

export interface AttackOptions {
  readonly kind: AttackKind
  readonly k: number
  /** ℓ₂ radius around each input. */
  readonly eps: number
  /** Steps of length 2.5·eps/steps along the normalised gradient. */
  readonly steps?: number
  /** How often it starts: first at the input itself, then at random points of the ball; the best iterate of all counts. */
  readonly starts?: number
  readonly channels?: number
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

interface Target {
  /** The originals [n, features], and what was true of them. */
  readonly x: Tensor
  readonly map: Tensor
  readonly mask: Tensor
  readonly classes: Tensor
}

interface Iterate {
  readonly x: Tensor
  readonly best: Tensor
  readonly bestLoss: Tensor
}

/**
 * Searches, within the ball around each input where the predicted class stays, for the point at which the explanation differs most. An iterate
 * that leaves the class steps back towards it, so that no row stops early; only iterates of the right class count.
 *
 * @throws InputError for a radius below 0, or a k that leaves no feature out.
 * @example
 * const { adversarial } = await attackExplanation(network, params, x, { kind: 'er', k: 8, eps: 0.5, key: key(0) })
 */
export async function attackExplanation<P>(network: Network, params: P, x: Tensor, options: AttackOptions): Promise<Attacked> {
  const { eps, steps = 100, starts = 2, channels, kind, k } = options
  if (!(eps >= 0)) throw new InputError(`eps is ${eps}`, { fix: 'give a radius of at least 0' })
  const classifier =
    (params: P): Classify =>
    (x) =>
      network.apply(params as never, x)
  const targetOf = jit((params: P, x: Tensor) => {
    const map = saliency(classifier(params), x, { channels })
    return { x, map, mask: topMask(map, k), classes: predicted(classifier(params)(x)) }
  })
  const lossAt = (params: P, x: Tensor, { map, mask }: Target) => {
    const moved = saliency(classifier(params), x, { channels })
    if (kind === 'mse') return neg(mean(square(sub(moved, map)), { axes: 1 }))
    return gap(moved, mask, k, kind === 'er' ? 'all' : hardestPairs)
  }
  const step = jit((params: P, target: Target, { x, best, bestLoss }: Iterate) => {
    const logits = classifier(params)(x)
    const kept = equal(predicted(logits), target.classes)
    const loss = lossAt(params, x, target)
    const better = logicalAnd(kept, less(loss, bestLoss))
    const slope = grad((x: Tensor) => sum(where(kept, lossAt(params, x, target), neg(margin(classifier(params)(x), target.classes)))))(x)
    const moved = sub(x, mul(direction(slope), (2.5 * eps) / steps))
    return {
      x: add(target.x, intoBall(sub(moved, target.x), eps)),
      best: where(expandDims(better, 1), x, best),
      bestLoss: where(better, loss, bestLoss),
    }
  })
  const target = await evaluate(targetOf(params, x))
  const lossBefore = await evaluate(jit(lossAt)(params, x, target))
  let state: Iterate = { x, best: x, bestLoss: lossBefore }
  for (let start = 0; start < starts; start++) {
    state = { ...state, x: startOf(x, start, options) }
    // One call more than steps: each judges the point that the one before it reached.
    for (let i = 0; i <= steps; i++) {
      state = await evaluate(step(params, target, state))
      await options.progress?.(start * (steps + 1) + i + 1, starts * (steps + 1))
    }
  }
  return { adversarial: state.best, loss: state.bestLoss, lossBefore }
}

const direction = (slope: Tensor): Tensor => div(slope, add(norm(slope, { axes: 1, keepDims: true }), 1e-12))

/** Scales rows that are longer than eps back to it. */
const intoBall = (offset: Tensor, eps: number): Tensor =>
  mul(offset, minimum(div(eps, add(norm(offset, { axes: 1, keepDims: true }), 1e-12)), 1))

/** The squared distance of maps has no slope at the original itself, so that `mse` always starts beside it. */
function startOf(x: Tensor, start: number, { eps, key, kind }: AttackOptions): Tensor {
  if (start === 0 && kind !== 'mse') return x
  return add(x, mul(randomDirections(fold(key, start), x.shape), start === 0 ? eps / 50 : eps))
}

/** Unit vectors, uniform on the sphere, [n, features]. */
export const randomDirections = (key: Tensor, shape: readonly number[]): Tensor => direction(random.normal(key, shape))
