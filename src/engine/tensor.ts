import type { NDArray } from './array.ts'
import type { TypedArray } from './dtype.ts'
import type { Aval, Node } from './graph/node.ts'
import { data as dataNode } from './primitives/structural.ts'

/** Nested numbers, as `x.array()` gives and `tensor(...)` takes. */
export type Nested = number | boolean | readonly Nested[]

/**
 * An immutable array: shape, dtype, and a node of the graph that says how to compute it. Nothing is computed until a value is asked for.
 *
 * @example
 * const x = tensor([1, 2, 3])
 * await add(x, 1).data() // Float32Array [2, 3, 4]
 */
export class Tensor implements Aval {
  #node: Node
  /** What a leaf of a model is: a parameter or any other value, or a buffer, which training changes but which has no derivative. */
  readonly kind: 'value' | 'buffer'

  constructor(node: Node, kind: 'value' | 'buffer' = 'value') {
    this.#node = node
    this.kind = kind
  }

  /** The same values as a leaf of this kind. */
  as(kind: Tensor['kind']): Tensor {
    return kind === this.kind ? this : new Tensor(this.#node, kind)
  }

  /** The node; once its value is known, a leaf that holds it, so that the history can be forgotten. Constants keep theirs: it is short, and shared. */
  get node(): Node {
    if (this.#node.value && this.#node.inputs.length > 0 && !this.#node.constant)
      this.#node = dataNode(this.#node.value, { computed: true })
    return this.#node
  }

  /** The node with its history, where nothing has been built on the tensor since its value is known. */
  get origin(): Node {
    return this.#node
  }

  get shape(): readonly number[] {
    return this.#node.shape
  }

  get dtype(): Node['dtype'] {
    return this.#node.dtype
  }

  /** The value as a host array. Computes it where that has not happened yet. */
  async ndarray(): Promise<NDArray> {
    if (!this.#node.value) {
      const { evaluate } = await import('./compile/evaluate.ts')
      await evaluate(this)
    }
    return this.#node.value!
  }

  /** The elements, row-major. Booleans are bytes. The memory belongs to the engine: read it, don't write it. */
  async data(): Promise<TypedArray> {
    return (await this.ndarray()).data
  }

  /** The single element of a tensor of size 1. */
  async item(): Promise<number> {
    const { data } = await this.ndarray()
    if (data.length !== 1) throw new RangeError(`item() needs a tensor of one element, not shape [${this.shape}]`)
    return data[0]
  }

  /** The elements as nested arrays. */
  async array(): Promise<Nested> {
    const { data } = await this.ndarray()
    const nest = (axis: number, offset: number, stride: number): Nested => {
      if (axis === this.shape.length) return this.dtype === 'bool' ? data[offset] !== 0 : data[offset]
      const inner = stride / Math.max(this.shape[axis], 1)
      return Array.from({ length: this.shape[axis] }, (_, i) => nest(axis + 1, offset + i * inner, inner))
    }
    return nest(0, 0, data.length)
  }

  toString(): string {
    const known = this.#node.value
    const values = known
      ? ` [${Array.from(known.data.slice(0, 6), (v) => Number(v.toPrecision(5))).join(', ')}${known.data.length > 6 ? ', …' : ''}]`
      : ''
    return `Tensor ${this.dtype} [${this.shape.join(', ')}]${values}`
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

/**
 * Whether a value is a tensor.
 *
 * @example
 * isTensor([1, 2]) // false
 */
export const isTensor = (value: unknown): value is Tensor => value instanceof Tensor
