import { fileURLToPath } from 'node:url'
import { type CompiledGraph, cacheReport } from '../../../engine/compile/cache.ts'
import { buffersOf } from '../../../engine/compile/memory.ts'
import { listing } from '../../../engine/compile/order.ts'
import { closeOverData } from '../../../engine/compile/program.ts'
import { simplify } from '../../../engine/compile/simplify.ts'
import { type Node, topological } from '../../../engine/graph/node.ts'
import { userLine } from '../../../engine/graph/site.ts'
import { type Graph, tensorPaths, tensorsOf, trace } from '../../../engine/graph/trace.ts'
import { getRuntime, InputError } from '../../../engine/index.ts'
import { flopsOf } from '../../../engine/inspect/cost.ts'
import { explain } from '../../../engine/inspect/index.ts'
import { timedNodes } from '../../../engine/inspect/profile.ts'
import type { EngineNode, EnginePart, EngineStep } from '../../api-engine.ts'
import { partsOfStep } from './parts.ts'

/** A function of trees of tensors, and what it is called with. `loss` picks the loss out of its result, where it is a training step. */
export interface Subject {
  readonly fn: (...args: never[]) => unknown
  readonly args: readonly unknown[]
  loss?(result: never): Node
}

/** Where Quire's own files lie: their lines are told from here on. */
const home = fileURLToPath(new URL('../../../', import.meta.url))

/** More nodes than this would be many megabytes to send, and no drawing that anybody reads. */
export const mostNodes = 20_000

/** Looks into a function: its graph as it runs, work, memory, sessions; with `time` also what each node takes. @throws InputError for a graph that is too large. */
export async function analyse({ fn, args, loss }: Subject, { time = false } = {}): Promise<EngineStep> {
  const traced = trace(fn, args)
  const count = topological(traced.outputs).length
  if (count > mostNodes) throw new InputError(`the graph has ${count} nodes; more than ${mostNodes} are not drawn`)
  const {
    flops,
    outsideBytes,
    peakBytes,
    traceMilliseconds,
    compileMilliseconds,
    arguments: given,
  } = await explain(fn as never, ...(args as never[]))
  const lossIndex = loss ? traced.outputs.indexOf(loss(traced.result as never)) : -1
  const tensors = tensorsOf(args)
  const timed = time ? await timedNodes(traced, tensors) : undefined
  const graph = timed?.graph ?? closeOverData({ parameters: traced.parameters, outputs: simplify(traced.outputs) }).graph
  const spent = millisecondsOf(timed?.nodes ?? [])
  const run = listing(graph).run.filter(({ inputs }) => inputs.length > 0)
  const place = new Map(run.map((node, i) => [node, i]))
  const paths = new Map(graph.parameters.map((node, i) => [node, tensorPaths(args)[i] ?? 'a constant']))
  const { phaseOf, partOf } = partsOfStep(run, { paths, loss: graph.outputs[lossIndex] })
  const { memory, written } = memoryOf(graph)
  const nodes = run.map((node): EngineNode => {
    // Nodes of a file come from the line that reads it, which says nothing.
    const line = loss && userLine(node.site)?.replace(home, '')
    const milliseconds = spent.get(node)
    return {
      operation: node.primitive.name,
      shape: node.shape,
      dtype: node.dtype,
      phase: phaseOf(node),
      part: partOf(node),
      ...(line !== undefined && { line }),
      flops: flopsOf(node),
      bytes: written.get(node) ?? 0,
      ...(milliseconds !== undefined && { milliseconds }),
      inputs: [...new Set(node.inputs.flatMap((input) => place.get(input) ?? []))],
      reads: node.inputs.flatMap((input) => paths.get(input) ?? []),
    }
  })
  const sessions = cacheReport()
  const { name, version, threads, createProfiledSession } = await getRuntime()
  return {
    nodes,
    operations: gathered(nodes, ({ operation }) => operation),
    lines: loss ? gathered(nodes, ({ line }) => line ?? '') : [],
    flops,
    argumentElements: given.reduce((sum, { elements }) => sum + elements, 0),
    outsideBytes,
    peakBytes,
    memory,
    traceMilliseconds,
    // The step may have been compiled before it was explained: by whoever made the subject.
    compileMilliseconds: compileMilliseconds || firstCompiled(sessions),
    ...(timed && { milliseconds: timed.nodes.reduce((sum, { milliseconds }) => sum + milliseconds, 0) }),
    runtime: { name, version, threads, canTime: createProfiledSession !== undefined },
    sessions,
  }
}

/** The largest graph that was compiled at a first call. */
function firstCompiled(sessions: readonly CompiledGraph[]): number {
  const first = sessions.filter(({ why }) => why === 'first call')
  return first.reduce((most, one) => (one.nodes > most.nodes ? one : most), { nodes: 0, milliseconds: 0 }).milliseconds
}

function millisecondsOf(timed: readonly { readonly milliseconds: number; readonly origin?: Node }[]): Map<Node, number> {
  const spent = new Map<Node, number>()
  for (const { milliseconds, origin } of timed) if (origin) spent.set(origin, (spent.get(origin) ?? 0) + milliseconds)
  return spent
}

/** Bytes that are held at each place of the run, and what each node asks for. */
function memoryOf(graph: Graph): { memory: number[]; written: ReadonlyMap<Node, number> } {
  const buffers = buffersOf(graph, listing(graph).run)
  const written = new Map<Node, number>()
  for (const { bytes, holders } of buffers) written.set(holders[0].node, (written.get(holders[0].node) ?? 0) + bytes)
  const places = buffers.reduce((most, { last }) => Math.max(most, last + 1), 0)
  const memory = new Array<number>(places).fill(0)
  for (const { bytes, first, last } of buffers) for (let place = first; place <= last; place++) memory[place] += bytes
  return { memory, written }
}

/** Most time first, or where nothing was timed most work. */
function gathered(nodes: readonly EngineNode[], nameOf: (node: EngineNode) => string): EnginePart[] {
  const parts = new Map<string, { name: string; nodes: number; flops: number; milliseconds?: number }>()
  for (const node of nodes) {
    const name = nameOf(node)
    const part = parts.get(name) ?? { name, nodes: 0, flops: 0 }
    part.nodes++
    part.flops += node.flops
    if (node.milliseconds !== undefined) part.milliseconds = (part.milliseconds ?? 0) + node.milliseconds
    parts.set(name, part)
  }
  return [...parts.values()].sort((a, b) => (b.milliseconds ?? 0) - (a.milliseconds ?? 0) || b.flops - a.flops || b.nodes - a.nodes)
}
