import { type Draws, draws, seedKey } from '../../../data/draws.ts'
import type { AttributedGraph, Edge, GraphSchema } from '../graph.ts'
import { generatorUse } from './use.ts'

/**
 * Vehicles in two groups: node attributes position (2) and speed; edges between vehicles closer than `reach`, which carry the distance and the difference of
 * speeds, both functions of their ends. The group is not told.
 *
 * @example
 * geoTrafficSchema().edge.map(({ name }) => name) // ['distance', 'speedDifference']
 */
export const geoTrafficSchema = (n = 8): GraphSchema => ({
  node: [
    { name: 'x', type: 'real' },
    { name: 'y', type: 'real' },
    { name: 'speed', type: 'real' },
  ],
  edge: [
    { name: 'distance', type: 'real' },
    { name: 'speedDifference', type: 'real' },
  ],
  maxNodes: n,
  directed: false,
})

/**
 * Vehicles closer than this are joined.
 *
 * @example
 * geoTrafficReach // 0.9
 */
export const geoTrafficReach = 0.9

/**
 * @example
 * geoTraffic({ count: 10, seed: 0 })[0].n // 8
 */
export function geoTraffic({ count, n = 8, seed }: { count: number; n?: number; seed: number }): AttributedGraph[] {
  const random = draws(seedKey(seed, generatorUse.geoTraffic))
  return Array.from({ length: count }, () => one(random, n))
}

function one(random: Draws, n: number): AttributedGraph {
  const centres = [0, 1].map(() => [random.uniform(-1, 1), random.uniform(-1, 1)])
  const x = Array.from({ length: n }, () => {
    const group = random.integer(2)
    const [px, py] = centres[group].map((centre) => centre + 0.35 * random.normal())
    return [px, py, (group === 1 ? 1 : -1) * random.uniform(0.2, 1)]
  })
  const edges: Edge[] = []
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      const [distance, difference] = geoTrafficRule(x[i], x[j])
      if (distance < geoTrafficReach) edges.push([i, j, distance, difference])
    }
  return { n, x, edges }
}

/**
 * What the attributes of an edge between two vehicles are: distance and difference of speeds.
 *
 * @example
 * geoTrafficRule([0, 0, 0.5], [3, 4, -0.5]) // [5, 1]
 */
export const geoTrafficRule = (a: readonly number[], b: readonly number[]): [number, number] => [
  Math.hypot(a[0] - b[0], a[1] - b[1]),
  Math.abs(a[2] - b[2]),
]
