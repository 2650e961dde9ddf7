import { InputError, type NDArray, ndarray } from '../../engine/index.ts'
import type { Attribute, AttributedGraph, Edge, GraphSchema } from './graph.ts'

/** How one attribute becomes numbers of about unit scale: one channel, or one for each category. */
interface Scale {
  readonly mean: number
  readonly deviation: number
}

/** What turns graphs into vectors and back, fitted to a training set. Plain data. */
export interface GraphScales {
  /** A scale a channel. */
  readonly node: readonly Scale[]
  /** Without the channel of existence. */
  readonly edge: readonly Scale[]
  /** Least and most of each attribute: whole numbers are clipped to it. */
  readonly nodeRange: readonly (readonly [number, number])[]
  readonly edgeRange: readonly (readonly [number, number])[]
}

const widthOf = ({ values }: Attribute): number => values?.length ?? 1

/**
 * Channels of nodes, and of edges with the one of existence.
 *
 * @example
 * channelsOf({ node: [{ name: 'element', type: 'categorical', values: ['C', 'O'] }], edge: [], maxNodes: 4, directed: false }) // { nodes: 2, edges: 1 }
 */
export const channelsOf = ({ node, edge }: GraphSchema): { nodes: number; edges: number } => ({
  nodes: Math.max(
    1,
    node.reduce((sum, attribute) => sum + widthOf(attribute), 0),
  ),
  edges: 1 + edge.reduce((sum, attribute) => sum + widthOf(attribute), 0),
})

/**
 * The pairs that carry an edge, in the order of the vector: those above the diagonal, or of directed graphs all but the diagonal.
 *
 * @example
 * pairsOf({ maxNodes: 3, directed: false }) // [[0, 1], [0, 2], [1, 2]]
 */
export function pairsOf({ maxNodes, directed }: Pick<GraphSchema, 'maxNodes' | 'directed'>): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = []
  for (let i = 0; i < maxNodes; i++) for (let j = directed ? 0 : i + 1; j < maxNodes; j++) if (i !== j) pairs.push([i, j])
  return pairs
}

/**
 * Length of a graph as a vector: nodes first, then a row for each pair. Each undirected edge is there once, so that independent noise on the vector is
 * symmetric noise on the matrix, with nothing on its diagonal.
 *
 * @example
 * vectorLength({ node: [], edge: [], maxNodes: 3, directed: false }) // { nodes: 3, edges: 3, total: 6 }
 */
export function vectorLength(schema: GraphSchema): { nodes: number; edges: number; total: number } {
  const { nodes, edges } = channelsOf(schema)
  const [first, second] = [schema.maxNodes * nodes, pairsOf(schema).length * edges]
  return { nodes: first, edges: second, total: first + second }
}

/** The channels of a row of attributes: numbers as they are, categories one-hot. Without attributes a node has one channel of zeros. */
const expanded = (values: readonly number[], attributes: readonly Attribute[]): number[] =>
  attributes.flatMap((attribute, i) => (attribute.values ? attribute.values.map((_, k) => (values[i] === k ? 1 : 0)) : [values[i]]))

/**
 * Means and deviations of the channels: of nodes over all nodes, of edges over those that exist.
 *
 * @throws InputError where there is no graph.
 * @example
 * const schema = { node: [{ name: 'speed', type: 'real' }], edge: [], maxNodes: 2, directed: false } as const
 * fitScales([{ n: 2, x: [[1], [3]], edges: [] }], schema).node // [{ mean: 2, deviation: 1 }]
 */
export function fitScales(graphs: readonly AttributedGraph[], schema: GraphSchema): GraphScales {
  if (graphs.length === 0) throw new InputError('there is no graph to train on')
  const { nodes, edges } = channelsOf(schema)
  const nodeRows = graphs.flatMap(({ x }) => x)
  const edgeRows = graphs.flatMap(({ edges: list }) => list.map((edge) => edge.slice(2)))
  return {
    node: scalesOf(
      nodeRows.map((row) => padded(expanded(row, schema.node), nodes)),
      nodes,
    ),
    edge: scalesOf(
      edgeRows.map((row) => expanded(row, schema.edge)),
      edges - 1,
    ),
    nodeRange: schema.node.map((_, i) => rangeOf(nodeRows, i)),
    edgeRange: schema.edge.map((_, i) => rangeOf(edgeRows, i)),
  }
}

const padded = (values: number[], length: number): number[] => (values.length < length ? [...values, 0] : values)

function scalesOf(rows: readonly (readonly number[])[], channels: number): Scale[] {
  return Array.from({ length: channels }, (_, c) => {
    let [sum, squares] = [0, 0]
    for (const row of rows) sum += row[c]
    const mean = rows.length > 0 ? sum / rows.length : 0
    for (const row of rows) squares += (row[c] - mean) ** 2
    const deviation = rows.length > 0 ? Math.sqrt(squares / rows.length) : 0
    // A channel that never changes stays at 0.
    return { mean, deviation: deviation > 1e-12 ? deviation : 1 }
  })
}

