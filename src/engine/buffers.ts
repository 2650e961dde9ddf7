import { InputError } from './errors.ts'
import { isTensor, type Tensor } from './tensor.ts'
import { leavesWithPaths, mapTree } from './tree.ts'

/*
 * Buffers are leaves of a model's tree that training changes but no derivative does: running statistics, averages of weights. They are marked
 * where the tree is made, and keep the mark through traces, steps and checkpoints.
 */

/**
 * x as a buffer.
 *
 * @example
 * const norm = { scale: ones([8]), mean: buffer(zeros([8])), variance: buffer(ones([8])) }
 */
export const buffer = (x: Tensor): Tensor => x.as('buffer')

/**
 * Whether a leaf of a model is a buffer: training changes it, and no derivative reaches it.
 *
 * @example
 * isBuffer(buffer(zeros([3]))) // true
 */
export const isBuffer = (leaf: unknown): leaf is Tensor => isTensor(leaf) && leaf.kind === 'buffer'

/**
 * The tree without its buffers; their places are undefined. What gradients and optimizers see of a model.
 *
 * @example
 * leaves(withoutBuffers({ weight: ones([2]), mean: buffer(zeros([2])) })).length // 1
 */
export const withoutBuffers = <T>(tree: T): T => mapTree<T>(tree, (leaf) => (isBuffer(leaf) ? undefined : leaf))

/**
 * A tree like `like`, with the buffers of `buffers` and all else of `rest`. Throws an InputError that names a buffer without a value.
 *
 * @example
 * const params = { weight: ones([2]), mean: buffer(zeros([2])) }
 * const free = withoutBuffers(params) // what an optimizer sees
 * withBuffers(params, free, params).mean.kind // 'buffer'
 */
export function withBuffers<T>(like: T, rest: T, buffers: unknown): T {
  const [others, next] = [rest, buffers].map((tree) => new Map(leavesWithPaths(tree)))
  return mapTree<T>(like, (leaf, path) => {
    if (!isBuffer(leaf)) return others.get(path)
    const value = next.get(path)
    if (!isTensor(value))
      throw new InputError(`buffer '${path}' has no next value`, { fix: 'return the model’s whole tree, with its new buffers' })
    return buffer(value)
  })
}
