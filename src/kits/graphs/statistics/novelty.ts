import type { AttributedGraph, GraphSchema } from '../graph.ts'

/**
 * How far each graph is from the nearest of others, up to the numbering of nodes: nodes are matched one to one (by their attributes and the sums of what their
 * edges carry, the cheapest matching), and the distance is the root mean square over nodes' and pairs' values. The nearest is looked for among the `candidates`
 * of the most alike invariants, so a distance is an upper bound; of an exact copy it is 0.
 *
 * @example
 * const graphs = geoTraffic({ count: 4, seed: 0 })
 * nearestDistances(graphs, graphs, geoTrafficSchema()) // [0, 0, 0, 0]
 */
export function nearestDistances(
  graphs: readonly AttributedGraph[],
  others: readonly AttributedGraph[],
  schema: GraphSchema,
  { candidates = 5, skipSelf = false } = {},
): number[] {
  const known = others.map((graph) => profileOf(graph, schema))
  return graphs.map((graph, self) => {
    const own = profileOf(graph, schema)
    const ranked = known
      .map((profile, i) => ({
        profile,
        i,
        apart: profile.rows.length === own.rows.length ? squares(own.sorted, profile.sorted) : Infinity,
      }))
      .filter(({ i, apart }) => apart < Infinity && !(skipSelf && i === self))
      .sort((a, b) => a.apart - b.apart)
      .slice(0, candidates)
    return Math.min(Number.POSITIVE_INFINITY, ...ranked.map(({ profile }) => distance(own, profile)))
  })
}

export interface Novelty {
  /** The share of graphs closer to a training graph than half the median distance between training graphs. */
  readonly copies: number
  /** Their median distance to the nearest training graph. */
  readonly nearest: number
  /** That of held-out graphs where they are given, else of training graphs among each other. */
  readonly between: number
}

/**
 * Whether generated graphs are copies of training graphs. At most `most` of each set are compared.
 *
 * @example
 * const graphs = geoTraffic({ count: 8, seed: 0 })
 * novelty(graphs, graphs, geoTrafficSchema()).copies // 1
 */
export function novelty(
  generated: readonly AttributedGraph[],
  train: readonly AttributedGraph[],
  schema: GraphSchema,
  { most = 100 } = {},
): Novelty {
  const distances = nearestDistances(generated.slice(0, most), train, schema)
  const between = median(nearestDistances(train.slice(0, most), train, schema, { skipSelf: true }))
  return { copies: distances.filter((d) => d < 0.5 * between).length / distances.length, nearest: median(distances), between }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

interface Profile {
  /** What is matched: attributes of each node, its degree and the sums of its edges' attributes. */
  readonly rows: readonly (readonly number[])[]
  readonly x: readonly (readonly number[])[]
  /** [n * n] → existence and attributes. */
  readonly pairs: ReadonlyMap<number, readonly number[]>
  /** Every column of the rows in ascending order: the same for any numbering. */
  readonly sorted: readonly number[]
}

function profileOf({ n, x, edges, directed }: AttributedGraph, schema: GraphSchema): Profile {
  const sums = Array.from({ length: n }, () => new Array<number>(1 + schema.edge.length).fill(0))
  const pairs = new Map<number, readonly number[]>()
  for (const [from, to, ...attributes] of edges) {
    const values = [1, ...attributes]
    pairs.set(from * n + to, values)
    if (!directed) pairs.set(to * n + from, values)
    for (const [c, value] of values.entries()) for (const end of [from, to]) sums[end][c] += value / n
  }
  const rows = x.map((row, i) => [...row, ...sums[i]])
  const columns = rows[0]?.map((_, c) => rows.map((row) => row[c]).sort((a, b) => a - b)) ?? []
  return { rows, x, pairs, sorted: columns.flat() }
}

const squares = (a: readonly number[], b: readonly number[]): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2
  return sum
}

/** Root mean square of what is apart after the nodes were matched. */
function distance(a: Profile, b: Profile): number {
  const n = a.rows.length
  const partner = cheapestMatching(a.rows.map((row) => b.rows.map((other) => squares(row, other))))
  let sum = 0
  for (let i = 0; i < n; i++) {
    sum += squares(a.x[i], b.x[partner[i]]) / n
    for (let j = 0; j < n; j++) {
      const [one, other] = [a.pairs.get(i * n + j), b.pairs.get(partner[i] * n + partner[j])]
      if (one && other) sum += squares(one, other) / (n * n)
      else if (one || other) sum += (one ?? other)!.reduce((total, value) => total + value * value, 0) / (n * n)
    }
  }
  return Math.sqrt(sum)
}

/** The assignment of rows to columns of a square matrix with the least sum (Kuhn, Munkres; shortest augmenting paths). */
export function cheapestMatching(costs: readonly (readonly number[])[]): number[] {
  const n = costs.length
  const [u, v] = [new Float64Array(n + 1), new Float64Array(n + 1)]
  const rowOf = new Int32Array(n + 1)
  for (let row = 1; row <= n; row++) {
    rowOf[0] = row
    const least = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY)
    const [way, used] = [new Int32Array(n + 1), new Uint8Array(n + 1)]
    let column = 0
    while (rowOf[column] !== 0) {
      used[column] = 1
      const i = rowOf[column]
      let [delta, next] = [Number.POSITIVE_INFINITY, 0]
      for (let j = 1; j <= n; j++) {
        if (used[j]) continue
        const reduced = costs[i - 1][j - 1] - u[i] - v[j]
        if (reduced < least[j]) {
          least[j] = reduced
          way[j] = column
        }
        if (least[j] < delta) [delta, next] = [least[j], j]
      }
      for (let j = 0; j <= n; j++)
        if (used[j]) {
          u[rowOf[j]] += delta
          v[j] -= delta
        } else least[j] -= delta
      column = next
    }
    while (column !== 0) {
      rowOf[column] = rowOf[way[column]]
      column = way[column]
    }
  }
  const partner = new Array<number>(n).fill(0)
  for (let j = 1; j <= n; j++) partner[rowOf[j] - 1] = j - 1
  return partner
}
