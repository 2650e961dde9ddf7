import {
  add,
  concat,
  cos,
  type DType,
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
  unflatten,
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
 * ⟨∇f, u⟩; between the two nobody has to keep it if it is large.
 */
export interface Directions<P> {
  readonly count: number
  /** A tree of tensors with one slice a direction along their first axis. */
  readonly seeds: unknown
  /** The direction of one seed. */
  tangent(seed: unknown): P
  /** What is multiplied with the derivative along it: the same direction, in every method that learns anything. */
  multiplier(seed: unknown): P
  /** Whether a direction is made twice rather than kept until the derivative along it is there. */
  readonly remade: boolean
}

/** Up to so many elements a direction is rather kept within a step than made twice. */
const worthKeeping = 2 ** 16

/**
 * Directions of a key (uint32 [2]): the j-th is a function of (key, j, place of the tensor in the tree) and of nothing else.
 *
 * @example
 * keyedDirections(key(0), { weight: zeros([2, 2]) }, { count: 4, distribution: 'rademacher' }).count // 4
 */
export function keyedDirections<P>(key: Tensor, params: P, { count = 1, distribution = 'gaussian' as Distribution } = {}): Directions<P> {
  const draw = (seed: unknown) => drawDirection(seed as Tensor, params, distribution)
  const seeds = stack(Array.from({ length: count }, (_, j) => fold(key, j)))
  return { count, seeds, tangent: draw, multiplier: draw, remade: elementsOf(leaves(params) as Tensor[]) > worthKeeping }
}

/**
 * Directions that are there already, stacked along the first axis of each tensor.
 *
 * @example
 * givenDirections({ weight: zeros([3, 2, 2]) }).count // 3
 */
export function givenDirections<P>(stacked: P): Directions<P> {
  const itself = (seed: unknown) => seed as P
  const [{ shape }] = leaves(stacked) as Tensor[]
  return { count: shape[0], seeds: stacked, tangent: itself, multiplier: itself, remade: false }
}

/** u of a key: a tree like `params`. Tensors are drawn in groups, each with a key of its own that follows from its place. */
export function drawDirection<P>(key: Tensor, params: P, distribution: Distribution): P {
  const draw = distribution === 'rademacher' ? signs : normals
  const drawn: Tensor[] = []
  for (const [place, group] of groupsOf(leaves(params) as Tensor[]).entries()) {
    const parts = drawTogether(
      fold(key, place),
      group.map(({ x }) => x),
      draw,
    )
    group.forEach(({ at }, i) => {
      drawn[at] = parts[i]
    })
  }
  const u = unflatten<P>(params, drawn)
  return distribution === 'sphere' ? onSphere(u) : u
}

/**
 * A draw takes more than a hundred operations, whatever its size, and each of them takes room in the compiled graph: tensors are drawn together until
 * they are so many elements. What a group draws lives until the last of its tensors is used, which bounds the memory whatever the depth.
 */
const group = { elements: 2 ** 20, small: 2 ** 14 }

interface Placed {
  readonly x: Tensor
  /** Its place among the tensors of the tree. */
  readonly at: number
}

/** Small tensors (biases) apart from large ones: an update by a vector and one by a matrix are not due at the same time. */
function groupsOf(tensors: readonly Tensor[]): Placed[][] {
  const groups: Placed[][] = []
  const open = new Map<string, Placed[]>()
  for (const [at, x] of tensors.entries()) {
    const kind = `${x.dtype} ${sizeOf(x.shape) < group.small}`
    const own = open.get(kind) ?? []
    if (own.length === 0) groups.push(own)
    own.push({ x, at })
    open.set(kind, elementsOf(own.map(({ x }) => x)) < group.elements ? own : [])
  }
  return groups
}

type Draw = (key: Tensor, count: number, dtype: DType) => Tensor

function drawTogether(key: Tensor, group: readonly Tensor[], draw: Draw): Tensor[] {
  const flat = draw(key, elementsOf(group), group[0].dtype)
  let end = 0
  return group.map(({ shape }) => {
    const start = end
    end += sizeOf(shape)
    return reshape(slice(flat, { axis: 0, start, end }), shape)
  })
}

/**
 * Standard normals in pairs, the cosine and the sine of one angle (Box & Muller 1958). Half the work of `random.normal`, which uses the cosine alone:
 * drawing directions costs as much as a small network's step.
 */
const normals: Draw = (key, count, dtype) => {
  const uniform = random.uniform(key, [2, Math.ceil(count / 2)], { dtype })
  // 1 − u lies in (0, 1]: its logarithm is finite.
  const length = sqrt(mul(log(sub(1, select(uniform, 0))), -2))
  const angle = mul(select(uniform, 1), 2 * Math.PI)
  return slice(concat([mul(length, cos(angle)), mul(length, sin(angle))]), { axis: 0, end: count })
}

const signs: Draw = (key, count, dtype) => where(less(random.randomBits(key, [count]), 2 ** 31), scalar(1, dtype), scalar(-1, dtype))

/** All tensors together on the sphere of radius √d. */
function onSphere<P>(u: P): P {
  const tensors = leaves(u) as Tensor[]
  const squared = tensors.map((x) => sum(square(x))).reduce((a, b) => add(a, b))
  const factor = sqrt(div(elementsOf(tensors), squared))
  return mapTree<P>(u, (x: Tensor) => mul(x, factor))
}

const elementsOf = (tensors: readonly Tensor[]): number => tensors.reduce((count, { shape }) => count + sizeOf(shape), 0)
