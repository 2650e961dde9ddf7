import { InputError } from '../../../engine/index.ts'
import type { AttributedGraph } from '../graph.ts'
import { clusterings, degreeHistogram, histogram, laplacianSpectrum } from './histograms.ts'
import { meanOrbits } from './orbits.ts'

/**
 * What sets of graphs are compared by.
 *
 * @example
 * graphStatistics.join() // 'degree,clustering,spectral,orbit'
 */
export const graphStatistics = ['degree', 'clustering', 'spectral', 'orbit'] as const
export type GraphStatistic = (typeof graphStatistics)[number]

/** `emd`: exp(−EMD² / 2σ²) with the earth mover's distance. `tv`: exp(−TV² / 2σ²) with the total variation, quicker and not comparable. */
export type HistogramKernel = 'emd' | 'tv'

type Kernel = (a: ArrayLike<number>, b: ArrayLike<number>) => number

/** What a graph is reduced to, and the kernel between two of them. */
interface StatisticDefinition {
  vector(graph: AttributedGraph): Float64Array
  readonly sigma: number
  /** Distance of neighbouring bins; undefined for vectors that are no histograms. */
  readonly bin?: number
}

const definitions: Readonly<Record<GraphStatistic, StatisticDefinition>> = {
  degree: { vector: degreeHistogram, sigma: 1, bin: 1 },
  clustering: { vector: (graph) => histogram(clusterings(graph), 100, 0, 1), sigma: 0.1, bin: 1 / 100 },
  spectral: { vector: (graph) => histogram([...laplacianSpectrum(graph)], 200, -1e-5, 2), sigma: 1, bin: 1 },
  orbit: { vector: meanOrbits, sigma: 30 },
}

/**
 * What is printed beside a number, since papers differ.
 *
 * @example
 * kernelName('degree') // 'Gaussian of EMD, σ = 1'
 */
export const kernelName = (statistic: GraphStatistic, kernel: HistogramKernel = 'emd'): string =>
  statistic === 'orbit' ? 'Gaussian, σ = 30' : `Gaussian of ${kernel.toUpperCase()}, σ = ${definitions[statistic].sigma}`

/**
 * Earth mover's distance of two histograms on a line: the sum of the differences of their cumulative sums, times the width of a bin.
 *
 * @example
 * earthMovers([1, 0, 0], [0, 0, 1]) // 2
 */
export function earthMovers(a: ArrayLike<number>, b: ArrayLike<number>, bin = 1): number {
  let [sum, total] = [0, 0]
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    sum += (a[i] ?? 0) - (b[i] ?? 0)
    total += Math.abs(sum)
  }
  return total * bin
}

function totalVariation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < Math.max(a.length, b.length); i++) total += Math.abs((a[i] ?? 0) - (b[i] ?? 0))
  return total / 2
}

const gaussian = (distance: number, sigma: number): number => Math.exp(-(distance * distance) / (2 * sigma * sigma))

function kernelOf({ sigma, bin }: StatisticDefinition, kernel: HistogramKernel): Kernel {
  if (bin === undefined) return (a, b) => gaussian(euclidean(a, b), sigma)
  return kernel === 'emd' ? (a, b) => gaussian(earthMovers(a, b, bin), sigma) : (a, b) => gaussian(totalVariation(a, b), sigma)
}

function euclidean(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2
  return Math.sqrt(sum)
}

/**
 * Squared maximum mean discrepancy, diagonals kept (the V-statistic): mean k(A, A) + mean k(B, B) − 2 mean k(A, B). No square root is taken.
 *
 * @throws InputError for an empty set.
 * @example
 * squaredMmd([0], [1], (x, y) => (x === y ? 1 : 0)) // 2
 */
export function squaredMmd<T>(a: readonly T[], b: readonly T[], kernel: (x: T, y: T) => number): number {
  if (a.length === 0 || b.length === 0)
    throw new InputError('a set of graphs is empty', { fix: 'compare sets with at least one graph with an edge' })
  const within = (set: readonly T[]): number => {
    let sum = 0
    for (let i = 0; i < set.length; i++) {
      sum += kernel(set[i], set[i])
      for (let j = i + 1; j < set.length; j++) sum += 2 * kernel(set[i], set[j])
    }
    return sum / set.length ** 2
  }
  let between = 0
  for (const x of a) for (const y of b) between += kernel(x, y)
  return within(a) + within(b) - (2 * between) / (a.length * b.length)
}

/**
 * MMD² of a statistic of two sets of graphs, as GDSS evaluates it: isolated nodes and empty graphs removed, histograms normalised to sum 1.
 *
 * @example
 * const path = { n: 3, x: [[], [], []], edges: [[0, 1], [1, 2]] } as const
 * graphMmd('degree', [path], [path]) // 0
 */
export function graphMmd(
  statistic: GraphStatistic,
  real: readonly AttributedGraph[],
  generated: readonly AttributedGraph[],
  { kernel = 'emd' as HistogramKernel } = {},
): number {
  const definition = definitions[statistic]
  const vectors = (graphs: readonly AttributedGraph[]) =>
    graphs
      .map(withoutIsolated)
      .filter(({ n }) => n > 0)
      .map((graph) => (definition.bin === undefined ? definition.vector(graph) : normalised(definition.vector(graph))))
  return squaredMmd(vectors(real), vectors(generated), kernelOf(definition, kernel))
}

function normalised(values: Float64Array): Float64Array {
  const sum = values.reduce((a, b) => a + b, 0)
  return sum > 0 ? values.map((value) => value / sum) : values
}

/**
 * The graph without nodes that have no edge.
 *
 * @example
 * withoutIsolated({ n: 3, x: [[], [], []], edges: [[0, 2]] }).edges // [[0, 1]]
 */
export function withoutIsolated(graph: AttributedGraph): AttributedGraph {
  const kept = [...new Set(graph.edges.flatMap((edge) => edge.slice(0, 2)))].sort((a, b) => a - b)
  if (kept.length === graph.n) return graph
  const place = new Map(kept.map((node, i) => [node, i]))
  return {
    ...graph,
    n: kept.length,
    x: kept.map((node) => graph.x[node]),
    edges: graph.edges.map(([from, to, ...rest]) => [place.get(from)!, place.get(to)!, ...rest] as const),
  }
}

/**
 * The share of all nodes that have no edge: what `withoutIsolated` hides.
 *
 * @example
 * isolatedShare([{ n: 4, x: [[], [], [], []], edges: [[0, 1]] }]) // 0.5
 */
export function isolatedShare(graphs: readonly AttributedGraph[]): number {
  const nodes = graphs.reduce((sum, { n }) => sum + n, 0)
  return nodes === 0 ? 0 : 1 - graphs.reduce((sum, graph) => sum + withoutIsolated(graph).n, 0) / nodes
}
