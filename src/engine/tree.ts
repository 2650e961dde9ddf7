import { InputError } from './errors.ts'

/** Nested plain objects and arrays with leaves of type T. Models, gradients and optimizer states are trees. */
export type Tree<T> = T | readonly Tree<T>[] | { readonly [name: string]: Tree<T> }

type Container = readonly unknown[] | Record<string, unknown>

function isContainer(value: unknown): value is Container {
  if (Array.isArray(value)) return true
  if (value === null || typeof value !== 'object') return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/**
 * The leaves with their dotted paths (`layers.0.weight`), in order. A leaf is whatever is not a plain object or an array; `undefined` entries are left out.
 *
 * @example
 * leavesWithPaths({ layers: [{ weight: 1 }], scale: 3 }) // [['layers.0.weight', 1], ['scale', 3]]
 */
export function leavesWithPaths(tree: unknown, prefix = ''): [path: string, leaf: unknown][] {
  if (!isContainer(tree)) return tree === undefined ? [] : [[prefix, tree]]
  return Object.entries(tree).flatMap(([name, child]) => leavesWithPaths(child, prefix ? `${prefix}.${name}` : name))
}

/**
 * The leaves of a tree, in order.
 *
 * @example
 * leaves({ layers: [{ weight: 1, bias: 2 }], scale: 3 }) // [1, 2, 3]
 */
export function leaves(tree: unknown, into: unknown[] = []): unknown[] {
  if (!isContainer(tree)) {
    if (tree !== undefined) into.push(tree)
  } else if (Array.isArray(tree)) for (const child of tree) leaves(child, into)
  else for (const name in tree) leaves((tree as Record<string, unknown>)[name], into)
  return into
}

/**
 * A tree of the same structure with each leaf replaced.
 *
 * @example
 * mapTree({ a: 1, b: [2, 3] }, (leaf: number) => 10 * leaf) // { a: 10, b: [20, 30] }
 */
export function mapTree<R = unknown>(tree: unknown, change: (leaf: never, path: string) => unknown, prefix = ''): R {
  if (!isContainer(tree)) return (tree === undefined ? undefined : change(tree as never, prefix)) as R
  const at = (name: string | number) => (prefix ? `${prefix}.${name}` : String(name))
  if (Array.isArray(tree)) return tree.map((child, index) => mapTree(child, change, at(index))) as R
  return Object.fromEntries(Object.entries(tree).map(([name, child]) => [name, mapTree(child, change, at(name))])) as R
}

/**
 * Combines the leaves of trees that have the same structure. Throws an InputError that names the first path where they differ.
 *
 * @example
 * zipTrees([{ a: 1, b: 2 }, { a: 10, b: 20 }], (x: number, y: number) => x + y) // { a: 11, b: 22 }
 */
export function zipTrees<R = unknown>(trees: readonly unknown[], combine: (...leaves: never[]) => unknown): R {
  const [first, ...rest] = trees.map((tree) => leavesWithPaths(tree))
  for (const other of rest) {
    const at = first.findIndex(([path], i) => path !== other[i]?.[0])
    if (at >= 0 || other.length !== first.length) {
      throw new InputError(`trees differ in structure: '${first[Math.max(at, 0)]?.[0]}' against '${other[Math.max(at, 0)]?.[0]}'`)
    }
  }
  let index = 0
  return mapTree<R>(trees[0], (leaf) => {
    const others = rest.map((other) => other[index][1])
    index++
    return combine(leaf as never, ...(others as never[]))
  })
}

/**
 * Builds a tree of `structure`'s shape from leaves in order.
 *
 * @example
 * unflatten({ a: 0, b: [0, 0] }, [1, 2, 3]) // { a: 1, b: [2, 3] }
 */
export function unflatten<R = unknown>(structure: unknown, values: readonly unknown[]): R {
  let index = 0
  return mapTree<R>(structure, () => values[index++])
}
