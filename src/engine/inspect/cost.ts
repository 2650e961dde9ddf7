import { sizeOf } from '../array.ts'
import { bytesPerElement } from '../dtype.ts'
import { type Aval, type Node, topological } from '../graph/node.ts'
import type { Graph } from '../graph/trace.ts'
import { projectPrimitive } from '../primitives/structural.ts'

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
  /** The intermediate values of that moment. */
  readonly live: readonly { readonly node: Node; readonly bytes: number }[]
}

/** Primitives whose results share the memory of their inputs: result i that of input i. */
const views = new Set(['reshape', 'barrier'])

/**
 * The peak memory of a graph run node by node in its order, each value freed after its last use. An element-wise operation writes over an
 * input of its size that nobody needs any more; reshaping costs nothing. With `counts`, the peak of those values alone for which it holds.
 */
export function memoryPeak({ parameters, outputs }: Graph, { counts = () => true }: { counts?(aval: Aval): boolean } = {}): MemoryPeak {
  const bytesOf = (aval: Aval): number => (counts(aval) ? sizeOf(aval.shape) * bytesPerElement(aval.dtype) : 0)
  const order = topological(outputs).filter((node) => node.inputs.length > 0)
  const owner = ownersOf(order)
  const lastUse = new Map<Node, number>()
  order.forEach((node, i) => {
    for (const input of node.inputs) lastUse.set(owner.get(input) ?? input, i)
  })
  const kept = new Set<Node>([...parameters, ...outputs.map((node) => owner.get(node) ?? node)])

  const live = new Map<Node, number>()
  let total = 0
  let peak: MemoryPeak = { outside: [...parameters, ...outputs].reduce((sum, node) => sum + bytesOf(node), 0), intermediate: 0, live: [] }
  order.forEach((node, i) => {
    const dying = [...new Set(node.inputs.map((input) => owner.get(input) ?? input))].filter(
      (input) => live.has(input) && lastUse.get(input) === i,
    )
    if (!owner.has(node) && !kept.has(node)) {
      const bytes = resultsOf(node).reduce((sum, aval) => sum + bytesOf(aval), 0)
      const overwritten = node.primitive.kind === 'elementwise' ? dying.find((input) => live.get(input) === bytes) : undefined
      if (overwritten) total -= release(live, overwritten)
      live.set(node, bytes)
      total += bytes
    }
    if (total > peak.intermediate) {
      peak = { ...peak, intermediate: total, live: [...live].map(([holder, bytes]) => ({ node: holder, bytes })) }
    }
    for (const input of dying) total -= release(live, input)
    if (live.has(node) && !lastUse.has(node)) total -= release(live, node)
  })
  return peak
}

function release(live: Map<Node, number>, node: Node): number {
  const bytes = live.get(node) ?? 0
  live.delete(node)
  return bytes
}

/** For each node that is a view or one result of several: whose memory it is. */
function ownersOf(order: readonly Node[]): Map<Node, Node> {
  const owner = new Map<Node, Node>()
  const ownerOf = (node: Node): Node => owner.get(node) ?? node
  for (const node of order) {
    const [source] = node.inputs
    if (views.has(node.primitive.name)) owner.set(node, ownerOf(source))
    if (node.primitive !== projectPrimitive) continue
    const isView = views.has(source.primitive.name)
    owner.set(node, ownerOf(isView ? source.inputs[node.attributes.index as number] : source))
  }
  return owner
}
