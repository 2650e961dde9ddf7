import { eigh } from '../../../engine/kernels/spectra.ts'
import { type AttributedGraph, neighbours } from '../graph.ts'

/** Counts in equal bins of [low, high]; the last bin holds its upper edge, as numpy's. */
export function histogram(values: readonly number[], bins: number, low: number, high: number): Float64Array {
  const counts = new Float64Array(bins)
  for (const value of values) {
    if (!(value >= low && value <= high)) continue
    counts[Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins))]++
  }
  return counts
}

/**
 * How many nodes have 0, 1, 2, … neighbours.
 *
 * @example
 * [...degreeHistogram({ n: 3, x: [[], [], []], edges: [[0, 1], [0, 2]] })] // [0, 2, 1]
 */
export function degreeHistogram(graph: AttributedGraph): Float64Array {
  const degrees = neighbours(undirected(graph)).map(({ length }) => length)
  const counts = new Float64Array(Math.max(...degrees) + 1)
  for (const degree of degrees) counts[degree]++
  return counts
}

/**
 * Local clustering coefficients (Watts and Strogatz): the share of a node's pairs of neighbours that are joined; 0 with fewer than two.
 *
 * @example
 * clusterings({ n: 3, x: [[], [], []], edges: [[0, 1], [0, 2], [1, 2]] }) // [1, 1, 1]
 */
export function clusterings(graph: AttributedGraph): number[] {
  const lists = neighbours(undirected(graph))
  const sets = lists.map((list) => new Set(list))
  return lists.map((list) => {
    if (list.length < 2) return 0
    let joined = 0
    for (let i = 0; i < list.length; i++) for (let j = i + 1; j < list.length; j++) if (sets[list[i]].has(list[j])) joined++
    return (2 * joined) / (list.length * (list.length - 1))
  })
}

/**
 * Eigenvalues of I − D^−½ A D^−½, ascending, between 0 and 2; a node without edges has a row of zeros.
 *
 * @example
 * laplacianSpectrum({ n: 2, x: [[], []], edges: [[0, 1]] })[1].toFixed(6) // '2.000000'
 */
export function laplacianSpectrum(graph: AttributedGraph): Float64Array {
  const { n } = graph
  const lists = neighbours(undirected(graph))
  const matrix = new Float64Array(n * n)
  lists.forEach((list, i) => {
    if (list.length > 0) matrix[i * n + i] = 1
    for (const j of list) matrix[i * n + j] = -1 / Math.sqrt(list.length * lists[j].length)
  })
  return eigh(matrix, n).values
}

/** Each pair once, whatever its direction. */
export function undirected(graph: AttributedGraph): AttributedGraph {
  if (!graph.directed) return graph
  const pairs = new Set(graph.edges.map(([from, to]) => `${Math.min(from, to)},${Math.max(from, to)}`))
  const edges = [...pairs].map((pair) => pair.split(',').map(Number) as [number, number])
  return { ...graph, directed: false, edges }
}
