import { InputError, type NDArray, ndarray } from '../../engine/index.ts'
import { type NoiseProcess, type ProcessConfig, processOf } from '../../kits/diffusion/index.ts'
import { channelsOf, type GraphScales, type GraphSchema, pairsOf, vectorLength } from '../../kits/graphs/index.ts'
import type { NetworkConfig, NetworkParams } from './network.ts'

/** How nodes and edges are noised; they share the time. */
export interface JointProcessConfig {
  readonly nodes: ProcessConfig
  readonly edges: ProcessConfig
}

/** At its end hardly anything of the data is left: its mean factor there is 0.0066, where that of β 0.1 … 1 is 0.76. */
export const defaultProcess: ProcessConfig = { kind: 'vp', betas: [0.1, 20] }

export interface JointProcess {
  readonly nodes: NoiseProcess
  readonly edges: NoiseProcess
}

/**
 * @throws InputError unless both run over the same times.
 *
 * @example
 * jointProcess({ nodes: { kind: 've', sigmas: [0.1, 5] }, edges: { kind: 'vp', betas: [0.1, 20] } }).edges.at(1).signal.toFixed(4) // '0.0066'
 */
export function jointProcess({ nodes, edges }: JointProcessConfig): JointProcess {
  const [one, other] = [processOf(nodes), processOf(edges)]
  if (
    one.times[1] !== other.times[1] ||
    nodes.kind === 'discrete' ||
    edges.kind === 'discrete' ||
    nodes.kind === 'edm' ||
    edges.kind === 'edm'
  )
    throw new InputError(`nodes by ${nodes.kind} and edges by ${edges.kind} have no common time`, {
      fix: 'choose vp, subVp or ve for each',
    })
  return { nodes: one, edges: other }
}

/** A trained generator of graphs as plain data. */
export interface JointModel {
  readonly schema: GraphSchema
  readonly scales: GraphScales
  readonly process: JointProcessConfig
  readonly network: NetworkConfig
  readonly params: NetworkParams
  /** How many training graphs have 1, 2, … nodes. */
  readonly sizes: readonly number[]
}

/** A number for the coordinates of nodes, one for those of edges, as a vector. */
export function spread(schema: GraphSchema, { nodes, edges }: { readonly nodes: number; readonly edges: number }): Float32Array {
  const { nodes: split, total } = vectorLength(schema)
  return new Float32Array(total).fill(nodes, 0, split).fill(edges, split)
}

/**
 * The weight of each coordinate's squared error, float32 [graphs, total]: 1 / (dx · nodes) for nodes, λ / ((1 + de) · pairs) for edges, 0 where no node is. The
 * sum over a graph is the mean over its nodes plus λ times the mean over its pairs.
 */
export function errorWeights(sizes: ArrayLike<number>, schema: GraphSchema, lambda = 1): NDArray {
  const { nodes: split, total } = vectorLength(schema)
  const { nodes: dx, edges: de } = channelsOf(schema)
  const pairs = pairsOf(schema)
  const data = new Float32Array(sizes.length * total)
  for (let g = 0; g < sizes.length; g++) {
    const [n, row] = [sizes[g], data.subarray(g * total, (g + 1) * total)]
    row.fill(1 / (dx * n), 0, n * dx)
    const there = schema.directed ? n * (n - 1) : (n * (n - 1)) / 2
    pairs.forEach(([i, j], k) => {
      if (i < n && j < n) row.fill(lambda / (de * there), split + k * de, split + (k + 1) * de)
    })
  }
  return ndarray(data, [sizes.length, total], 'float32')
}
