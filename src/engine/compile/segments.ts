import { type NDArray, ndarray } from '../array.ts'
import { allocate } from '../dtype.ts'
import { type Node, topological } from '../graph/node.ts'
import { type Graph, substitute } from '../graph/trace.ts'
import type { HostFunction } from '../primitives/host.ts'
import { placeholder, project } from '../primitives/structural.ts'

interface Wiring {
  /** Where the inputs are found and where the results go, in the table of values that segments share. */
  readonly reads: readonly number[]
  readonly writes: readonly number[]
}

/** A piece of a program between host calls, or one host call. */
export type Segment = Wiring & ({ readonly graph: Graph; readonly call?: undefined } | { readonly call: HostFunction })

/** A graph in pieces. */
export interface Cut {
  readonly segments: readonly Segment[]
  /** How long the table of values is. */
  readonly slots: number
  readonly outputs: readonly number[]
}

export const isHostCall = (node: Node): boolean => node.primitive.onHost === true

/** The evaluator keeps all floats in float64; between compiled graphs they need the storage of their dtype. */
function stored({ data, shape, dtype }: NDArray): NDArray {
  const storage = allocate(dtype, 0)
  if (data.constructor === storage.constructor) return ndarray(data, shape, dtype)
  return ndarray((storage.constructor as Float32ArrayConstructor).from(data), shape, dtype)
}

const hostFunctionOf =
  ({ primitive, attributes, results, shape, dtype }: Node): HostFunction =>
  (inputs) =>
    primitive.evaluate(inputs, attributes, results ?? [{ shape, dtype }]).map(stored)

/**
 * Cuts a graph at its host calls. Each host call needs its inputs computed first; each value that crosses a cut gets a slot in a table. The
 * parameters have the first slots.
 */
export function splitAtHostCalls(graph: Graph): Cut {
  const slots = new Map<Node, number>(graph.parameters.map((node, i) => [node, i]))
  const segments: Segment[] = []
  let next = slots.size
  const slotOf = (node: Node): number => {
    if (!slots.has(node)) slots.set(node, next++)
    return slots.get(node)!
  }

  const compute = (wanted: readonly Node[]): void => {
    const missing = [...new Set(wanted)].filter((node) => !slots.has(node))
    if (missing.length === 0) return
    const inputs = topological(missing, (node) => slots.has(node)).filter((node) => slots.has(node))
    const parameters = inputs.map((node) => placeholder(node))
    const outputs = substitute(missing, new Map(inputs.map((node, i) => [node, parameters[i]])))
    segments.push({ graph: { parameters, outputs }, reads: inputs.map(slotOf), writes: missing.map(slotOf) })
  }

  for (const node of topological(graph.outputs).filter(isHostCall)) {
    compute(node.inputs)
    const results = (node.results ?? [node]).map((_, i) => project(node, i))
    segments.push({ call: hostFunctionOf(node), reads: node.inputs.map(slotOf), writes: results.map(slotOf) })
  }
  compute(graph.outputs)
  return { segments, slots: next, outputs: graph.outputs.map(slotOf) }
}
