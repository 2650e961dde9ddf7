import { sameShape } from '../array.ts'
import { type Aval, attributeKey } from '../graph/node.ts'
import { userLine } from '../graph/site.ts'
import { isTensor } from '../tensor.ts'
import { leavesWithPaths, mapTree } from '../tree.ts'
import type { Cause } from './cache.ts'

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

/** Compilations of one function after which something is probably wrong: a shape that changes with every call. */
const many = 8

/** What was made for each signature. The arguments of the last call are recognised by a walk alone: a training loop's always are. */
export class BySignature<T> {
  readonly #made = new Map<string, T>()
  readonly #what: string
  #last?: { readonly pattern: unknown; readonly signature: string; readonly value: T }

  /** For calls of `fn`, which was handed to `by`. */
  constructor(by: string, fn: { readonly name: string }) {
    const line = userLine(new Error())
    this.#what = `${by}(${fn.name || 'anonymous'})${line ? ` at ${line}` : ''}`
  }

  get(args: readonly unknown[], make: (cause: Cause) => T): T {
    if (this.#last && matches(this.#last.pattern, args)) return this.#last.value
    const signature = signatureOf(args)
    if (!this.#made.has(signature)) {
      const why = this.#last ? firstDifference(this.#last.signature, signature) : 'first call'
      this.#made.set(signature, make({ what: this.#what, why }))
      if (this.#made.size === many) console.warn(`${this.#what} compiles for the ${many}th time: ${why}; see cacheReport()`)
    }
    const value = this.#made.get(signature)!
    this.#last = { pattern: patternOf(args), signature, value }
    return value
  }
}

/** The first entry in which two signatures differ: `0.x=float32[2,3] became 0.x=float32[4,3]`. */
export function firstDifference(before: string, after: string): string {
  const [a, b] = [before, after].map((signature) => signature.split(';'))
  const at = (a.length > b.length ? a : b).findIndex((_, i) => a[i] !== b[i])
  return `${a[at] ?? 'nothing'} became ${b[at] ?? 'nothing'}`
}
