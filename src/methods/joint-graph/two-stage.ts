import type { NDArray } from '../../engine/index.ts'
import {
  type AttributedGraph,
  channelsOf,
  decodeGraphs,
  type Edge,
  encodeGraphs,
  fitScales,
  type GraphScales,
  type GraphSchema,
  pairsOf,
  vectorLength,
} from '../../kits/graphs/index.ts'
import { fitDensity } from './mixture-density.ts'

/**
 * The baseline's second stage: attributes of each edge given the two nodes that it joins, and nothing else. They are drawn, never the most likely ones: the mode
 * of a sign that can be guessed in two of three cases would look like knowledge of it.
 */
export interface AttributeModel {
  /** The same graphs with attributes. */
  complete(graphs: readonly AttributedGraph[], seed: number): Promise<AttributedGraph[]>
}

/** The graphs without what their edges carry. */
export const withoutAttributes = (graphs: readonly AttributedGraph[]): AttributedGraph[] =>
  graphs.map((graph) => ({ ...graph, edges: graph.edges.map(([from, to]): Edge => [from, to]) }))

export const existenceSchema = (schema: GraphSchema): GraphSchema => ({ ...schema, edge: [] })

export async function fitAttributeModel(
  graphs: readonly AttributedGraph[],
  schema: GraphSchema,
  options: { steps: number; batch: number; learningRate: number; seed: number; onStep?(done: number, total: number): Promise<void> },
): Promise<AttributeModel> {
  const scales = fitScales(graphs, schema)
  const { x, edges } = encodedEdges(graphs, schema, scales)
  const outputs = scales.edge.length
  const attributes = edges.map(({ at }) => Array.from(x.data.subarray(at, at + outputs)))
  const conditions = edges.map(({ condition }) => condition)
  const density = await fitDensity(conditions, attributes, { ...options, inputs: conditions[0].length, outputs })
  return {
    async complete(bare, seed) {
      const blank = bare.map((graph) => ({
        ...graph,
        edges: graph.edges.map(([from, to]): Edge => [from, to, ...schema.edge.map(() => 0)]),
      }))
      // Written into vectors of the whole schema, so that they are decoded as all others are.
      const { x, edges } = encodedEdges(blank, schema, scales)
      const conditions = edges.map(({ condition }) => condition)
      for (const [i, drawn] of (await density.sample(conditions, seed)).entries()) x.data.set(drawn, edges[i].at)
      return decodeGraphs(
        x,
        bare.map(({ n }) => n),
        schema,
        scales,
      )
    },
  }
}

/** Where the attributes of an edge stand among the vectors' numbers, and what they depend on. */
interface EncodedEdge {
  readonly at: number
  readonly condition: readonly number[]
}

function encodedEdges(graphs: readonly AttributedGraph[], schema: GraphSchema, scales: GraphScales): { x: NDArray; edges: EncodedEdge[] } {
  const { x } = encodeGraphs(graphs, schema, scales)
  const { nodes: boundary, total } = vectorLength(schema)
  const { nodes: dx, edges: de } = channelsOf(schema)
  const places = new Map(pairsOf(schema).map(([i, j], k) => [i * schema.maxNodes + j, k]))
  const edges = graphs.flatMap(({ edges }, g) =>
    edges.map(([from, to]): EncodedEdge => {
      const node = (i: number) => Array.from(x.data.subarray(g * total + i * dx, g * total + (i + 1) * dx))
      // Behind the channel of existence.
      const at = g * total + boundary + places.get(from * schema.maxNodes + to)! * de + 1
      return { at, condition: conditionOf(node(from), node(to), schema.directed) }
    }),
  )
  return { x, edges }
}

/** Both ends; of undirected edges what does not depend on which comes first: sums, distances and products. */
const conditionOf = (a: readonly number[], b: readonly number[], directed: boolean): number[] =>
  directed
    ? [...a, ...b]
    : [...a.map((value, c) => value + b[c]), ...a.map((value, c) => Math.abs(value - b[c])), ...a.map((value, c) => value * b[c])]
