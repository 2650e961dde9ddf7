import { sameShape } from '../array.ts'
import { isFloat } from '../dtype.ts'
import { shapeError } from '../primitives/define.ts'
import { isTensor, type Tensor } from '../tensor.ts'
import { leavesWithPaths } from '../tree.ts'

const tensorsByPath = (tree: unknown) => leavesWithPaths(tree).filter((entry): entry is [string, Tensor] => isTensor(entry[1]))

const at = (path: string): string => (path ? ` at '${path}'` : '')

const described = ({ dtype, shape }: Tensor): string => `${dtype} [${shape.join(', ')}]`

interface LikeOptions {
  /** Whether the dtype of integers matters too: it does for values, not for derivatives, of which integers have none. */
  readonly integers?: boolean
}

/**
 * Throws a ShapeError unless the tensors of `given` lie at the same paths as those of `expected`, with their shapes and dtypes. The message
 * names the operation, what was given, the first path where they part, and what was expected there.
 */
export function requireLike(
  operation: string,
  what: string,
  given: unknown,
  expected: unknown,
  { integers = true }: LikeOptions = {},
): void {
  const found = new Map(tensorsByPath(given))
  for (const [path, like] of tensorsByPath(expected)) {
    const x = found.get(path)
    if (!x) throw shapeError(operation, `${what} has no tensor${at(path)}, where ${described(like)} is expected`, [])
    const sameDtype = x.dtype === like.dtype || !(integers || isFloat(like.dtype))
    if (!sameShape(x.shape, like.shape) || !sameDtype)
      throw shapeError(operation, `${what}${at(path)} is ${described(x)}, where ${described(like)} is expected`, [])
    found.delete(path)
  }
  for (const [path, x] of found) throw shapeError(operation, `${what} has ${described(x)}${at(path)}, where nothing is expected`, [])
}