function rangeOf(rows: readonly (readonly number[])[], i: number): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const row of rows) [least, most] = [Math.min(least, row[i]), Math.max(most, row[i])]
  return least <= most ? [least, most] : [0, 0]
}

/** Graphs as vectors. */
export interface EncodedGraphs {
  /** float32 [graphs, total]: standardised; existence −1 or +1; 0 for nodes that are not there. */
  readonly x: NDArray
  /** int32 [graphs]: nodes of each. */
  readonly label: NDArray
  readonly [name: string]: NDArray
}

/**
 * Graphs as vectors: standardised, existence as −1 or +1, 0 for nodes that are not there.
 *
 * @example
 * const schema = { node: [{ name: 'speed', type: 'real' }], edge: [], maxNodes: 2, directed: false } as const
 * const graphs = [{ n: 2, x: [[1], [3]], edges: [[0, 1]] }] as const
 * [...encodeGraphs(graphs, schema, fitScales(graphs, schema)).x.data] // [-1, 1, 1]
 */
export function encodeGraphs(graphs: readonly AttributedGraph[], schema: GraphSchema, scales: GraphScales): EncodedGraphs {
  const { nodes: channels, edges: edgeChannels } = channelsOf(schema)
  const { nodes: offset, total } = vectorLength(schema)
  const pairs = pairsOf(schema)
  const place = new Map(pairs.map(([i, j], k) => [i * schema.maxNodes + j, k]))
  const data = new Float32Array(graphs.length * total)
  graphs.forEach(({ n, x, edges }, g) => {
    const row = data.subarray(g * total, (g + 1) * total)
    for (let i = 0; i < n; i++) row.set(standardised(padded(expanded(x[i], schema.node), channels), scales.node), i * channels)
    pairs.forEach(([i, j], k) => {
      if (i < n && j < n) row[offset + k * edgeChannels] = -1
    })
    for (const [i, j, ...attributes] of edges) {
      const at = offset + place.get(i * schema.maxNodes + j)! * edgeChannels
      row[at] = 1
      row.set(standardised(expanded(attributes, schema.edge), scales.edge), at + 1)
    }
  })
  return {
    x: ndarray(data, [graphs.length, total], 'float32'),
    label: ndarray(
      Int32Array.from(graphs, ({ n }) => n),
      [graphs.length],
      'int32',
    ),
  }
}

const standardised = (values: readonly number[], scales: readonly Scale[]): number[] =>
  values.map((value, i) => (value - scales[i].mean) / scales[i].deviation)

/**
 * Vectors back to graphs: an edge exists where its channel is above 0, categories are those of the largest channel, whole numbers are rounded and clipped to
 * the range that was seen, and attributes of edges that do not exist are dropped.
 *
 * @example
 * const schema = { node: [{ name: 'speed', type: 'real' }], edge: [], maxNodes: 2, directed: false } as const
 * const graphs = [{ n: 2, x: [[1], [3]], edges: [[0, 1]] }] as const
 * const scales = fitScales(graphs, schema)
 * decodeGraphs(encodeGraphs(graphs, schema, scales).x, [2], schema, scales)[0].edges // [[0, 1]]
 */
export function decodeGraphs(x: NDArray, sizes: ArrayLike<number>, schema: GraphSchema, scales: GraphScales): AttributedGraph[] {
  const { nodes: channels, edges: edgeChannels } = channelsOf(schema)
  const { nodes: offset, total } = vectorLength(schema)
  const pairs = pairsOf(schema)
  return Array.from({ length: x.shape[0] }, (_, g) => {
    const row = x.data.subarray(g * total, (g + 1) * total)
    const n = sizes[g]
    const nodes = Array.from({ length: n }, (_, i) =>
      attributesOf(row.subarray(i * channels, (i + 1) * channels), schema.node, scales.node, scales.nodeRange),
    )
    const edges = pairs.flatMap(([i, j], k): Edge[] => {
      const at = offset + k * edgeChannels
      if (i >= n || j >= n || !(row[at] > 0)) return []
      return [[i, j, ...attributesOf(row.subarray(at + 1, at + edgeChannels), schema.edge, scales.edge, scales.edgeRange)]]
    })
    return { n, x: nodes, edges, ...(schema.directed && { directed: true }) }
  })
}

function attributesOf(
  channels: ArrayLike<number>,
  attributes: readonly Attribute[],
  scales: readonly Scale[],
  ranges: GraphScales['nodeRange'],
): number[] {
  let at = 0
  return attributes.map((attribute, i) => {
    const width = widthOf(attribute)
    const values = Array.from({ length: width }, (_, k) => channels[at + k] * scales[at + k].deviation + scales[at + k].mean)
    at += width
    if (attribute.values) return values.indexOf(Math.max(...values))
    if (attribute.type === 'real') return values[0]
    return Math.min(ranges[i][1], Math.max(ranges[i][0], Math.round(values[0])))
  })
}
