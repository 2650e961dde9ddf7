import { placeholder } from '../primitives/structural.ts'
import { Tensor } from '../tensor.ts'
import type { Aval, Node } from './node.ts'
import { structureOf } from './structure.ts'
import { dependents, type Graph, inline, substitute } from './trace.ts'

/**
 * A function inside a node: the body of a loop, a branch, what a custom rule stands for. It depends on its parameters alone, so that it can be
 * called on any arguments; graphs of equal structure are equal attributes.
 */
export class ClosedGraph implements Graph {
  readonly parameters: readonly Node[]
  readonly outputs: readonly Node[]
  #structure?: string

  constructor(parameters: readonly Node[], outputs: readonly Node[]) {
    this.parameters = parameters
    this.outputs = outputs
  }

  /** What `attributeKey` compares. */
  get structure(): string {
    this.#structure ??= structureOf(this)
    return this.#structure
  }
}

/** Traces a function of tensors. */
export function graphOf(fn: (...args: Tensor[]) => readonly Tensor[], avals: readonly Aval[]): Graph {
  const parameters = avals.map((aval) => placeholder(aval))
  const outputs = fn(...parameters.map((node) => new Tensor(node))).map((x) => x.node)
  return { parameters, outputs }
}

/** Calls a graph on tensors. */
export const callGraph = (graph: Graph, args: readonly Tensor[]): Tensor[] =>
  inline(
    graph,
    args.map((x) => x.node),
  ).map((node) => new Tensor(node))

/** Values of the surrounding program that graphs use, in a fixed order. Constants are not among them: they can be rebuilt anywhere. */
export function capturesOf(graphs: readonly Graph[]): Node[] {
  const found = new Set<Node>()
  for (const graph of graphs) {
    const inside = dependents(graph.outputs, graph.parameters)
    const used = [...inside].flatMap((node) => node.inputs).concat(graph.outputs)
    for (const node of used) if (!inside.has(node) && !isNumber(node)) found.add(node)
  }
  return [...found]
}

const isNumber = (node: Node): boolean => node.constant && node.inputs.length === 0

/**
 * Graphs that use values of the surrounding program, with these as further parameters, the same for all. `more` may name further nodes of a
 * graph as outputs.
 */
export function close(
  graphs: readonly Graph[],
  more: (graph: Graph) => readonly Node[] = () => [],
): { closed: ClosedGraph[]; captures: Tensor[] } {
  const captures = capturesOf(graphs)
  const closed = graphs.map(({ parameters, outputs }) => {
    const inner = captures.map((node) => placeholder(node))
    const own = substitute(outputs, new Map(captures.map((node, i) => [node, inner[i]])))
    const graph = { parameters: [...parameters, ...inner], outputs: own }
    return new ClosedGraph(graph.parameters, [...own, ...more(graph)])
  })
  return { closed, captures: captures.map((node) => new Tensor(node)) }
}
