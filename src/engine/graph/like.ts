import { sameShape } from '../array.ts'
import { isFloat } from '../dtype.ts'
import { shapeError } from '../primitives/define.ts'
import { isTensor, type Tensor } from '../tensor.ts'
import { leavesWithPaths } from '../tree.ts'

const tensorsByPath = (tree: unknown) => leavesWithPaths(tree).filter((entry): entry is [string, Tensor] => isTensor(entry[1]))

const at = (path: string): string => (path ? ` at '${path}'` : '')

const described = ({ dtype, shape }: Tensor): string => `${dtype} [${shape.join(', ')}]`

interface LikeOptions {
  /** Whether integers and booleans matter: they do in values, not in derivatives, where they may be anything or missing. */
  readonly integers?: boolean
}

/**
 * The tensors of `given` at the paths of the tensors of `expected`, in the order of these; they have their shapes and dtypes. Otherwise throws
 * a ShapeError that names the operation, what was given, the first path where they part, and what was expected there.
 */
export function tensorsLike(
  operation: string,
  what: string,
  given: unknown,
  expected: unknown,
  { integers = true }: LikeOptions = {},
): Tensor[] {
  const matters = ({ dtype }: Tensor) => integers || isFloat(dtype)
  const found = new Map(tensorsByPath(given))
  const tensors = tensorsByPath(expected).map(([path, like]) => {
    const x = found.get(path)
    found.delete(path)
    if (!matters(like)) return x ?? like
    if (!x) throw shapeError(operation, `${what} has no tensor${at(path)}, where ${described(like)} is expected`, [])
    if (!sameShape(x.shape, like.shape) || x.dtype !== like.dtype)
      throw shapeError(operation, `${what}${at(path)} is ${described(x)}, where ${described(like)} is expected`, [])
    return x
  })
  for (const [path, x] of found)
    if (matters(x)) throw shapeError(operation, `${what} has ${described(x)}${at(path)}, where nothing is expected`, [])
  return tensors
}
