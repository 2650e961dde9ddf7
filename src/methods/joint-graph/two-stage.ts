import { type AttributedGraph, decodeGraphs, encodeGraphs, type Edge, fitScales, type GraphScales, type GraphSchema } from '../../kits/graphs/index.ts'
import { type ConditionalDensity, fitDensity } from './mixture-density.ts'

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
  const { conditions, attributes } = edgeRows(graphs, schema, scales)
  const density = await fitDensity(conditions, attributes, {
    ...options,
    inputs: conditions[0].length,
    outputs: scales.edge.length,
  })
  return { complete: (graphs, seed) => completed(graphs, density, { schema, scales, seed }) }
}

/** What does not depend on which end comes first: sums, distances and products of both ends, standardised; and the edge's own channels. */
function edgeRows(graphs: readonly AttributedGraph[], schema: GraphSchema, scales: GraphScales) {
  const conditions: number[][] = []
  const attributes: number[][] = []
  const width = scales.node.length
  for (const graph of graphs) {
    const { x } = encodeGraphs([graph], schema, scales)
    const node = (i: number) => Array.from(x.data.subarray(i * width, (i + 1) * width))
    const pairs = pairPlaces(schema)
    for (const [from, to] of graph.edges) {
      conditions.push(conditionOf(node(from), node(to), schema.directed))
      const at = pairs.get(from * schema.maxNodes + to)! * (1 + scales.edge.length) + schema.maxNodes * width
      attributes.push(Array.from(x.data.subarray(at + 1, at + 1 + scales.edge.length)))
    }
  }
  return { conditions, attributes }
}

function pairPlaces({ maxNodes, directed }: GraphSchema): Map<number, number> {
  const places = new Map<number, number>()
  for (let i = 0; i < maxNodes; i++) for (let j = directed ? 0 : i + 1; j < maxNodes; j++) if (i !== j) places.set(i * maxNodes + j, places.size)
  return places
}

const conditionOf = (a: readonly number[], b: readonly number[], directed: boolean): number[] =>
  directed
    ? [...a, ...b]
    : [...a.map((value, c) => value + b[c]), ...a.map((value, c) => Math.abs(value - b[c])), ...a.map((value, c) => value * b[c])]

async function completed(
  graphs: readonly AttributedGraph[],
  density: ConditionalDensity,
  { schema, scales, seed }: { readonly schema: GraphSchema; readonly scales: GraphScales; readonly seed: number },
): Promise<AttributedGraph[]> {
  const bare = existenceSchema(schema)
  const width = scales.node.length
  const encoded = encodeGraphs(graphs, bare, { ...scales, edge: [] })
  const total = encoded.x.shape[1]
  const ends = graphs.flatMap(({ edges }, g) =>
    edges.map(([from, to]) => {
      const node = (i: number) => Array.from(encoded.x.data.subarray(g * total + i * width, g * total + (i + 1) * width))
      return conditionOf(node(from), node(to), schema.directed)
    }),
  )
  const drawn = await density.sample(ends, seed)
  // Written into vectors of the whole schema, so that they are decoded as all others are.
  const full = encodeGraphs(
    graphs.map((graph) => ({ ...graph, edges: graph.edges.map(([from, to]): Edge => [from, to, ...schema.edge.map(() => 0)]) })),
    schema,
    scales,
  )
  const places = pairPlaces(schema)
  let next = 0
  graphs.forEach(({ edges }, g) => {
    for (const [from, to] of edges) {
      const at =
        g * full.x.shape[1] + schema.maxNodes * width + places.get(from * schema.maxNodes + to)! * (1 + scales.edge.length)
      full.x.data.set(drawn[next++], at + 1)
    }
  })
  return decodeGraphs(
    full.x,
    graphs.map(({ n }) => n),
    schema,
    scales,
  )
}
