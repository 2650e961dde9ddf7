import { draws, seedKey } from '../../data/draws.ts'
import type { AttributedGraph, Edge, GraphSchema } from '../../kits/graphs/index.ts'
import { shuffledEdges } from './tasks.ts'

/** Training graphs, drawn with putting back. */
export function resampled(graphs: readonly AttributedGraph[], count: number, seed: number): AttributedGraph[] {
  const random = draws(seedKey(seed, 0x7265_7361))
  return Array.from({ length: count }, () => graphs[random.integer(graphs.length)])
}

/** Nodes of training graphs, edges of others: exact marginals, no dependence. */
export const resampledShuffled = (graphs: readonly AttributedGraph[], count: number, seed: number): AttributedGraph[] =>
  shuffledEdges(resampled(graphs, count, seed), seed)

/** Nodes of training graphs, each pair joined with the training set's density, with attributes of random training edges. */
export function erdosRenyi(graphs: readonly AttributedGraph[], schema: GraphSchema, count: number, seed: number): AttributedGraph[] {
  const random = draws(seedKey(seed, 0x6572_646f))
  const edges = graphs.flatMap(({ edges }) => edges)
  const pairsIn = ({ n }: AttributedGraph) => (schema.directed ? n * (n - 1) : (n * (n - 1)) / 2)
  const density = edges.length / graphs.reduce((sum, graph) => sum + pairsIn(graph), 0)
  return resampled(graphs, count, seed).map((graph) => {
    const drawn: Edge[] = []
    for (let i = 0; i < graph.n; i++)
      for (let j = schema.directed ? 0 : i + 1; j < graph.n; j++) {
        if (i === j || random.uniform() >= density) continue
        drawn.push([i, j, ...edges[random.integer(edges.length)].slice(2)])
      }
    return { ...graph, edges: drawn }
  })
}

/** The encoding of attributes as a weighted adjacency: existence is not a channel of its own, but the first attribute's size. */
export interface WeightedAdjacency {
  /** Below this absolute value of its first attribute a pair counts as not joined: half the 5th percentile of training. */
  readonly threshold: number
}

export function fitWeightedAdjacency(graphs: readonly AttributedGraph[]): WeightedAdjacency {
  const sizes = graphs.flatMap(({ edges }) => edges.map(([, , first]) => Math.abs(first))).sort((a, b) => a - b)
  return { threshold: 0.5 * (sizes[Math.floor(0.05 * sizes.length)] ?? 0) }
}

/** Every pair becomes an edge, with 0 for attributes where there was none. */
export const asWeighted = (graphs: readonly AttributedGraph[], schema: GraphSchema): AttributedGraph[] =>
  graphs.map((graph) => {
    const found = new Map(graph.edges.map((edge) => [edge[0] * graph.n + edge[1], edge]))
    const edges: Edge[] = []
    for (let i = 0; i < graph.n; i++)
      for (let j = schema.directed ? 0 : i + 1; j < graph.n; j++)
        if (i !== j) edges.push(found.get(i * graph.n + j) ?? [i, j, ...schema.edge.map(() => 0)])
    return { ...graph, edges }
  })

/** Back: pairs whose first attribute is small are no edges. */
export const fromWeighted = (graphs: readonly AttributedGraph[], { threshold }: WeightedAdjacency): AttributedGraph[] =>
  graphs.map((graph) => ({ ...graph, edges: graph.edges.filter(([, , first]) => Math.abs(first) > threshold) }))
