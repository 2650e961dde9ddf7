import { sizeOf } from '../array.ts'
import { buffersOf, bytesOf, peakOf } from '../compile/memory.ts'
import { listing } from '../compile/order.ts'
import type { Aval, Node } from '../graph/node.ts'
import type { Graph } from '../graph/trace.ts'

/** Floating-point operations of one node. */
export function flopsOf(node: Node): number {
  const { primitive, inputs } = node
  if (primitive.flops) return primitive.flops(node)
  if (primitive.kind === 'structural' || inputs.length === 0) return 0
  return Math.max(...[...inputs, ...resultsOf(node)].map(({ shape }) => sizeOf(shape)))
}

const resultsOf = (node: Node): readonly Aval[] => node.results ?? [node]

/** Memory that a run holds at its worst moment, and who holds it then. All in bytes. */
export interface MemoryPeak {
  /** Arguments and results, which live outside the run. */
  readonly outside: number
  /** The largest sum of intermediate values that live at once. */
  readonly intermediate: number
  /** The buffers of that moment, each with the node whose value is in it. */
  readonly live: readonly { readonly node: Node; readonly bytes: number }[]
}

/** The peak memory of a graph in the order in which it is run. */
export function memoryPeak(graph: Graph): MemoryPeak {
  const buffers = buffersOf(graph, listing(graph).run)
  const { bytes, at } = peakOf(buffers)
  return {
    outside: [...graph.parameters, ...graph.outputs].reduce((sum, node) => sum + bytesOf(node), 0),
    intermediate: bytes,
    live: buffers
      .filter(({ first, last }) => first <= at && at <= last)
      .map((buffer) => ({ node: buffer.holders.findLast(({ from }) => from <= at)!.node, bytes: buffer.bytes })),
  }
}
