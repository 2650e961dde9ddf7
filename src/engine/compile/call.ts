import type { NDArray } from '../array.ts'
import { intern, type Node } from '../graph/node.ts'
import type { Primitive } from '../graph/primitive.ts'
import { type Graph, inline } from '../graph/trace.ts'
import { project } from '../primitives/structural.ts'
import { evaluateGraph } from '../reference/evaluate.ts'
import { Tensor } from '../tensor.ts'
import type { Cause } from './cache.ts'
import { compile, type Program } from './program.ts'

/** A function traced once, compiled at its first run. */
export class CompiledFunction {
  readonly graph: Graph
  readonly #cause: Cause
  #program?: Promise<Program>

  constructor(graph: Graph, cause: Cause) {
    this.graph = graph
    this.#cause = cause
  }

  program(): Promise<Program> {
    this.#program ??= compile(this.graph, this.#cause)
    return this.#program
  }
}

const functionOf = (node: Pick<Node, 'attributes'>): CompiledFunction => node.attributes.fn as CompiledFunction

const neverTraced = (): never => {
  throw new Error('a compiled function that is being traced is inlined, so no rule is ever asked of its call')
}

/** The call of a compiled function on concrete arguments. */
export const callPrimitive: Primitive = {
  name: 'call',
  kind: 'structural',
  infer: (_, attributes) => functionOf({ attributes }).graph.outputs,
  evaluate: (inputs, attributes) => evaluateGraph(functionOf({ attributes }).graph, inputs),
  jvp: neverTraced,
  vjp: neverTraced,
  batch: neverTraced,
  lower: (context, inputs, node) => context.inlineGraph(functionOf(node).graph, inputs),
}

/** The results of calling: inlined where an argument is being traced, one node otherwise. */
export function call(fn: CompiledFunction, args: readonly Tensor[]): Tensor[] {
  const nodes = args.map((x) => x.node)
  if (nodes.some((node) => node.traced)) return inline(fn.graph, nodes).map((node) => new Tensor(node))
  const results = fn.graph.outputs.map(({ shape, dtype }) => ({ shape, dtype }))
  const node = intern({ primitive: callPrimitive, inputs: nodes, attributes: { fn }, results })
  return results.map((_, i) => new Tensor(project(node, i)))
}

/** Runs a call whose inputs have values. */
export async function runCall(node: Node): Promise<NDArray[]> {
  const program = await functionOf(node).program()
  return program.run(node.inputs.map((input) => input.value!))
}
