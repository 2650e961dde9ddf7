import { lowerGraph } from '../compile/lower.ts'
import { closeOverData } from '../compile/program.ts'
import { simplify } from '../compile/simplify.ts'
import { InputError } from '../errors.ts'
import type { Node } from '../graph/node.ts'
import { userLine } from '../graph/site.ts'
import { type Graph, tensorsOf, trace } from '../graph/trace.ts'
import { encodeModel } from '../onnx/write.ts'
import { getRuntime } from '../runtime/runtime.ts'
import type { Tensor } from '../tensor.ts'
import { flopsOf } from './cost.ts'
import { type TableOptions, textTable } from './text.ts'

/** The time of one operation, or of one line. */
export interface ProfilePart {
  readonly name: string
  readonly milliseconds: number
  /** Of the sum over all parts. */
  readonly share: number
  /** Billions of floating-point operations a second. */
  readonly gigaflops: number
  /** ONNX nodes. */
  readonly nodes: number
}

export interface Profile {
  /** The sum over the nodes of one run. */
  readonly milliseconds: number
  /** Slowest first. */
  readonly operations: readonly ProfilePart[]
  readonly lines: readonly ProfilePart[]
}

/**
 * Where a function spends its time: runs it `runs` times with the runtime's own clock around every node, and maps the nodes back to
 * operations and to the user's lines. Needs the native runtime, and a function without host calls.
 *
 * @example
 * const { operations } = await profile((x: Tensor) => sum(exp(x)), [zeros([1000])])
 */
export async function profile<A extends unknown[]>(fn: (...args: A) => unknown, args: A, options: ProfileOptions = {}): Promise<Profile> {
  const { nodes } = await timedNodes(trace(fn as never, args), tensorsOf(args), options)
  const total = nodes.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  return {
    milliseconds: total,
    operations: partsBy(nodes, total, (node) => node.primitive.name),
    lines: partsBy(nodes, total, ({ site }) => userLine(site) ?? 'unknown'),
  }
}

export interface ProfileOptions {
  readonly runs?: number
}

/** The graph as it runs, and the time of each of its ONNX nodes. */
export async function timedNodes(
  { parameters, outputs }: Graph,
  args: readonly Tensor[],
  { runs = 5 }: ProfileOptions = {},
): Promise<{ graph: Graph; nodes: TimedNode[] }> {
  const { graph, captured } = closeOverData({ parameters, outputs: simplify(outputs) })
  const runtime = await getRuntime()
  if (!runtime.createProfiledSession) {
    throw new InputError(`profile: ${runtime.name} cannot time its nodes`, { fix: 'install onnxruntime-node and use the native runtime' })
  }
  const origins = new Map<string, Node>()
  const names = { inputs: graph.parameters.map((_, i) => `in${i}`), outputs: graph.outputs.map((_, i) => `out${i}`) }
  const model = encodeModel(lowerGraph(graph, names.inputs, names.outputs, { origins, channelBlock: runtime.channelBlock }))
  const { session, end } = runtime.createProfiledSession(model, { ...names, results: graph.outputs })
  const values = [...(await Promise.all(args.map((x) => x.ndarray()))), ...captured]
  for (let run = 0; run <= runs; run++) await session.run(values)
  const times = new Map<string, number[]>()
  for (const { name, milliseconds } of end()) times.set(name, [...(times.get(name) ?? []), milliseconds])
  // The first run, in which memory is found, is left out.
  const meanOf = (all: readonly number[]) => all.slice(1).reduce((sum, milliseconds) => sum + milliseconds, 0) / runs
  return { graph, nodes: [...times].map(([name, all]) => ({ milliseconds: meanOf(all), origin: origins.get(name) })) }
}

export interface TimedNode {
  readonly milliseconds: number
  /** Absent for what the runtime made itself. */
  readonly origin?: Node
}

function partsBy(timed: readonly TimedNode[], total: number, nameOf: (node: Node) => string): ProfilePart[] {
  return [...grouped(timed, nameOf)]
    .map(([name, nodes]) => {
      const milliseconds = nodes.reduce((sum, node) => sum + node.milliseconds, 0)
      const flops = [...new Set(nodes.map(({ origin }) => origin))].reduce((sum, node) => sum + (node ? flopsOf(node) : 0), 0)
      return { name, milliseconds, share: milliseconds / total, gigaflops: flops / milliseconds / 1e6, nodes: nodes.length }
    })
    .sort((a, b) => b.milliseconds - a.milliseconds)
}

function grouped(timed: readonly TimedNode[], nameOf: (node: Node) => string): Map<string, TimedNode[]> {
  const groups = new Map<string, TimedNode[]>()
  for (const node of timed) {
    const name = node.origin ? nameOf(node.origin) : 'the runtime'
    groups.set(name, [...(groups.get(name) ?? []), node])
  }
  return groups
}

/**
 * A profile as text, for people: the tables named by `by`, `most` lines of each.
 *
 * @example
 * const timed = await profile((x: Tensor) => sum(exp(x)), [zeros([1000])], { runs: 2 })
 * console.log(profileText(timed, { most: 3 }))
 */
export function profileText(
  { milliseconds, operations, lines }: Profile,
  { most = 12, by = ['operation', 'line'] }: TableOptions = {},
): string {
  const table = (title: string, parts: readonly ProfilePart[]) =>
    textTable(
      [title, 'ms', 'share', 'GFLOP/s', 'nodes'],
      parts
        .slice(0, most)
        .map((part) => [
          part.name,
          part.milliseconds.toFixed(2),
          `${(100 * part.share).toFixed(1)} %`,
          part.gigaflops.toFixed(1),
          String(part.nodes),
        ]),
    )
  const tables = by.map((title) => `\n${table(title, title === 'operation' ? operations : lines)}`)
  return [`${milliseconds.toFixed(2)} ms a run, in nodes`, ...tables].join('\n')
}
