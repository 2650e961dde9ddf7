import { attributeKey, type Node, topological } from './node.ts'
import { trace } from './trace.ts'

/**
 * A traced function as text, one node a line, for people.
 *
 * @example
 * console.log(printGraph((x) => sum(mul(x, x)), [zeros([3])]))
 */
export function printGraph<A extends unknown[]>(fn: (...args: A) => unknown, examples: A): string {
  const traced = trace(fn as never, examples)
  const names = new Map<Node, string>(traced.parameters.map((node, i) => [node, `in${i}`]))
  const type = (node: Node) => `${node.dtype}[${node.shape.join(', ')}]`
  const lines = [`function (${traced.parameters.map((node, i) => `in${i}: ${type(node)}`).join(', ')})`]
  for (const node of topological(traced.outputs)) {
    if (names.has(node)) continue
    names.set(node, `%${names.size}`)
    const attributes = Object.keys(node.attributes).length > 0 ? ` ${attributeKey(node.attributes)}` : ''
    lines.push(
      `  ${names.get(node)} = ${node.primitive.name}(${node.inputs.map((input) => names.get(input)).join(', ')})${attributes} : ${type(node)}`,
    )
  }
  lines.push(`  return ${traced.outputs.map((node) => names.get(node)).join(', ')}`)
  return lines.join('\n')
}
