import type { NDArray } from '../../array.ts'
import { InputError } from '../../errors.ts'
import type { Tensor } from '../../tensor.ts'
import { type AttributeValue, isGraph, type OnnxNode } from '../format.ts'
import type { Narrow } from '../narrow.ts'

/** What a name of the model stands for while it is traced. */
export interface Value {
  readonly tensor: Tensor
  /** The elements, where they depend on constants and shapes alone: what Reshape, Slice and the like need to know while tracing. */
  readonly known?: NDArray
  /** The type in the model, where int32 stands for fewer bits. */
  readonly narrow?: Narrow
}

/** A graph inside a node, ready to be called. */
export type Subgraph = (inputs: readonly Value[]) => Value[]

/** One node of a model, as its operator sees it. */
export class Call {
  readonly node: OnnxNode
  /** The version of the operator set that the node's domain has in this model. */
  readonly opset: number
  readonly values: readonly (Value | undefined)[]
  readonly #subgraph: (name: string) => Subgraph

  constructor(node: OnnxNode, opset: number, values: readonly (Value | undefined)[], subgraph: (name: string) => Subgraph) {
    this.node = node
    this.opset = opset
    this.values = values
    this.#subgraph = subgraph
  }

  /** Raised as an error that names the node. */
  fail(what: string): never {
    throw new InputError(what)
  }

  // Inputs

  has(index: number): boolean {
    return this.values[index] !== undefined
  }

  optional(index: number): Tensor | undefined {
    return this.values[index]?.tensor
  }

  input(index = 0): Tensor {
    return this.optional(index) ?? this.fail(`input ${index} is missing`)
  }

  get inputs(): Tensor[] {
    return this.values.map((_, i) => this.input(i))
  }

  /** The elements of an input that must be known while tracing; undefined where it is left out. */
  numbers(index: number): number[] | undefined {
    const value = this.values[index]
    if (!value) return undefined
    if (!value.known)
      this.fail(`input ${index} must be known while tracing: a constant, what follows from shapes, or an input given as a host array`)
    return Array.from(value.known!.data)
  }

  number(index: number): number | undefined {
    const values = this.numbers(index)
    if (values && values.length !== 1) this.fail(`input ${index} must be one number`)
    return values?.[0]
  }

  // Attributes

  #attribute(name: string): AttributeValue | undefined {
    return Object.hasOwn(this.node.attributes, name) ? this.node.attributes[name] : undefined
  }

  #wrongKind(name: string): never {
    return this.fail(`attribute '${name}' is of another kind than the standard says`)
  }

  integer(name: string, otherwise?: number): number {
    const value = this.#attribute(name) ?? otherwise ?? this.fail(`attribute '${name}' is missing`)
    return typeof value === 'number' ? value : this.#wrongKind(name)
  }

  flag(name: string, otherwise = false): boolean {
    return this.integer(name, Number(otherwise)) !== 0
  }

  float(name: string, otherwise?: number): number {
    const value = this.#attribute(name)
    if (value === undefined) return otherwise ?? this.fail(`attribute '${name}' is missing`)
    return typeof value === 'object' && 'float' in value ? value.float : this.#wrongKind(name)
  }

  string(name: string, otherwise: string): string {
    const value = this.#attribute(name) ?? otherwise
    return typeof value === 'string' ? value : this.#wrongKind(name)
  }

  integers(name: string): readonly number[] | undefined {
    const value = this.#attribute(name)
    if (value === undefined) return undefined
    return Array.isArray(value) ? value : this.#wrongKind(name)
  }

  floats(name: string): readonly number[] | undefined {
    const value = this.#attribute(name)
    if (value === undefined) return undefined
    return typeof value === 'object' && 'floats' in value ? value.floats : this.#wrongKind(name)
  }

  attribute(name: string): AttributeValue | undefined {
    return this.#attribute(name)
  }

  graph(name: string): Subgraph {
    const value = this.#attribute(name)
    return value !== undefined && isGraph(value) ? this.#subgraph(name) : this.fail(`attribute '${name}' is no graph`)
  }

  /** Integers that were an attribute in older versions of an operator and are an input in newer ones. */
  integersOrInput(name: string, index: number): readonly number[] | undefined {
    return this.integers(name) ?? this.numbers(index)
  }

  /** An axis counted from the front. */
  axis(axis: number, rank = this.input().shape.length): number {
    const at = axis < 0 ? axis + rank : axis
    return at >= 0 && at < rank ? at : this.fail(`there is no axis ${axis} among ${rank}`)
  }

  axes(list: readonly number[], rank?: number): number[] {
    const axes = list.map((axis) => this.axis(axis, rank))
    return new Set(axes).size === axes.length ? axes : this.fail(`an axis is listed twice in [${list.join(', ')}]`)
  }
}

/** What a node of some type computes. Results that the model does not use may be left out at the end. */
export type Operator = (call: Call) => Tensor | readonly (Tensor | Value | undefined)[]

export type Operators = Readonly<Record<string, Operator>>
