import {
  add,
  concat,
  cos,
  div,
  fold,
  leaves,
  less,
  log,
  mapTree,
  mul,
  random,
  reshape,
  scalar,
  select,
  sin,
  sizeOf,
  slice,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  where,
} from '../../engine/index.ts'

/**
 * How the components of a direction u are drawn. Each way has mean zero and E[uuᵀ] = I, so that E[⟨∇f, u⟩u] = ∇f; its second moment is
 * (d + 2)‖∇f‖² for Gaussian components, d‖∇f‖² for signs (Rademacher) and for the sphere of radius √d, on which ‖u‖ is the same for all.
 */
export const distributions = ['gaussian', 'rademacher', 'sphere'] as const
export type Distribution = (typeof distributions)[number]

/**
 * A step's directions in a form that they can be made of when they are needed. Each is needed twice, as the tangent and to be multiplied with
 * ⟨∇f, u⟩; between the two nobody has to keep it.
 */
export interface Directions<P> {
  readonly count: number
  /** A tree of tensors with one slice a direction along their first axis. */
  readonly seeds: unknown
  /** The direction of one seed. */
  tangent(seed: unknown): P
  /** What is multiplied with the derivative along it: the same direction, in every method that learns anything. */
  multiplier(seed: unknown): P
  /** Whether seeds are small, so that a direction is better made twice than kept. */
  readonly remade: boolean
}

/** Directions of a key (uint32 [2]): the j-th is a function of (key, j, place of the tensor in the tree) and of nothing else. */
export function keyedDirections<P>(key: Tensor, params: P, { count = 1, distribution = 'gaussian' as Distribution } = {}): Directions<P> {
  const draw = (seed: unknown) => drawDirection(seed as Tensor, params, distribution)
  const seeds = stack(Array.from({ length: count }, (_, j) => fold(key, j)))
  return { count, seeds, tangent: draw, multiplier: draw, remade: true }
}

/** Directions that are there already, stacked along the first axis of each tensor. */
export function givenDirections<P>(stacked: P): Directions<P> {
  const itself = (seed: unknown) => seed as P
  const [{ shape }] = leaves(stacked) as Tensor[]
  return { count: shape[0], seeds: stacked, tangent: itself, multiplier: itself, remade: false }
}

/** u of a key: a tree like `params`; each tensor has a key of its own. */
export function drawDirection<P>(key: Tensor, params: P, distribution: Distribution): P {
  let place = 0
  const draw = distribution === 'rademacher' ? signs : normals
  const u = mapTree<P>(params, (w: Tensor) => draw(fold(key, place++), w))
  return distribution === 'sphere' ? onSphere(u) : u
}

/**
 * Standard normals in pairs, the cosine and the sine of one angle (Box & Muller 1958). Half the work of `random.normal`, which uses the cosine alone:
 * drawing directions costs as much as a small network's step.
 */
function normals(key: Tensor, { shape, dtype }: Tensor): Tensor {
  const count = sizeOf(shape)
  const pairs = Math.ceil(count / 2)
  const uniform = random.uniform(key, [2, pairs], { dtype })
  // 1 − u lies in (0, 1]: its logarithm is finite.
  const length = sqrt(mul(log(sub(1, select(uniform, 0))), -2))
  const angle = mul(select(uniform, 1), 2 * Math.PI)
  const both = concat([mul(length, cos(angle)), mul(length, sin(angle))])
  return reshape(slice(both, { axis: 0, end: count }), shape)
}

const signs = (key: Tensor, { shape, dtype }: Tensor): Tensor =>
  where(less(random.randomBits(key, shape), 2 ** 31), scalar(1, dtype), scalar(-1, dtype))

/** All tensors together on the sphere of radius √d. */
function onSphere<P>(u: P): P {
  const tensors = leaves(u) as Tensor[]
  const squared = tensors.map((x) => sum(square(x))).reduce((a, b) => add(a, b))
  const size = tensors.reduce((count, { shape }) => count + sizeOf(shape), 0)
  const factor = sqrt(div(size, squared))
  return mapTree<P>(u, (x: Tensor) => mul(x, factor))
}
