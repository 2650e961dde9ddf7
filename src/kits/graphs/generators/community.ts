import { type Draws, draws, seedKey } from '../../../data/draws.ts'
import { type AttributedGraph, components, type Edge, type GraphSchema } from '../graph.ts'
import { generatorUse } from './use.ts'

/**
 * Graphs without attributes.
 *
 * @example
 * plainSchema(20).maxNodes // 20
 */
export const plainSchema = (maxNodes: number): GraphSchema => ({ node: [], edge: [], maxNodes, directed: false })

export interface CommunityOptions {
  readonly count: number
  readonly seed: number
  /**
   * As the generator of You et al. 2018 does it: within the communities always the same two random graphs of each size, which makes all graphs of one size
   * alike but for their bridges. Default: false.
   */
  readonly legacySeeds?: boolean
}

/**
 * Graphs of 12 to 20 nodes in two equal communities: edges within with probability 0.7, between them with 0.05 · 2 / nodes, at least one.
 *
 * @example
 * communitySmall({ count: 3, seed: 0 }).length // 3
 */
export function communitySmall({ count, seed, legacySeeds = false }: CommunityOptions): AttributedGraph[] {
  const random = draws(seedKey(seed, generatorUse.community))
  return Array.from({ length: count }, () => {
    const half = 6 + random.integer(5)
    const inside = [0, 1].map((part) =>
      randomEdges(legacySeeds ? draws(seedKey(part, generatorUse.community)) : random, half, 0.7).map(
        ([i, j]): Edge => [i + part * half, j + part * half],
      ),
    )
    return {
      n: 2 * half,
      x: emptyRows(2 * half),
      edges: [...inside.flat(), ...bridges(random, half)].sort((a, b) => a[0] - b[0] || a[1] - b[1]),
    }
  })
}

function bridges(random: Draws, half: number): Edge[] {
  const between: Edge[] = []
  for (let i = 0; i < half; i++) for (let j = half; j < 2 * half; j++) if (random.uniform() < 0.05 / half) between.push([i, j])
  return between.length > 0 ? between : [[random.integer(half), half + random.integer(half)]]
}

/** Each pair with the same probability (Erdős and Rényi). */
function randomEdges(random: Draws, n: number, probability: number): Edge[] {
  const edges: Edge[] = []
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) if (random.uniform() < probability) edges.push([i, j])
  return edges
}

const emptyRows = (n: number): [][] => Array.from({ length: n }, (): [] => [])

/**
 * Neighbourhoods of 4 to 18 nodes, as ego graphs of citation networks are: a node that all others are joined to within two steps, in a network that grows
 * by preferential attachment. A stand-in for Citeseer's, which `loadTu` reads from the user's file.
 *
 * @example
 * egoSmall({ count: 3, seed: 0 })[0].n <= 18 // true
 */
export function egoSmall({ count, seed }: { count: number; seed: number }): AttributedGraph[] {
  const random = draws(seedKey(seed, generatorUse.ego))
  const graphs: AttributedGraph[] = []
  while (graphs.length < count) {
    const ego = egoOf(random)
    if (ego.n >= 4 && ego.n <= 18 && Math.max(...components(ego)) === 0) graphs.push(ego)
  }
  return graphs
}

/** A node and those around it, out of a network of 60 that grew by preferential attachment. */
function egoOf(random: Draws): AttributedGraph {
  const ends: number[] = [0, 1]
  const links: [number, number][] = [[0, 1]]
  for (let node = 2; node < 60; node++) {
    const targets = new Set([ends[random.integer(ends.length)], ...(random.uniform() < 0.6 ? [ends[random.integer(ends.length)]] : [])])
    for (const target of targets) {
      links.push([target, node])
      ends.push(target, node)
    }
  }
  const centre = random.integer(60)
  const inside = new Set([centre, ...links.flatMap(([a, b]) => (a === centre ? [b] : b === centre ? [a] : []))])
  const order = [...inside].sort((a, b) => a - b)
  const edges = links.flatMap(([a, b]): Edge[] => (inside.has(a) && inside.has(b) ? [[order.indexOf(a), order.indexOf(b)]] : []))
  return { n: order.length, x: emptyRows(order.length), edges: edges.sort((a, b) => a[0] - b[0] || a[1] - b[1]) }
}
