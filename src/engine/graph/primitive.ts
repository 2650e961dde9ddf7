import type { NDArray } from '../array.ts'
import type { LoweringContext } from '../compile/lower.ts'
import type { Tensor } from '../tensor.ts'
import type { Attributes, Aval, Node } from './node.ts'
import type { Graph } from './trace.ts'

/** A tangent or cotangent; `null` stands for zero, so that nothing is computed for what does not depend. */
export type Derivative = Tensor | null

/** What a derivative rule sees of the node it differentiates. */
export interface RuleContext {
  readonly inputs: readonly Tensor[]
  /** The results of the node (one, but for primitives with several). */
  readonly outputs: readonly Tensor[]
  readonly attributes: Attributes
}

/**
 * An operation of the graph: everything about it in one object. Most primitives are made by a factory of `primitives/define.ts` from less:
 * an element-wise one states its derivative once, a linear one its transpose.
 */
export interface Primitive {
  readonly name: string
  /** How its derivative is stated; the table test chooses its checks by it. */
  readonly kind: 'elementwise' | 'linear' | 'multilinear' | 'general' | 'constant' | 'structural'
  /** The shapes and dtypes of the results. Throws a ShapeError that names the operation for inputs it does not take. */
  infer(inputs: readonly Aval[], attributes: Attributes): readonly Aval[]
  /** The results in plain JavaScript. Floats are computed and kept in float64 whatever the node's dtype: this is the oracle. */
  evaluate(inputs: readonly NDArray[], attributes: Attributes, results: readonly Aval[]): readonly NDArray[]
  /** Forward mode: the tangent of each result, given those of the inputs. */
  jvp(context: RuleContext, tangents: readonly Derivative[]): readonly Derivative[]
  /** Reverse mode: the cotangent of each input, given those of the results. `wanted[i]` is false where nobody asks for input i. */
  vjp(context: RuleContext, cotangents: readonly Derivative[], wanted: readonly boolean[]): readonly Derivative[]
  /** The operation on examples: where `batched[i]`, input i has a leading axis of `size` examples. All results get that axis in front. */
  batch(inputs: readonly Tensor[], batched: readonly boolean[], attributes: Attributes, size: number): readonly Tensor[]
  /** Where a node only stands for a graph, so that transformations see it whole: that graph, of the node's inputs. Compilation puts it in its place. */
  body?(attributes: Attributes): Graph
  /** Floating-point operations. Default: one for each element of the largest input or result; operations that only move elements say none. */
  flops?(node: Node): number
  /** Elements, of the result's dtype, that the lowered operation keeps beside its inputs and results while it runs. Default: none. */
  scratch?(node: Node): number
  /** Whether it runs in JavaScript between compiled graphs: the runtime's results are then those of `evaluate`, in the dtype's storage. */
  readonly onHost?: boolean
  /** Emits ONNX nodes; returns the names of the results. */
  lower(context: LoweringContext, inputs: readonly string[], node: Node): readonly string[]
}
