import { type Node, topological } from '../graph/node.ts'
import { type Graph, inline, rebuild } from '../graph/trace.ts'
import { project, projectPrimitive } from '../primitives/structural.ts'

/** Bodies are called again and again; what they expand to does not change. */
const expandedBodies = new WeakMap<Graph, Graph>()

function expandedBody(graph: Graph): Graph {
  let known = expandedBodies.get(graph)
  if (!known) {
    known = { parameters: graph.parameters, outputs: expand(graph.outputs) }
    expandedBodies.set(graph, known)
  }
  return known
}

/** Puts the graphs in the place of nodes that only stand for them: functions with rules of their own, checkpoints. No rule is asked for any more. */
export function expand(roots: readonly Node[]): Node[] {
  const order = topological(roots, (node) => node.value !== undefined)
  if (!order.some(({ primitive, value }) => primitive.body && value === undefined)) return [...roots]
  const results = new Map<Node, readonly Node[]>()
  const replacement = (node: Node): Node =>
    node.primitive === projectPrimitive && !results.has(node)
      ? results.get(node.inputs[0])![node.attributes.index as number]
      : results.get(node)![0]
  for (const node of order) {
    if (node.value !== undefined) {
      results.set(node, [node])
      continue
    }
    if (node.primitive === projectPrimitive) continue
    const inputs = node.inputs.map(replacement)
    const body = node.primitive.body?.(node.attributes)
    const rebuilt = rebuild(node, inputs)
    results.set(node, body ? inline(expandedBody(body), inputs) : (node.results ?? [node]).map((_, i) => project(rebuilt, i)))
  }
  return roots.map(replacement)
}
