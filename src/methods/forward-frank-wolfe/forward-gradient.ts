import {
  add,
  barrier,
  InputError,
  isTensor,
  jvp,
  leaves,
  leavesWithPaths,
  mapTree,
  mean,
  mul,
  select,
  stack,
  sub,
  sum,
  type Tensor,
  unflatten,
  type ValueAndGradient,
  valueAndGrad,
  vmap,
  withBuffers,
  withoutBuffers,
  zipTrees,
} from '../../engine/index.ts'
import type { Loss } from '../../optim/index.ts'
import type { Directions } from './directions.ts'

export interface ForwardGradientOptions<P> {
  readonly directions: Directions<P>
  /** All directions in one evaluation with a tangent each, instead of one evaluation after another. Default true. */
  readonly batched?: boolean
  /** A control variate c: the estimate becomes c + ⟨∇f − c, u⟩u, of the same mean, and of a variance in proportion to ‖∇f − c‖², not ‖∇f‖². */
  readonly center?: P
  /** Parameters, by path, whose exact gradient reverse mode gives: for those of the last layer it needs no more than the last activations. */
  readonly exact?: (path: string) => boolean
}

export interface ForwardGradient<P> extends ValueAndGradient<P, P | undefined> {
  /** The derivative of the loss along each direction, [directions]. */
  readonly directional: Tensor
}

/**
 * The projected forward gradient (Baydin et al. 2022): the mean over directions of ⟨∇f, u⟩u, an unbiased estimate of ∇f. ⟨∇f, u⟩ is one number for
 * all parameters together, the tangent of the loss in forward mode: no activation is kept, for there is no backward pass.
 *
 * @throws InputError where the loss is no scalar. An operation without a rule for tangents is named by the engine.
 * @example
 * const params = tensor([1, 2])
 * const loss = (w: Tensor) => sum(square(w))
 * const { value, gradient } = forwardGradient(loss, params, { directions: keyedDirections(key(0), params) })
 * await value.item() // 5
 */
export function forwardGradient<P>(loss: Loss<P>, params: P, options: ForwardGradientOptions<P>): ForwardGradient<P> {
  const { directions, batched = true, center, exact = () => false } = options
  const trainable = withoutBuffers(params)
  const estimated = <T>(tree: T): T => pick(tree, (path) => !exact(path))
  const lossAt = (part: P) => scalarLoss(loss(withBuffers(params, merged(trainable, part, trainable), params)))

  const slopeAlong = (seed: unknown): Tensor => {
    const u = estimated(directions.tangent(seed))
    const slope = jvp((part: P) => lossAt(part).value, [estimated(trainable)], [u]).tangent
    return center ? sub(slope, innerProduct(estimated(center), u)) : slope
  }
  const slopes = forEachSeed(slopeAlong, directions, batched)
  const estimate = estimated(scaledBack(slopes, directions, batched))
  const centred = center ? zipTrees<P>([estimate, estimated(center)], add) : estimate
  const known = pick(trainable, exact)
  const exactly = leaves(known).length > 0 ? valueAndGrad((part: P) => lossAt(part).value)(known).gradient : known
  return { ...lossAt(trainable), gradient: merged(trainable, centred, exactly), directional: slopes }
}

/** One slope a seed, [directions]. */
function forEachSeed(slopeAlong: (seed: unknown) => Tensor, { seeds, count }: Directions<unknown>, batched: boolean): Tensor {
  if (batched && count > 1) return vmap(slopeAlong)(seeds)
  return stack(Array.from({ length: count }, (_, j) => slopeAlong(seedAt(seeds, j))))
}

const seedAt = (seeds: unknown, j: number): unknown => mapTree(seeds, (x: Tensor) => select(x, j))

/** The mean of slope · u over the directions, which are made again once all slopes are there: until then only their seeds exist. */
function scaledBack<P>(slopes: Tensor, directions: Directions<P>, batched: boolean): P {
  const { count, remade } = directions
  const seeds = remade ? unflatten(directions.seeds, barrier(leaves(directions.seeds) as Tensor[], [slopes])) : directions.seeds
  const scaled = (seed: unknown, slope: Tensor): P => mapTree<P>(directions.multiplier(seed), (u: Tensor) => mul(u, slope))
  if (count === 1) return scaled(seedAt(seeds, 0), select(slopes, 0))
  if (batched) return mapTree<P>(vmap(scaled)(seeds, slopes), (x: Tensor) => mean(x, { axes: 0 }))
  const each = Array.from({ length: count }, (_, j) => scaled(seedAt(seeds, j), select(slopes, j)))
  const total = each.reduce((a, b) => zipTrees<P>([a, b], add))
  return mapTree<P>(total, (x: Tensor) => mul(x, 1 / count))
}

/** ⟨a, b⟩ over all tensors of two trees. */
export const innerProduct = (a: unknown, b: unknown): Tensor =>
  (leaves(zipTrees([a, b], (x: Tensor, y: Tensor) => sum(mul(x, y)))) as Tensor[]).reduce((x, y) => add(x, y))

function scalarLoss<P>(result: Tensor | readonly [Tensor, P]): { value: Tensor; aux: P | undefined } {
  const [value, aux] = isTensor(result) ? [result, undefined] : result
  if (!isTensor(value) || value.shape.length > 0)
    throw new InputError(`the loss is ${isTensor(value) ? `a tensor [${value.shape.join(', ')}]` : typeof value}, not a scalar`, {
      where: 'forwardGradient',
      fix: 'return a scalar: mean or sum the losses of the examples',
    })
  return { value, aux }
}

/** The tree with nothing at the places that are not chosen. */
const pick = <T>(tree: T, chosen: (path: string) => boolean): T => mapTree<T>(tree, (leaf, path) => (chosen(path) ? leaf : undefined))

/** A tree like `like`; each leaf from the first of the trees that has it. */
function merged<T>(like: T, ...trees: readonly T[]): T {
  const found = trees.map((tree) => new Map(leavesWithPaths(tree)))
  return mapTree<T>(like, (_, path) => found.find((own) => own.has(path))?.get(path))
}
