/** One call of a named function: what the operations inside it belong to. */
export interface Scope {
  readonly path: string
}

let current: Scope | undefined
const scopes = new WeakMap<Error, Scope>()

/** Remembers which call a new node's site belongs to. Rules give their nodes the site of the operation, so derivatives belong to it too. */
export function noteScope(site: Error): void {
  if (current) scopes.set(site, current)
}

/** The innermost named call that asked for what was made at this site. */
export const scopeOf = (site: Error): Scope | undefined => scopes.get(site)

/**
 * The same function, whose operations and their derivatives carry a name: exported models keep each call as an ONNX function. Names nest with
 * slashes, and change no number.
 *
 * @example
 * const attend = named('attention', (x: Tensor) => softmax(x))
 * const block = named('block0', (x: Tensor) => add(x, attend(x))) // block0, block0/attention
 * block(zeros([2])).shape // [2]
 */
export function named<A extends unknown[], R>(name: string, fn: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    const outer = current
    current = { path: outer ? `${outer.path}/${name}` : name }
    try {
      return fn(...args)
    } finally {
      current = outer
    }
  }
}
