import { sameShape } from '../array.ts'
import { type Node, topological } from '../graph/node.ts'
import { rebuild } from '../graph/trace.ts'
import { broadcastTo, reshape, transpose } from '../ops.ts'
import { Tensor } from '../tensor.ts'

/** Returns something simpler that means the same, or undefined. The inputs are already simple. */
type Rule = (node: Node) => Node | undefined

const isLiteral = (node: Node, value: number): boolean => node.primitive.name === 'literal' && node.attributes.value === value

/** A neutral element may be dropped only where it did not broadcast the other operand. */
const unless = (node: Node, kept: Node): Node | undefined => (sameShape(node.shape, kept.shape) ? kept : undefined)

/** By primitive. Only identities that hold for NaN and infinities too. */
const rules: Readonly<Record<string, Rule>> = {
  stopGradient: (node) => node.inputs[0],
  add: (node) =>
    isLiteral(node.inputs[1], 0) ? unless(node, node.inputs[0]) : isLiteral(node.inputs[0], 0) ? unless(node, node.inputs[1]) : undefined,
  mul: (node) =>
    isLiteral(node.inputs[1], 1)
      ? unless(node, node.inputs[0])
      : isLiteral(node.inputs[0], 1)
        ? unless(node, node.inputs[1])
        : expanded(node),
  div: (node) => (isLiteral(node.inputs[1], 1) ? unless(node, node.inputs[0]) : expanded(node)),
  sub: (node) => (isLiteral(node.inputs[1], 0) ? unless(node, node.inputs[0]) : expanded(node)),
  where: (node) => expanded(node),
  neg: (node) => (node.inputs[0].primitive.name === 'neg' ? node.inputs[0].inputs[0] : undefined),
  reshape: ({ inputs: [x], shape }) =>
    sameShape(x.shape, shape) ? x : x.primitive.name === 'reshape' ? reshape(new Tensor(x.inputs[0]), shape).node : undefined,
  transpose: ({ inputs: [x], attributes }) => {
    if (x.primitive.name !== 'transpose') return undefined
    const [outer, inner] = [attributes, x.attributes].map(({ permutation }) => permutation as readonly number[])
    return transpose(
      new Tensor(x.inputs[0]),
      outer.map((axis) => inner[axis]),
    ).node
  },
  broadcastTo: ({ inputs: [x], shape }) =>
    x.primitive.name === 'broadcastTo' ? broadcastTo(new Tensor(x.inputs[0]), shape).node : undefined,
}

/** An element-wise operation repeats its operands itself: drop a repetition that leaves the result's shape as it is. */
function expanded(node: Node): Node | undefined {
  const inputs = node.inputs.map((input) => (input.primitive.name === 'broadcastTo' ? input.inputs[0] : input))
  if (inputs.every((input, i) => input === node.inputs[i])) return undefined
  const rank = node.shape.length
  const covers = (extent: number, axis: number) => inputs.some((input) => input.shape[axis - rank + input.shape.length] === extent)
  return node.shape.every((extent, axis) => extent === 1 || covers(extent, axis)) ? rebuild(node, inputs) : undefined
}
for (const name of ['add', 'maximum', 'minimum', 'less', 'lessEqual', 'equal']) {
  const own = rules[name]
  Object.assign(rules, { [name]: (node: Node) => own?.(node) ?? expanded(node) })
}

/** The roots in simpler form. Common subexpressions need no pass: nodes are hash-consed. */
export function simplify(roots: readonly Node[]): Node[] {
  const simple = new Map<Node, Node>()
  for (const node of topological(roots, (node) => node.value !== undefined)) {
    const inputs = node.inputs.map((input) => simple.get(input)!)
    let current = node.value !== undefined ? node : rebuild(node, inputs)
    for (let next = rules[current.primitive.name]?.(current); next && next !== current; next = rules[current.primitive.name]?.(current))
      current = next
    simple.set(node, current)
  }
  return roots.map((root) => simple.get(root)!)
}
