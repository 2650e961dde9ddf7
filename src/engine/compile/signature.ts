import { sameShape } from '../array.ts'
import { type Aval, attributeKey } from '../graph/node.ts'
import { isTensor } from '../tensor.ts'
import { leavesWithPaths, mapTree } from '../tree.ts'

/** What a trace depends on: structure, shapes, dtypes, and whatever is not a tensor, by value. */
export const signatureOf = (args: readonly unknown[]): string =>
  leavesWithPaths(args)
    .map(([path, leaf]) => `${path}=${isTensor(leaf) ? `${leaf.dtype}[${leaf.shape}]` : attributeKey(leaf)}`)
    .join(';')

/** Stands in a tree for a tensor. */
class Pattern {
  readonly aval: Aval
  constructor({ shape, dtype }: Aval) {
    this.aval = { shape, dtype }
  }
}

const patternOf = (args: readonly unknown[]): unknown => mapTree(args, (leaf: unknown) => (isTensor(leaf) ? new Pattern(leaf) : leaf))

/** Whether a tree surely has the signature of the one that the pattern was made of. */
function matches(pattern: unknown, value: unknown): boolean {
  if (pattern instanceof Pattern) {
    return isTensor(value) && value.dtype === pattern.aval.dtype && sameShape(value.shape, pattern.aval.shape)
  }
  if (typeof pattern !== 'object' || pattern === null || typeof value !== 'object' || value === null) return Object.is(pattern, value)
  if (Object.getPrototypeOf(pattern) !== Object.getPrototypeOf(value)) return false
  const names = Object.keys(pattern)
  const given = Object.keys(value)
  return (
    names.length === given.length && names.every((name, i) => name === given[i] && matches(pattern[name as never], value[name as never]))
  )
}

/** What was made for each signature. The arguments of the last call are recognised by a walk alone: a training loop's always are. */
export class BySignature<T> {
  readonly #made = new Map<string, T>()
  #last?: { readonly pattern: unknown; readonly value: T }

  get(args: readonly unknown[], make: () => T): T {
    if (this.#last && matches(this.#last.pattern, args)) return this.#last.value
    const signature = signatureOf(args)
    if (!this.#made.has(signature)) this.#made.set(signature, make())
    const value = this.#made.get(signature)!
    this.#last = { pattern: patternOf(args), value }
    return value
  }
}
