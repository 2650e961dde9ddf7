import { type AttributedGraph, neighbours } from '../graph.ts'
import { undirected } from './histograms.ts'

/**
 * Orbits of connected subgraphs with 2 to 4 nodes.
 *
 * @example
 * orbitCount // 15
 */
export const orbitCount = 15

/**
 * How often each node is in each of the 15 orbits of connected induced subgraphs with 2 to 4 nodes (Pržulj 2007, numbered as there): 0 edge; 1, 2 path of three,
 * end and middle; 3 triangle; 4, 5 path of four; 6, 7 star, leaf and centre; 8 square; 9, 10, 11 triangle with a tail: its tail, the two others, where it hangs;
 * 12, 13 square with a diagonal, off and on it; 14 all joined.
 *
 * @example
 * nodeOrbits({ n: 3, x: [[], [], []], edges: [[0, 1], [1, 2]] })[1][2] // 1
 */
export function nodeOrbits(graph: AttributedGraph): Float64Array[] {
  const lists = neighbours(undirected(graph))
  const joined = lists.map((list) => new Set(list))
  const counts = lists.map(({ length }) => {
    const own = new Float64Array(orbitCount)
    own[0] = length
    return own
  })
  for (const size of [3, 4]) connectedSets(lists, size, (nodes) => countIn(nodes, joined, counts))
  return counts
}

/** Every connected set of so many nodes once (Wernicke 2006): a set grows by neighbours that are larger than its first node and new to it. */
function connectedSets(lists: readonly (readonly number[])[], size: number, visit: (nodes: readonly number[]) => void): void {
  const extend = (nodes: readonly number[], extension: readonly number[], seen: ReadonlySet<number>): void => {
    if (nodes.length === size) {
      visit(nodes)
      return
    }
    for (let i = 0; i < extension.length; i++) {
      const fresh = lists[extension[i]].filter((other) => other > nodes[0] && !seen.has(other))
      extend([...nodes, extension[i]], [...extension.slice(i + 1), ...fresh], new Set([...seen, ...fresh]))
    }
  }
  lists.forEach((list, first) => {
    const larger = list.filter((other) => other > first)
    extend([first], larger, new Set([first, ...larger]))
  })
}

function countIn(nodes: readonly number[], joined: readonly ReadonlySet<number>[], counts: readonly Float64Array[]): void {
  const degrees = nodes.map((node) => nodes.filter((other) => joined[node].has(other)).length)
  const orbits = orbitsBy(degrees)
  nodes.forEach((node, i) => {
    counts[node][orbits[i]]++
  })
}

/** In connected graphs of at most four nodes the degrees tell the orbits. */
function orbitsBy(degrees: readonly number[]): number[] {
  const sum = degrees.reduce((a, b) => a + b, 0)
  if (degrees.length === 3) return degrees.map((d) => (sum === 6 ? 3 : d === 2 ? 2 : 1))
  const most = Math.max(...degrees)
  if (sum === 6) return degrees.map((d) => (most === 3 ? (d === 3 ? 7 : 6) : d === 2 ? 5 : 4))
  if (sum === 8) return degrees.map((d) => (most === 2 ? 8 : d === 1 ? 9 : d === 2 ? 10 : 11))
  return degrees.map((d) => (sum === 12 ? 14 : d === 2 ? 12 : 13))
}

/**
 * The mean over nodes of their orbit counts.
 *
 * @example
 * [...meanOrbits({ n: 3, x: [[], [], []], edges: [[0, 1], [0, 2], [1, 2]] })].slice(0, 4) // [2, 0, 0, 1]
 */
export function meanOrbits(graph: AttributedGraph): Float64Array {
  const mean = new Float64Array(orbitCount)
  for (const own of nodeOrbits(graph)) for (let k = 0; k < orbitCount; k++) mean[k] += own[k] / graph.n
  return mean
}
