import type { NDArray } from '../array.ts'
import type { DType } from '../dtype.ts'
import type { Primitive } from './primitive.ts'
import { siteOfNewNode } from './site.ts'

/** An abstract value: what is known of a tensor before it is computed. */
export interface Aval {
  readonly shape: readonly number[]
  readonly dtype: DType
}

export type Attributes = Readonly<Record<string, unknown>>

/**
 * One expression of the graph. Nodes are immutable and hash-consed: the same primitive applied to the same inputs with the same attributes
 * is the same object. An input's id is always smaller than its user's, so sorting by id is a topological order.
 */
export interface Node extends Aval {
  readonly id: number
  readonly primitive: Primitive
  readonly inputs: readonly Node[]
  readonly attributes: Attributes
  /** Present where the primitive has several results; `shape` and `dtype` are then those of the first, and `project` nodes pick one. */
  readonly results?: readonly Aval[]
  /** Whether the value depends on a placeholder, and so cannot be computed yet. */
  readonly traced: boolean
  /** Whether the value depends on numbers of the program alone: no placeholder, no host buffer. */
  readonly constant: boolean
  /** Where the user's code built it; its stack is formatted only when somebody asks. */
  readonly site: Error
  /** The value, once computed. A cache: it never changes what the node means. */
  value?: NDArray
}

let lastId = 0
const interned = new Map<string, WeakRef<Node>>()

/** Entries of collected nodes are swept out whenever the table has doubled: cheaper than to be told of each node's end. */
let sweepAt = 16_384

function sweep(): void {
  for (const [key, node] of interned) if (node.deref() === undefined) interned.delete(key)
  sweepAt = Math.max(16_384, 2 * interned.size)
}

const identities = new WeakMap<object, number>()
let lastIdentity = 0

/** A number that stands for an object's identity, so that functions and sub-graphs can be part of a key. */
function identityOf(object: object): number {
  let identity = identities.get(object)
  if (identity === undefined) identities.set(object, (identity = ++lastIdentity))
  return identity
}

/** A string equal for equal attribute values: plain data and graphs by content, functions and other class instances by identity. */
export function attributeKey(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return `#${identityOf(value)}`
  if (value === null || typeof value !== 'object') return String(value)
  if ('structure' in value) return `(${value.structure})`
  if (Array.isArray(value)) return `[${value.map(attributeKey).join(',')}]`
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return `#${identityOf(value)}`
  return `{${Object.entries(value)
    .map(([name, entry]) => `${name}:${attributeKey(entry)}`)
    .join(',')}}`
}

interface NodeFields {
  readonly primitive: Primitive
  readonly inputs: readonly Node[]
  readonly attributes: Attributes
  readonly results: readonly Aval[]
}

function create({ primitive, inputs, attributes, results }: NodeFields, { traced, constant }: Pick<Node, 'traced' | 'constant'>): Node {
  return {
    id: ++lastId,
    primitive,
    inputs,
    attributes,
    shape: results[0].shape,
    dtype: results[0].dtype,
    results: results.length > 1 ? results : undefined,
    traced,
    constant,
    site: siteOfNewNode(),
  }
}

/** The node for this expression; an existing one where the same expression lives already. */
export function intern(fields: NodeFields): Node {
  const key = `${fields.primitive.name}(${fields.inputs.map((input) => input.id).join(',')})${attributeKey(fields.attributes)}`
  const existing = interned.get(key)?.deref()
  if (existing) return existing
  const traced = fields.inputs.some((input) => input.traced)
  const constant = fields.inputs.every((input) => input.constant)
  const node = create(fields, { traced, constant })
  interned.set(key, new WeakRef(node))
  if (interned.size >= sweepAt) sweep()
  return node
}

/** A node equal to no other: a host buffer, or a placeholder of a trace. */
export function unique(primitive: Primitive, aval: Aval, attributes: Attributes = {}, traced = false): Node {
  return create({ primitive, inputs: [], attributes, results: [aval] }, { traced, constant: false })
}

/** Every node that the roots depend on, inputs before users. `stop` cuts the walk: a node for which it holds is listed, its inputs are not visited. */
export function topological(roots: readonly Node[], stop: (node: Node) => boolean = () => false): Node[] {
  const seen = new Set<Node>(roots)
  const pending = [...seen]
  while (pending.length > 0) {
    const node = pending.pop()!
    if (stop(node)) continue
    for (const input of node.inputs) {
      if (seen.has(input)) continue
      seen.add(input)
      pending.push(input)
    }
  }
  return [...seen].sort((a, b) => a.id - b.id)
}
