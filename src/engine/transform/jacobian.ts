import { sizeOf } from '../array.ts'
import { tensorsOf } from '../graph/trace.ts'
import { eye, isDifferentiable, reshape, slice, transpose } from '../ops.ts'
import { shapeError } from '../primitives/define.ts'
import { isTensor, type Tensor } from '../tensor.ts'
import { mapTree } from '../tree.ts'
import { jvp } from './jvp.ts'
import { grad, vjp } from './vjp.ts'
import { vmap } from './vmap.ts'

export interface JacobianOptions {
  /** 'forward' costs one tangent an input element, 'reverse' one cotangent an output element. Default: whichever is fewer. */
  readonly mode?: 'auto' | 'forward' | 'reverse'
}

/** A tree of the value's structure that holds, at each leaf, a tree of the first argument's structure. */
export type Jacobian = Tensor | readonly Jacobian[] | { readonly [name: string]: Jacobian }

interface Range {
  readonly start: number
  readonly end: number
}

const elementsOf = (tree: unknown): number => tensorsOf(tree).reduce((total, x) => total + sizeOf(x.shape), 0)

/** The tree with each tensor exchanged; `range` is where its elements lie among those of the whole tree. */
function mapTensors<R>(tree: unknown, change: (x: Tensor, range: Range) => unknown): R {
  let end = 0
  return mapTree<R>(tree, (leaf) => {
    if (!isTensor(leaf)) return leaf
    const start = end
    end += sizeOf((leaf as Tensor).shape)
    return change(leaf, { start, end })
  })
}

/** The tree with each of its tensors [...shape] replaced by [count, ...shape]: one row for each element of the tree, a one at that element. */
function basisOf<T>(tree: T): T {
  const count = elementsOf(tree)
  return mapTensors<T>(tree, (x, range) => reshape(slice(eye(count, x.dtype), { axis: 1, ...range }), [count, ...x.shape]))
}

function requireFloats(operation: string, what: string, tree: unknown): void {
  const wrong = tensorsOf(tree).find((x) => !isDifferentiable(x))
  if (wrong) throw shapeError(operation, `only floats have derivatives; ${what}`, [wrong])
}

/**
 * All partial derivatives of `fn` with respect to its first argument. Value and argument may be trees of float tensors: at each leaf y of the
 * value stands a tree of the argument's structure with leaves [...y.shape, ...x.shape].
 *
 * @example
 * const matrix = jacobian((x: Tensor) => mul(x, x))(tensor([1, 2]))
 * await (matrix as Tensor).array() // [[2, 0], [0, 4]]
 */
export function jacobian<P, A extends unknown[]>(
  fn: (params: P, ...args: A) => unknown,
  { mode = 'auto' }: JacobianOptions = {},
): (params: P, ...args: A) => Jacobian {
  return (params, ...args) => {
    requireFloats('jacobian', 'pass integers as later arguments', params)
    const { value, pullback } = vjp((p: P) => fn(p, ...args), params)
    requireFloats('jacobian', 'the function must return floats', value)
    if (mode === 'reverse' || (mode === 'auto' && elementsOf(value) < elementsOf(params))) {
      const rows = vmap((ct: unknown) => pullback(ct)[0])(basisOf(value))
      const block = (x: Tensor, y: Tensor, range: Range) => reshape(slice(x, { axis: 0, ...range }), [...y.shape, ...x.shape.slice(1)])
      return mapTensors(value, (y, range) => mapTensors(rows, (x) => block(x, y, range)))
    }
    const columns = vmap((t: P) => jvp((p: P) => fn(p, ...args), [params], [t]).tangent)(basisOf(params))
    const block = (y: Tensor, x: Tensor, range: Range) =>
      reshape(frontToBack(slice(y, { axis: 0, ...range })), [...y.shape.slice(1), ...x.shape])
    return mapTensors(columns, (y) => mapTensors(params, (x, range) => block(y, x, range)))
  }
}

const frontToBack = (x: Tensor): Tensor => transpose(x, [...x.shape.keys()].slice(1).concat(0))

/**
 * The second derivatives of a scalar function with respect to its first argument: at each leaf x of the argument stands a tree of the
 * argument's structure with leaves [...x.shape, ...x'.shape]. Forward over reverse.
 *
 * @example
 * const second = hessian((x: Tensor) => sum(mul(mul(x, x), x)))(tensor([1, 2]))
 * await (second as Tensor).array() // [[6, 0], [0, 12]]
 */
export const hessian = <P, A extends unknown[]>(fn: (params: P, ...args: A) => Tensor): ((params: P, ...args: A) => Jacobian) =>
  jacobian(grad(fn), { mode: 'forward' })

/**
 * The Hessian of a scalar function times a vector, at about the cost of two gradients. `vector` has the structure of `params`.
 *
 * @example
 * await hvp((x: Tensor) => sum(mul(mul(x, x), x)), tensor([1, 2]), tensor([1, 1])).array() // [6, 12]
 */
export const hvp = <P>(fn: (params: P) => Tensor, params: P, vector: P): P => jvp(grad(fn), [params], [vector]).tangent
