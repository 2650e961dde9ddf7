import { InputError, type NDArray, ndarray } from '../../engine/index.ts'
import {
  type AttributedGraph,
  channelsOf,
  type Edge,
  encodeGraphs,
  type GraphScales,
  type GraphSchema,
  pairsOf,
  vectorLength,
} from '../../kits/graphs/index.ts'

/** A graph of which some is given. */
export interface PartialGraph {
  readonly n: number
  /** A row for each node, `undefined` where it is to be found. */
  readonly x: readonly (readonly number[] | undefined)[]
  /** Edges that there are. */
  readonly edges: readonly Edge[]
  /** Whether pairs of given nodes that are not among the edges have none; otherwise they are to be found. */
  readonly closed: boolean
}

/**
 * A graph as what is given: all of its nodes and edges (for more nodes to be added, with a larger `n`), or its nodes alone.
 *
 * @example
 * const graph = { n: 2, x: [[], []], edges: [[0, 1]] } as const
 * givenNodes(graph).edges // []
 */
export const givenNodes = ({ n, x }: AttributedGraph): PartialGraph => ({ n, x, edges: [], closed: false })

/**
 * @throws InputError where there are fewer nodes than the graph has.
 *
 * @example
 * givenGraph({ n: 2, x: [[1], [2]], edges: [[0, 1]] }, 3).x.length // 3
 */
export function givenGraph(graph: AttributedGraph, n = graph.n): PartialGraph {
  if (n < graph.n) throw new InputError(`a graph of ${graph.n} nodes cannot be completed to ${n}`)
  return { n, x: Array.from({ length: n }, (_, i) => graph.x[i]), edges: graph.edges, closed: true }
}

/** The coordinates that are given, as `sampleVectors` takes them. */
export function knownCoordinates(
  partial: readonly PartialGraph[],
  schema: GraphSchema,
  scales: GraphScales,
): { x: NDArray; given: NDArray } {
  const { nodes: dx, edges: de } = channelsOf(schema)
  const { nodes: boundary, total } = vectorLength(schema)
  const filled = partial.map(({ n, x, edges }) => ({
    n,
    x: x.map((row) => row ?? schema.node.map(() => 0)),
    edges,
    directed: schema.directed,
  }))
  const { x } = encodeGraphs(filled, schema, scales)
  const given = new Float32Array(partial.length * total)
  const pairs = pairsOf(schema)
  partial.forEach((graph, g) => {
    const row = given.subarray(g * total, (g + 1) * total)
    graph.x.forEach((node, i) => {
      if (node) row.fill(1, i * dx, (i + 1) * dx)
    })
    const edges = new Set(graph.edges.map(([from, to]) => from * schema.maxNodes + to))
    pairs.forEach(([i, j], k) => {
      const isKnown = edges.has(i * schema.maxNodes + j) || (graph.closed && graph.x[i] !== undefined && graph.x[j] !== undefined)
      if (isKnown) row.fill(1, boundary + k * de, boundary + (k + 1) * de)
    })
  })
  return { x, given: ndarray(given, [partial.length, total], 'float32') }
}
