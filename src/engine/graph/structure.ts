import { attributeKey, type Node } from './node.ts'
import type { Graph } from './trace.ts'

/** A string equal for graphs of equal structure, whatever their nodes' ids. Leaves that hold values are told apart by identity. */
export function structureOf(graph: Graph): string {
  const numbers = new Map<Node, number>()
  const lines: string[] = []
  const visit = (root: Node): void => {
    const pending: Node[] = [root]
    while (pending.length > 0) {
      const node = pending.at(-1)!
      const waiting = numbers.has(node) ? [] : node.inputs.filter((input) => !numbers.has(input))
      if (waiting.length > 0) {
        pending.push(...waiting.reverse())
        continue
      }
      pending.pop()
      if (numbers.has(node)) continue
      numbers.set(node, numbers.size)
      const leaf = node.inputs.length === 0 && !node.constant ? `#${node.id}` : ''
      lines.push(`${node.primitive.name}${leaf}(${node.inputs.map((input) => numbers.get(input)).join()})${attributeKey(node.attributes)}`)
    }
  }
  for (const parameter of graph.parameters) {
    numbers.set(parameter, numbers.size)
    lines.push(`${parameter.dtype}[${parameter.shape}]`)
  }
  for (const output of graph.outputs) visit(output)
  lines.push(graph.outputs.map((output) => numbers.get(output)).join())
  return lines.join('\n')
}
