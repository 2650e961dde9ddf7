import { type Node, topological } from '../graph/node.ts'
import type { Graph } from '../graph/trace.ts'
import { buffersOf, peakOf } from './memory.ts'

/*
 * The order in which a graph runs decides how many values live at once. ONNX Runtime does not run nodes as they are listed: it walks from the nodes
 * that no node reads, the last listed first, down to their inputs, of several again to the last listed first, and runs a node once all its
 * inputs have run. So an order is chosen by the places that nodes have in the list.
 */

/** The order in which the runtime runs nodes that are listed like this. */
export function runOrder<T>(listed: readonly T[], inputsOf: (node: T) => readonly T[]): T[] {
  const places = new Map(listed.map((node, i) => [node, i]))
  const inputs = listed.map((node) => placesOf(inputsOf(node), places))
  const isRead = new Uint8Array(listed.length)
  for (const input of inputs.flat()) isRead[input] = 1
  // A place p is to be entered, ~p to be run.
  const pending = [...listed.keys()].filter((place) => !isRead[place])
  const met = new Uint8Array(listed.length)
  const order: T[] = []
  while (pending.length > 0) {
    const place = pending.pop()!
    if (place < 0) order.push(listed[~place])
    if (place < 0 || met[place]) continue
    met[place] = 1
    pending.push(~place)
    for (const input of inputs[place]) if (!met[input]) pending.push(input)
  }
  return order
}

/** Ascending. */
function placesOf<T>(nodes: readonly T[], places: ReadonlyMap<T, number>): number[] {
  const found = nodes.flatMap((node) => places.get(node) ?? [])
  return found.length > 1 ? found.sort((a, b) => a - b) : found
}

/** A list of a graph's nodes, inputs before users, and the order in which the runtime will run it. */
export interface Listing {
  readonly listed: readonly Node[]
  readonly run: readonly Node[]
  /** Bytes of intermediate values at the worst moment of the run. */
  readonly bytes: number
}

const known = new WeakMap<Graph, Listing>()

/**
 * Lists a graph's nodes such that the run needs little memory. Of several inputs the one with the longest way behind it is computed first: while a
 * tangent waits for the tangent before it, the values that it will be multiplied with need not exist yet. Whether results near the arguments
 * should come first (each layer's update as soon as the backward pass has its gradient) or last (values that tangents need as well) depends on
 * the graph: the better of the two is taken.
 */
export function listing(graph: Graph): Listing {
  const found = known.get(graph) ?? best(graph)
  known.set(graph, found)
  return found
}

function best(graph: Graph): Listing {
  const nodes = topological(graph.outputs)
  const depth = depthsOf(nodes)
  const byDepth = (a: Node, b: Node) => depth.get(a)! - depth.get(b)! || a.id - b.id
  const read = new Set(nodes.flatMap(({ inputs }) => inputs))
  const inner = nodes.filter((node) => read.has(node)).sort(byDepth)
  const ends = nodes.filter((node) => !read.has(node)).sort(byDepth)
  const [deepFirst, shallowFirst] = [ends, ends.toReversed()].map((last) => {
    const listed = [...inner, ...last]
    const run = runOrder(listed, ({ inputs }) => inputs)
    return { listed, run, bytes: peakOf(buffersOf(graph, run)).bytes }
  })
  return deepFirst.bytes < shallowFirst.bytes ? deepFirst : shallowFirst
}

/** The longest way from a node back to a leaf. */
function depthsOf(nodes: readonly Node[]): Map<Node, number> {
  const depth = new Map<Node, number>()
  for (const node of nodes)
    depth.set(
      node,
      node.inputs.reduce((most, input) => Math.max(most, depth.get(input)! + 1), 0),
    )
  return depth
}
