import { type NDArray, ndarray } from '../../../engine/index.ts'
import { type AttributedGraph, channelsOf, type Edge, type GraphSchema } from '../../../kits/graphs/index.ts'
import type { GdssData } from './scores.ts'

/** Graphs as GDSS has them: one-hot nodes, and bonds as the numbers 0 to 3 in one matrix. */
export function gdssData(graphs: readonly AttributedGraph[], schema: GraphSchema): GdssData {
  const n = schema.maxNodes
  const { nodes: features } = channelsOf(schema)
  const [x, adjacency] = [new Float32Array(graphs.length * n * features), new Float32Array(graphs.length * n * n)]
  graphs.forEach((graph, g) => {
    graph.x.forEach(([category], i) => {
      x[(g * n + i) * features + category] = 1
    })
    for (const [from, to, bond] of graph.edges) {
      adjacency[(g * n + from) * n + to] = bond + 1
      adjacency[(g * n + to) * n + from] = bond + 1
    }
  })
  return {
    x: ndarray(x, [graphs.length, n, features], 'float32'),
    adjacency: ndarray(adjacency, [graphs.length, n, n], 'float32'),
    sizes: ndarray(
      Int32Array.from(graphs, ({ n }) => n),
      [graphs.length],
      'int32',
    ),
  }
}

/** Back: the largest channel of a node, bonds cut at ½, 1½ and 2½. */
export function gdssGraphs(x: NDArray, adjacency: NDArray, sizes: ArrayLike<number>): AttributedGraph[] {
  const [count, n, features] = x.shape
  return Array.from({ length: count }, (_, g) => {
    const own = sizes[g]
    const nodes = Array.from({ length: own }, (_, i) => {
      const row = Array.from(x.data.subarray((g * n + i) * features, (g * n + i + 1) * features))
      return [row.indexOf(Math.max(...row))]
    })
    const edges: Edge[] = []
    for (let i = 0; i < own; i++)
      for (let j = i + 1; j < own; j++) {
        const bond = Math.min(3, Math.max(0, Math.round(adjacency.data[(g * n + i) * n + j])))
        if (bond > 0) edges.push([i, j, bond - 1])
      }
    return { n: own, x: nodes, edges }
  })
}
