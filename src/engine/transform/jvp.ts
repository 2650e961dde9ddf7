import { callGraph } from '../graph/closure.ts'
import { tensorsLike } from '../graph/like.ts'
import type { Node } from '../graph/node.ts'
import type { Derivative } from '../graph/primitive.ts'
import { madeAt } from '../graph/site.ts'
import { dependents, type Graph, inlineTree, replaceTensors, tensorsOf, trace } from '../graph/trace.ts'
import { isDifferentiable, zerosLike } from '../ops.ts'
import { project, projectPrimitive } from '../primitives/structural.ts'
import { Tensor } from '../tensor.ts'

/** The tangents of `outputs`, given those of `from`: one walk through the graph, inputs first. */
export function pushForward(outputs: readonly Node[], from: readonly Node[], tangents: readonly Derivative[]): Derivative[] {
  const known = new Map<Node, readonly Derivative[]>(from.map((node, i) => [node, [tangents[i]]]))
  const tangentOf = (node: Node): Derivative =>
    node.primitive === projectPrimitive
      ? (known.get(node.inputs[0])?.[node.attributes.index as number] ?? null)
      : (known.get(node)?.[0] ?? null)

  const order = [...dependents(outputs, from)].sort((a, b) => a.id - b.id)
  for (const node of order) {
    if (known.has(node) || node.primitive === projectPrimitive) continue
    const inputTangents = node.inputs.map(tangentOf)
    if (inputTangents.every((t) => t === null)) continue
    known.set(
      node,
      madeAt(node.site, () => node.primitive.jvp(ruleContext(node), inputTangents)),
    )
  }
  return outputs.map(tangentOf)
}

/** Values and tangents of a graph called on arguments. */
export function pushGraph(
  graph: Graph,
  args: readonly Tensor[],
  tangents: readonly Derivative[],
): { values: Tensor[]; tangents: Derivative[] } {
  const pushed = pushForward(graph.outputs, graph.parameters, tangents)
  const known = pushed.filter((t) => t !== null)
  const results = callGraph({ parameters: graph.parameters, outputs: [...graph.outputs, ...known.map((t) => t.node)] }, args)
  const values = results.splice(0, graph.outputs.length)
  return { values, tangents: pushed.map((t) => t && results.shift()!) }
}

export const ruleContext = (node: Node) => ({
  inputs: node.inputs.map((input) => new Tensor(input)),
  outputs: (node.results ?? [node]).map((_, i) => new Tensor(project(node, i))),
  attributes: node.attributes,
})

/**
 * Forward mode: the value of `fn` at `primals` and its directional derivative along `tangents` (Jacobian times vector). Costs about two
 * evaluations, whatever the number of inputs, and keeps nothing for later.
 *
 * @example
 * const { value, tangent } = jvp((x) => sin(x), [tensor(0)], [tensor(1)]) // 0 and 1
 */
export function jvp<A extends unknown[], R>(fn: (...args: A) => R, primals: [...A], tangents: [...A]): { value: R; tangent: R } {
  const inputs = tensorsOf(primals)
  const directions = tensorsLike('jvp', 'the tangent', tangents, primals, { integers: false })
  const traced = trace(fn as never, primals)
  const derivatives = pushForward(
    traced.outputs,
    traced.parameters,
    inputs.map((x, i) => (isDifferentiable(x) ? directions[i] : null)),
  )
  const tangent = derivatives.map((t, i) => t ?? zerosLike(new Tensor(traced.outputs[i])))
  const result = { value: traced.result as R, tangent: replaceTensors<R>(traced.result, tangent) }
  return inlineTree({ parameters: traced.parameters, outputs: tensorsOf(result).map((x) => x.node), result }, inputs)
}
