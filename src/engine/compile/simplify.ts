import { sameShape } from '../array.ts'
import { type Node, topological } from '../graph/node.ts'
import { madeAt } from '../graph/site.ts'
import { rebuild } from '../graph/trace.ts'
import { broadcastTo, matmul, reshape, swapLast, transpose } from '../ops.ts'
import { swapsLast } from '../primitives/movement.ts'
import { Tensor } from '../tensor.ts'
import { expand } from './expand.ts'

/** Returns something simpler that means the same, or undefined. The inputs are already simple; `usedOnce` tells it of them. */
type Rule = (node: Node, usedOnce: (node: Node) => boolean) => Node | undefined

const isLiteral = (node: Node, value: number): boolean => node.primitive.name === 'literal' && node.attributes.value === value

/** A neutral element may be dropped only where it did not broadcast the other operand. */
const unless = (node: Node, kept: Node): Node | undefined => (sameShape(node.shape, kept.shape) ? kept : undefined)

/** By primitive. Only identities that hold for NaN and infinities too. */
const own: Readonly<Record<string, Rule>> = {
  stopGradient: (node) => node.inputs[0],
  checkpointName: (node) => node.inputs[0],
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
  transpose: (node, usedOnce) => {
    const {
      inputs: [x],
      attributes,
    } = node
    if (x.primitive.name === 'matmul' && usedOnce(x) && swapsLast(node)) return transposedProduct(x)
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

/** (A·B)ᵀ = Bᵀ·Aᵀ, where that takes no more transposes: a weight's gradient is such a product. */
function transposedProduct({ inputs: [a, b] }: Node): Node | undefined {
  if (a.shape.length !== b.shape.length || !(swapsLast(a) || swapsLast(b))) return undefined
  const swapped = (x: Node) => (swapsLast(x) ? new Tensor(x.inputs[0]) : swapLast(new Tensor(x)))
  return matmul(swapped(b), swapped(a)).node
}

/** An element-wise operation repeats its operands itself: drop a repetition that leaves the result's shape as it is. */
function expanded(node: Node): Node | undefined {
  const inputs = node.inputs.map((input) => (input.primitive.name === 'broadcastTo' ? input.inputs[0] : input))
  if (inputs.every((input, i) => input === node.inputs[i])) return undefined
  const rank = node.shape.length
  const covers = (extent: number, axis: number) => inputs.some((input) => input.shape[axis - rank + input.shape.length] === extent)
  return node.shape.every((extent, axis) => extent === 1 || covers(extent, axis)) ? rebuild(node, inputs) : undefined
}

/** Operations that may also lose a repetition, after what is their own. */
const repeating = ['add', 'maximum', 'minimum', 'less', 'lessEqual', 'equal'].map((name): [string, Rule] => [
  name,
  (node, usedOnce) => own[name]?.(node, usedOnce) ?? expanded(node),
])

const rules: Readonly<Record<string, Rule>> = { ...own, ...Object.fromEntries(repeating) }

/** How often each node is read, by another or as a root. */
function countUses(nodes: readonly Node[], roots: readonly Node[]): Map<Node, number> {
  const uses = new Map<Node, number>()
  const reads = nodes.flatMap((node) => (node.value === undefined ? node.inputs : []))
  for (const node of [...roots, ...reads]) uses.set(node, (uses.get(node) ?? 0) + 1)
  return uses
}

/** The roots in simpler form. Common subexpressions need no pass: nodes are hash-consed. */
export function simplify(composed: readonly Node[]): Node[] {
  const roots = expand(composed)
  const nodes = topological(roots, (node) => node.value !== undefined)
  const uses = countUses(nodes, roots)
  const simple = new Map<Node, Node>()
  const simpleUses = new Map<Node, number>()
  const usedOnce = (node: Node) => simpleUses.get(node) === 1
  for (const node of nodes) {
    const inputs = node.inputs.map((input) => simple.get(input)!)
    let current = node.value !== undefined ? node : rebuild(node, inputs)
    const next = () => madeAt(node.site, () => rules[current.primitive.name]?.(current, usedOnce))
    for (let better = next(); better && better !== current; better = next()) current = better
    simple.set(node, current)
    simpleUses.set(current, (simpleUses.get(current) ?? 0) + uses.get(node)!)
  }
  return roots.map((root) => simple.get(root)!)
}
