import { placeholder, project, projectPrimitive } from '../primitives/structural.ts'
import { isTensor, Tensor } from '../tensor.ts'
import { leaves, mapTree } from '../tree.ts'
import { type Aval, intern, type Node, topological } from './node.ts'
import { madeAt } from './site.ts'

/** A function as a graph: what it computes from its parameters. Values of the surrounding program appear as they are. */
export interface Graph {
  readonly parameters: readonly Node[]
  readonly outputs: readonly Node[]
}

/** A traced call: the graph, and the tree of tensors that the function returned. */
export interface Traced<R> extends Graph {
  readonly result: R
}

/** The tensors among the leaves of a tree, in order. */
export const tensorsOf = (tree: unknown): Tensor[] => leaves(tree).filter(isTensor)

/** The tree with each of its tensors replaced, in order; other leaves stay, and so does what is a buffer. */
export function replaceTensors<R>(tree: unknown, tensors: readonly Tensor[]): R {
  let index = 0
  return mapTree<R>(tree, (leaf) => (isTensor(leaf) ? tensors[index++].as((leaf as Tensor).kind) : leaf))
}

/** Runs `fn` on placeholders in the place of the tensors among its arguments. */
export function trace<R>(fn: (...args: never[]) => R, args: readonly unknown[], avals: readonly Aval[] = tensorsOf(args)): Traced<R> {
  const names = tensorPaths(args)
  const parameters = avals.map((aval, i) => placeholder(aval, names[i]))
  const inner = replaceTensors<never[]>(
    args,
    parameters.map((node) => new Tensor(node)),
  )
  const result = fn(...inner)
  return { parameters, outputs: tensorsOf(result).map((x) => x.node), result }
}

/** The dotted path of each tensor among the arguments: what a parameter is called in printed and exported graphs. */
export function tensorPaths(args: unknown): string[] {
  const paths: string[] = []
  mapTree(args, (leaf, path) => {
    if (isTensor(leaf)) paths.push(path)
    return leaf
  })
  return paths
}

/** The nodes that depend on any of `from`, inputs before users. A node for which `blocks` holds passes no dependence on. */
export function dependents(outputs: readonly Node[], from: readonly Node[], blocks: (node: Node) => boolean = () => false): Set<Node> {
  const reached = new Set<Node>(from)
  // A node is younger than its inputs: nothing older than the oldest of `from` can depend on it.
  const oldest = from.reduce((id, node) => Math.min(id, node.id), Number.POSITIVE_INFINITY)
  for (const node of topological(outputs, (node) => node.id <= oldest)) {
    if (node.inputs.some((input) => reached.has(input)) && !blocks(node)) reached.add(node)
  }
  return reached
}

/** The roots with nodes exchanged as `replacements` says, in everything that depends on them. */
export function substitute(roots: readonly Node[], replacements: ReadonlyMap<Node, Node>): Node[] {
  const replaced = new Map(replacements)
  const order = [...dependents(roots, [...replacements.keys()])].sort((a, b) => a.id - b.id)
  for (const node of order) {
    if (replaced.has(node)) continue
    replaced.set(
      node,
      rebuild(
        node,
        node.inputs.map((input) => replaced.get(input) ?? input),
      ),
    )
  }
  return roots.map((root) => replaced.get(root) ?? root)
}

/** The same operation on other inputs (of the same shapes and dtypes). */
export function rebuild(node: Node, inputs: readonly Node[]): Node {
  if (inputs.every((input, i) => input === node.inputs[i])) return node
  if (node.primitive === projectPrimitive) return project(inputs[0], node.attributes.index as number)
  return madeAt(node.site, () =>
    intern({ primitive: node.primitive, inputs, attributes: node.attributes, results: node.results ?? [node] }),
  )
}

/** Calls a graph: its outputs with the parameters replaced by the arguments. */
export function inline(graph: Graph, args: readonly Node[]): Node[] {
  return substitute(graph.outputs, new Map(graph.parameters.map((parameter, i) => [parameter, args[i]])))
}

/** As `inline`, in and out of tensors and trees. */
export function inlineTree<R>(traced: Traced<R>, args: readonly Tensor[]): R {
  const outputs = inline(
    traced,
    args.map((x) => x.node),
  )
  return replaceTensors<R>(
    traced.result,
    outputs.map((node) => new Tensor(node)),
  )
}
