import { add, div, fromArray, mul, type NDArray, ndarray, random, swapLast, type Tensor, triu } from '../../../engine/index.ts'
import type { ProcessConfig } from '../../../kits/diffusion/index.ts'
import { type EdgeNetworkParams, edgeNetwork, type GdssConfig, type NodeNetworkParams, nodeNetwork } from './networks.ts'

/** Nodes [graphs, N, features] and weighted adjacency [graphs, N, N], int32 sizes [graphs]. */
export interface GdssData {
  readonly x: NDArray
  readonly adjacency: NDArray
  readonly sizes: NDArray
  readonly [name: string]: NDArray
}

export interface GdssRecipe {
  readonly config: GdssConfig
  readonly nodes: ProcessConfig
  readonly edges: ProcessConfig
  readonly steps: number
  readonly batch: number
  /** Multiplied by 0.999 after every epoch. */
  readonly learningRate: number
  readonly weightDecay: number
  readonly ema: number
  readonly seed: number
}

export interface GdssParams {
  nodes: NodeNetworkParams
  edges: EdgeNetworkParams
}

/** Scores of nodes and edges; the time enters by 1 / noise of VP processes alone. */
export function gdssScores(config: GdssConfig, kinds: { readonly nodes: ProcessConfig['kind']; readonly edges: ProcessConfig['kind'] }) {
  const [onNodes, onEdges] = [nodeNetwork(config), edgeNetwork(config)]
  const scaled = (value: Tensor, noise: Tensor, kind: ProcessConfig['kind']) => (kind === 've' ? value : mul(div(value, noise), -1))
  return {
    init(key: Tensor): GdssParams {
      const [a, b] = random.split(key)
      return { nodes: onNodes.init(a), edges: onEdges.init(b) }
    },
    /** `noise`: [B, 1, 1] each. */
    nodes: (params: NodeNetworkParams, x: Tensor, adjacency: Tensor, sizes: Tensor, noise: Tensor) =>
      scaled(onNodes.apply(params, x, adjacency, sizes), noise, kinds.nodes),
    edges: (params: EdgeNetworkParams, x: Tensor, adjacency: Tensor, sizes: Tensor, noise: Tensor) =>
      scaled(onEdges.apply(params, x, adjacency, sizes), noise, kinds.edges),
  }
}

/** z + zᵀ of the upper triangle: symmetric standard normal noise with nothing on the diagonal. */
export const symmetricNoise = (key: Tensor, shape: readonly number[]): Tensor => {
  const upper = triu(random.normal(key, shape), { diagonal: 1 })
  return add(upper, swapLast(upper))
}

/** [B, N, 1] and [B, N, N]. */
export function masks(sizes: ArrayLike<number>, n: number): { maskX: Tensor; maskA: Tensor } {
  const [x, a] = [new Float32Array(sizes.length * n), new Float32Array(sizes.length * n * n)]
  for (let g = 0; g < sizes.length; g++)
    for (let i = 0; i < sizes[g]; i++) {
      x[g * n + i] = 1
      for (let j = 0; j < sizes[g]; j++) if (i !== j) a[(g * n + i) * n + j] = 1
    }
  return { maskX: fromArray(ndarray(x, [sizes.length, n, 1], 'float32')), maskA: fromArray(ndarray(a, [sizes.length, n, n], 'float32')) }
}
