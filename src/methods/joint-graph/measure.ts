import type { ItemColumns } from '../../experiment/index.ts'
import {
  type AttributedGraph,
  balance,
  elementsOf,
  geoTrafficReach,
  geoTrafficRule,
  graphMmd,
  graphStatistics,
  isolatedShare,
  meanTies,
  novelty,
  scoreMolecules,
  signedBalanceReach,
  triangles,
  tripleMmd,
} from '../../kits/graphs/index.ts'
import type { TaskName } from './config.ts'
import type { TaskGraphs } from './tasks.ts'

/** What was found of generated graphs, and of each of them. */
export interface Measured {
  readonly measurements: Readonly<Record<string, number>>
  readonly items: ItemColumns
}

/** Measurements that are quotients of the sums of two columns of the items: shares, and means over all graphs. */
const quotients: Readonly<Record<TaskName, readonly (readonly [name: string, of: string, over: string])[]>> = {
  balance: [
    ...sharedQuotients(),
    ['existence', 'agreeing', 'pairs'],
    ['balanced', 'balanced', 'triangles'],
    ['nodeEdgeError', 'nodeError', 'nodes'],
    ['positive', 'positive', 'edges'],
  ],
  traffic: [
    ...sharedQuotients(),
    ['existence', 'agreeing', 'pairs'],
    ['distanceError', 'distanceError', 'edges'],
    ['speedError', 'speedError', 'edges'],
  ],
  molecules: sharedQuotients(),
}

function sharedQuotients(): (readonly [string, string, string])[] {
  return [
    ['density', 'edges', 'pairs'],
    ['edgeMean', 'first', 'edges'],
    ['trianglesPerGraph', 'triangles', 'one'],
  ]
}

const total = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0)

/** The quotients of a task from its columns; NaN where nothing is to be divided by. */
export const quotientsOf = (task: TaskName, column: (name: string) => ArrayLike<number>): Record<string, number> =>
  Object.fromEntries(quotients[task].map(([name, of, over]) => [name, total(column(of)) / total(column(over))]))

type Row = Readonly<Record<string, number>>

const common = (graph: AttributedGraph): Row => ({
  one: 1,
  nodes: graph.n,
  pairs: (graph.n * (graph.n - 1)) / 2,
  edges: graph.edges.length,
  first: graph.edges.reduce((sum, [, , value = 0]) => sum + value, 0),
  triangles: triangles(graph).length,
})

/** Pairs that are joined exactly if they are closer than `reach`. */
function agreeing({ n, x, edges }: AttributedGraph, reach: number): number {
  const joined = new Set(edges.map(([i, j]) => i * n + j))
  let count = 0
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) if (joined.has(i * n + j) === Math.hypot(x[i][0] - x[j][0], x[i][1] - x[j][1]) < reach) count++
  return count
}

const rows: Readonly<Record<TaskName, (graph: AttributedGraph) => Row>> = {
  balance(graph) {
    const means = meanTies(graph)
    return {
      ...common(graph),
      agreeing: agreeing(graph, signedBalanceReach),
      balanced: balance(graph).balanced,
      nodeError: graph.x.reduce((sum, [, , sympathy], i) => sum + Math.abs(sympathy / 2 - means[i]), 0),
      positive: graph.edges.filter(([, , tie]) => tie > 0).length,
    }
  },
  traffic(graph) {
    const errors = graph.edges.map(([i, j, distance, difference]) => {
      const [d, s] = geoTrafficRule(graph.x[i], graph.x[j])
      return [Math.abs(distance - d), Math.abs(difference - s)]
    })
    return {
      ...common(graph),
      agreeing: agreeing(graph, geoTrafficReach),
      distanceError: errors.reduce((sum, [d]) => sum + d, 0),
      speedError: errors.reduce((sum, [, s]) => sum + s, 0),
    }
  },
  molecules: common,
}

/** The deviation of the edges' first attribute. */
function firstDeviation(graphs: readonly AttributedGraph[]): number {
  const values = graphs.flatMap(({ edges }) => edges.map(([, , first = 0]) => first))
  const mean = total(values) / values.length
  return Math.sqrt(total(values.map((value) => (value - mean) ** 2)) / values.length)
}

/** Everything about generated graphs beside held-out ones: marginals, dependence, statistics, novelty. */
export function measure(
  task: TaskName,
  generated: readonly AttributedGraph[],
  { schema, train, test }: TaskGraphs,
  seed: number,
): Measured {
  const table = generated.map(rows[task])
  const columns = Object.fromEntries(Object.keys(table[0]).map((name) => [name, Float64Array.from(table, (row) => row[name])]))
  const hasEdges = generated.some(({ edges }) => edges.length > 0)
  // As many as are cheap; both sets the same number, since an MMD depends on it.
  const [some, real] = [generated.slice(0, 200), test.slice(0, 200)]
  const elements = elementsOf(schema)
  const { copies, nearest } = elements ? { copies: Number.NaN, nearest: Number.NaN } : novelty(generated, train, schema)
  return {
    measurements: {
      ...quotientsOf(task, (name) => columns[name]),
      edgeDeviation: firstDeviation(generated),
      isolated: isolatedShare(generated),
      tripleMmd: tripleMmd(test, generated, schema.edge.length, seed),
      ...Object.fromEntries(graphStatistics.map((name) => [`${name}Mmd`, hasEdges ? graphMmd(name, real, some) : Number.NaN])),
      ...(elements ? { ...scoreMolecules(generated, { real: test, train }, elements) } : { copies, nearest }),
    },
    items: { id: generated.map((_, i) => String(i)), ...columns },
  }
}

/** The same of held-out graphs: what a perfect generator would reach, and the floor of the MMDs. */
export function measureReal(task: TaskName, graphs: TaskGraphs, seed: number): Readonly<Record<string, number>> {
  const half = Math.floor(graphs.test.length / 2)
  return measure(task, graphs.test.slice(0, half), { ...graphs, test: graphs.test.slice(half) }, seed).measurements
}
