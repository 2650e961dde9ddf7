import { type NDArray, ndarray } from '../array.ts'
import { isFloat } from '../dtype.ts'
import { InputError } from '../errors.ts'
import { type Node, topological } from '../graph/node.ts'
import type { Graph } from '../graph/trace.ts'
import { tensorsOf } from '../graph/trace.ts'
import { projectPrimitive } from '../primitives/structural.ts'

/*
 * The oracle: the same graphs, in plain JavaScript, floats always in float64. Slow and simple on purpose.
 */

const asReference = (array: NDArray): NDArray => (isFloat(array.dtype) ? { ...array, data: Float64Array.from(array.data) } : array)

/** The values of all nodes that the roots need, given those of the parameters. */
export function evaluateNodes(roots: readonly Node[], bound: ReadonlyMap<Node, NDArray> = new Map()): NDArray[] {
  const values = new Map<Node, readonly NDArray[]>()
  const isBound = (node: Node) => bound.has(node) || (node.value !== undefined && node.inputs.length === 0)
  for (const node of topological(roots, isBound)) {
    if (bound.has(node)) values.set(node, [asReference(bound.get(node)!)])
    else if (isBound(node)) values.set(node, [asReference(node.value!)])
    else if (node.primitive === projectPrimitive) values.set(node, [values.get(node.inputs[0])![node.attributes.index as number]])
    else {
      const inputs = node.inputs.map((input) => values.get(input)![0])
      values.set(node, node.primitive.evaluate(inputs, node.attributes, node.results ?? [node]))
    }
  }
  return roots.map((root) => values.get(root)![0])
}

/** Runs a graph on arguments. */
export function evaluateGraph(graph: Graph, args: readonly NDArray[]): NDArray[] {
  return evaluateNodes(graph.outputs, new Map(graph.parameters.map((parameter, i) => [parameter, args[i]])))
}

/**
 * The tensors of a tree, computed in float64 by the reference evaluator instead of the runtime. Throws an InputError for a tensor that the
 * runtime has computed and that was used since: how it came about is forgotten.
 *
 * @example
 * const [y] = reference(softmax(tensor([0, 0])))
 * y.data // Float64Array [0.5, 0.5]
 */
export function reference(tree: unknown): NDArray[] {
  const roots = tensorsOf(tree).map((x) => x.origin)
  if (roots.some(({ attributes }) => attributes.computed)) {
    throw new InputError('reference: a value that the runtime has computed has forgotten its history', {
      fix: 'call reference before evaluate or data()',
    })
  }
  return evaluateNodes(roots).map((array) => ndarray(array.data, array.shape, array.dtype))
}
