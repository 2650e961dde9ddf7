import { type Draws, draws, seedKey } from '../../../data/draws.ts'
import { type AttributedGraph, type Edge, type GraphSchema, neighbours } from '../graph.ts'
import { generatorUse } from './use.ts'

/**
 * Friends and foes: a hidden camp ±1 a node; an edge between nodes closer than 1 carries the product of both camps times a strength, so that every
 * triangle is balanced (the product of its signs is +1). Node attributes: position (2), and twice the mean of the attributes around a node plus noise.
 *
 * @example
 * signedBalanceSchema().edge[0].name // 'tie'
 */
export const signedBalanceSchema = (n = 8): GraphSchema => ({
  node: [
    { name: 'x', type: 'real' },
    { name: 'y', type: 'real' },
    { name: 'sympathy', type: 'real' },
  ],
  edge: [{ name: 'tie', type: 'real' }],
  maxNodes: n,
  directed: false,
})

/**
 * Nodes closer than this are joined.
 *
 * @example
 * signedBalanceReach // 1
 */
export const signedBalanceReach = 1

/**
 * @example
 * signedBalance({ count: 10, seed: 0 })[0].x[0].length // 3
 */
export function signedBalance({ count, n = 8, seed }: { count: number; n?: number; seed: number }): AttributedGraph[] {
  const random = draws(seedKey(seed, generatorUse.signedBalance))
  return Array.from({ length: count }, () => one(random, n))
}

function one(random: Draws, n: number): AttributedGraph {
  const camps = Array.from({ length: n }, () => (random.integer(2) === 1 ? 1 : -1))
  const places = camps.map(() => [0.6 * random.normal(), 0.6 * random.normal()])
  const edges: Edge[] = []
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      const distance = Math.hypot(places[i][0] - places[j][0], places[i][1] - places[j][1])
      if (distance < signedBalanceReach) edges.push([i, j, camps[i] * camps[j] * Math.exp(-distance) * random.uniform(0.8, 1.2)])
    }
  const means = meanTies({ n, x: places, edges })
  const x = places.map((place, i) => [...place, 2 * (means[i] + 0.05 * random.normal())])
  return { n, x, edges }
}

/**
 * The mean of the first attribute over each node's edges; 0 where it has none.
 *
 * @example
 * meanTies({ n: 3, x: [[], [], []], edges: [[0, 1, 1], [0, 2, -0.5]] }) // [0.25, 1, -0.5]
 */
export function meanTies(graph: AttributedGraph): number[] {
  const sums = new Array<number>(graph.n).fill(0)
  for (const [i, j, tie] of graph.edges) {
    sums[i] += tie
    sums[j] += tie
  }
  return neighbours(graph).map(({ length }, i) => (length === 0 ? 0 : sums[i] / length))
}
