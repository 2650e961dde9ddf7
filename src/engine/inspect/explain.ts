import { sizeOf } from '../array.ts'
import { compileStatistics } from '../compile/cache.ts'
import { compile } from '../compile/program.ts'
import { simplify } from '../compile/simplify.ts'
import { type Node, topological } from '../graph/node.ts'
import { userLine } from '../graph/site.ts'
import { tensorPaths, tensorsOf, trace } from '../graph/trace.ts'
import { flopsOf, memoryPeak } from './cost.ts'
import { bytesText, countText, type TableOptions, textTable } from './text.ts'

/** A part of a computation: the nodes of one operation, or those that one line of the user's program asked for. */
export interface Part {
  readonly name: string
  readonly nodes: number
  readonly flops: number
  /** Its share of the intermediate values at the moment of peak memory, in bytes. */
  readonly peakBytes: number
}

export interface Explanation {
  /** Nodes after simplification. */
  readonly nodes: number
  /** Floating-point operations of one run. */
  readonly flops: number
  /** Elements of the arguments, by argument. */
  readonly arguments: readonly { readonly path: string; readonly elements: number }[]
  /** Bytes of arguments and results. */
  readonly outsideBytes: number
  /** Bytes of intermediate values at the worst moment of a run. */
  readonly peakBytes: number
  /** Milliseconds to trace, and to compile (zero where the graph had been compiled before). */
  readonly traceMilliseconds: number
  readonly compileMilliseconds: number
  /** Most work first. */
  readonly operations: readonly Part[]
  readonly lines: readonly Part[]
}

/**
 * What a function costs, before it runs: traces and compiles it, and counts. Derivatives count as part of the line they differentiate.
 *
 * @example
 * const { operations } = await explain((x: Tensor, w: Tensor) => sum(relu(matmul(x, w))), zeros([2, 3]), zeros([3, 4]))
 * operations[0].name // 'matmul'
 */
export async function explain<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): Promise<Explanation> {
  const start = performance.now()
  const traced = trace(fn as never, args)
  const traceMilliseconds = performance.now() - start
  const before = compileStatistics.milliseconds
  await compile(traced, { what: 'explain', why: 'to time it' })
  const compileMilliseconds = compileStatistics.milliseconds - before

  const outputs = simplify(traced.outputs)
  const nodes = topological(outputs).filter(({ inputs }) => inputs.length > 0)
  const peak = memoryPeak({ parameters: traced.parameters, outputs })
  const held = new Map(peak.live.map(({ node, bytes }) => [node, bytes]))
  const paths = tensorPaths(args)
  return {
    nodes: nodes.length,
    flops: nodes.reduce((sum, node) => sum + flopsOf(node), 0),
    arguments: tensorsOf(args).map(({ shape }, i) => ({ path: paths[i], elements: sizeOf(shape) })),
    outsideBytes: peak.outside,
    peakBytes: peak.intermediate,
    traceMilliseconds,
    compileMilliseconds,
    operations: partsBy(nodes, held, ({ primitive }) => primitive.name),
    lines: partsBy(nodes, held, ({ site }) => userLine(site) ?? 'unknown'),
  }
}

function partsBy(nodes: readonly Node[], held: ReadonlyMap<Node, number>, nameOf: (node: Node) => string): Part[] {
  const parts = new Map<string, Part>()
  for (const node of nodes) {
    const name = nameOf(node)
    const part = parts.get(name) ?? { name, nodes: 0, flops: 0, peakBytes: 0 }
    const flops = part.flops + flopsOf(node)
    parts.set(name, { name, nodes: part.nodes + 1, flops, peakBytes: part.peakBytes + (held.get(node) ?? 0) })
  }
  return [...parts.values()].sort((a, b) => b.flops - a.flops || b.peakBytes - a.peakBytes)
}

/**
 * An explanation as text, for people: the tables named by `by`, `most` lines of each.
 *
 * @example
 * const explanation = await explain((x: Tensor) => sum(exp(x)), zeros([1000]))
 * console.log(explanationText(explanation, { most: 3 }))
 */
export function explanationText(explanation: Explanation, { most = 12, by = ['operation', 'line'] }: TableOptions = {}): string {
  const elements = explanation.arguments.reduce((sum, argument) => sum + argument.elements, 0)
  const table = (title: string, parts: readonly Part[]) =>
    textTable(
      [title, 'nodes', 'flops', 'share', 'at peak'],
      parts
        .slice(0, most)
        .map(({ name, nodes, flops, peakBytes }) => [
          name,
          String(nodes),
          countText(flops),
          `${((100 * flops) / (explanation.flops || 1)).toFixed(1)} %`,
          bytesText(peakBytes),
        ]),
    )
  return [
    `${explanation.nodes} nodes, ${countText(explanation.flops)} floating-point operations, ${countText(elements)} elements of arguments`,
    `memory: ${bytesText(explanation.outsideBytes)} of arguments and results, ${bytesText(explanation.peakBytes)} more at the peak`,
    `traced in ${explanation.traceMilliseconds.toFixed(0)} ms, compiled in ${explanation.compileMilliseconds.toFixed(0)} ms`,
    ...by.map((title) => `\n${table(title, title === 'operation' ? explanation.operations : explanation.lines)}`),
  ].join('\n')
}
