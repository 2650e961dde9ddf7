import type { NDArray } from '../array.ts'
import { type Aval, type Node, topological } from '../graph/node.ts'
import { structureOf } from '../graph/structure.ts'
import { type Graph, substitute } from '../graph/trace.ts'
import { encodeModel } from '../onnx/write.ts'
import { dataPrimitive, placeholder } from '../primitives/structural.ts'
import { getRuntime, type Session } from '../runtime/runtime.ts'
import { type Cause, cachedSession } from './cache.ts'
import { lowerGraph } from './lower.ts'
import { listing } from './order.ts'
import { type Cut, isHostCall, splitAtHostCalls } from './segments.ts'
import { simplify } from './simplify.ts'

/** A graph made ready to run: sessions, with host functions between them where the graph calls any. */
export interface Program {
  readonly results: readonly Aval[]
  /** Runs on arguments in the order of the graph's parameters. Result i is written into `into[i]` where given. */
  run(args: readonly NDArray[], into?: readonly (NDArray | undefined)[]): Promise<NDArray[]> | NDArray[]
}

/** Compiles a graph. Host buffers that it uses become further inputs, fed at each run without a copy. */
export async function compile(graph: Graph, cause: Cause): Promise<Program> {
  const { graph: closed, captured } = closeOverData({ parameters: graph.parameters, outputs: simplify(graph.outputs) })
  const inner = topological(closed.outputs).some(isHostCall)
    ? await compileSegments(splitAtHostCalls(closed), cause)
    : await compileSegment(closed, cause)
  return { results: graph.outputs, run: (args, into) => inner.run(captured.length > 0 ? [...args, ...captured] : args, into) }
}

/** Makes the host buffers that a graph uses into further parameters. */
export function closeOverData({ parameters, outputs }: Graph): { graph: Graph; captured: NDArray[] } {
  const leaves = buffersOf(outputs)
  const stands = leaves.map((leaf) => placeholder(leaf, 'captured'))
  const closed = substitute(outputs, new Map(leaves.map((leaf, i) => [leaf, stands[i]])))
  return { graph: { parameters: [...parameters, ...stands], outputs: closed }, captured: leaves.map((leaf) => leaf.value!) }
}

/** In the order in which a walk from the outputs meets them, so that graphs of equal structure have equal parameters, whenever their nodes were made. */
function buffersOf(outputs: readonly Node[]): Node[] {
  const met = new Set<Node>()
  const found: Node[] = []
  const pending = outputs.toReversed()
  while (pending.length > 0) {
    const node = pending.pop()!
    if (met.has(node)) continue
    met.add(node)
    if (isBuffer(node)) found.push(node)
    else pending.push(...node.inputs.toReversed())
  }
  return found
}

const isBuffer = (node: Node): boolean => node.primitive === dataPrimitive || (node.value !== undefined && node.inputs.length > 0)

/** Runs segments one after another, each on the results of those before it. */
async function compileSegments({ segments, slots, outputs }: Cut, cause: Cause): Promise<Program> {
  const compiled = await Promise.all(
    segments.map(async (segment) => ({ ...segment, program: 'graph' in segment ? await compileSegment(segment.graph, cause) : undefined })),
  )
  return {
    results: [],
    async run(args, into = []) {
      const values = new Array<NDArray>(slots)
      args.forEach((arg, i) => {
        values[i] = arg
      })
      for (const { program, reads, writes, call } of compiled) {
        const inputs = reads.map((slot) => values[slot])
        const results = program ? await program.run(inputs) : call!(inputs)
        writes.forEach((slot, i) => {
          values[slot] = results[i]
        })
      }
      return outputs.map((slot, i) => {
        if (!into[i]) return values[slot]
        into[i].data.set(values[slot].data)
        return into[i]
      })
    },
  }
}

async function compileSegment(graph: Graph, cause: Cause): Promise<Program> {
  const measure = () => {
    const { listed, bytes } = listing(graph)
    return { nodes: listed.length, bytes }
  }
  const session = await cachedSession(structureOf(graph), measure, cause, () => createSession(graph))
  return { results: graph.outputs, run: (args, into) => session.run(args, into) }
}

async function createSession(graph: Graph): Promise<Session> {
  const runtime = await getRuntime()
  const names = { inputs: graph.parameters.map((_, i) => `in${i}`), outputs: graph.outputs.map((_, i) => `out${i}`) }
  const model = encodeModel(lowerGraph(graph, names.inputs, names.outputs, { channelBlock: runtime.channelBlock }))
  return runtime.createSession(model, { ...names, results: graph.outputs.map(({ shape, dtype }) => ({ shape, dtype })) })
}
