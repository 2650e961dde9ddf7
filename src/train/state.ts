import { fromArray, InputError, isTensor, mapTree, type NDArray, type Tensor } from '../engine/index.ts'

/**
 * The tensors of a tree as host arrays under their dotted paths: what a checkpoint holds.
 *
 * @example
 * Object.keys(await toArrays({ layers: [{ weight: ones([2]) }] })) // ['layers.0.weight']
 */
export async function toArrays(tree: unknown): Promise<Record<string, NDArray>> {
  const found: [string, Tensor][] = []
  mapTree(tree, (leaf, path) => {
    if (isTensor(leaf)) found.push([path, leaf])
    return leaf
  })
  return Object.fromEntries(await Promise.all(found.map(async ([path, x]) => [path, await x.ndarray()] as const)))
}

/**
 * A tree like `like` with its tensors taken from arrays by path. Throws an InputError where one is missing or has another shape or dtype.
 *
 * @example
 * const arrays = await toArrays({ weight: ones([2]) })
 * const { weight } = fromArrays(arrays, { weight: zeros([2]) })
 * await weight.array() // [1, 1]
 */
export function fromArrays<T>(arrays: Readonly<Record<string, NDArray>>, like: T, where = 'weights'): T {
  return mapTree<T>(like, (leaf, path) => {
    if (!isTensor(leaf)) return leaf
    const array = arrays[path]
    const expected = `${(leaf as Tensor).dtype} [${(leaf as Tensor).shape}]`
    if (!array) throw new InputError(`there is no tensor '${path}'`, { where, fix: 'use the model that the weights were trained with' })
    const given = `${array.dtype} [${array.shape}]`
    if (given !== expected) throw new InputError(`tensor '${path}' is ${given}, the model needs ${expected}`, { where })
    return fromArray(array).as((leaf as Tensor).kind)
  })
}
