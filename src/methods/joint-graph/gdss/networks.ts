import {
  cast,
  concat,
  expandDims,
  eye,
  iota,
  less,
  matmul,
  mul,
  random,
  reshape,
  slice,
  sub,
  type Tensor,
  tanh,
} from '../../../engine/index.ts'
import { type AttentionLayerParams, attentionLayer, type GraphConvolution, graphConvolution, type MlpParams, perceptron } from './layers.ts'

/** The sizes of both networks of GDSS (Jo et al. 2022), as its configurations name them. */
export interface GdssConfig {
  /** Channels of a node. */
  readonly features: number
  /** Graph convolutions of the network for nodes, and their extent. */
  readonly depth: number
  readonly hidden: number
  /** Layers of the network for edges. */
  readonly layers: number
  readonly linears: number
  /** Powers of the adjacency that go in; channels within; channels at the end. */
  readonly channels: readonly [first: number, hidden: number, last: number]
  readonly attention: number
  readonly heads: number
}

/** Published sizes. */
export const gdssConfigs = {
  communitySmall: { features: 10, depth: 3, hidden: 32, layers: 5, linears: 2, channels: [2, 8, 4], attention: 32, heads: 4 },
  qm9: { features: 4, depth: 2, hidden: 16, layers: 3, linears: 3, channels: [2, 8, 4], attention: 16, heads: 4 },
} as const satisfies Readonly<Record<string, GdssConfig>>

export interface NodeNetworkParams {
  layers: GraphConvolution[]
  final: MlpParams
}

export interface EdgeNetworkParams {
  layers: AttentionLayerParams[]
  final: MlpParams
}

/** x [B, N, features], adjacency [B, N, N], sizes int32 [B] → a number for each value of x, or of the adjacency. Neither is told the time. */
export interface GdssNetwork<P> {
  init(key: Tensor): P
  apply(params: P, x: Tensor, adjacency: Tensor, sizes: Tensor): Tensor
}

/** The network for the scores of nodes: graph convolutions, then a perceptron on all of their outputs. */
export function nodeNetwork({ features, depth, hidden }: GdssConfig): GdssNetwork<NodeNetworkParams> {
  const layers = Array.from({ length: depth }, (_, i) => graphConvolution(i === 0 ? features : hidden, hidden))
  const width = features + depth * hidden
  const final = perceptron(3, [width, 2 * width, features])
  return {
    init(key) {
      const [last, ...rest] = random.split(key, 1 + depth)
      return { layers: layers.map((layer, i) => layer.init(rest[i])), final: final.init(last) }
    },
    apply(params, x, adjacency, sizes) {
      const all = [x]
      for (const [i, layer] of layers.entries()) all.push(tanh(layer.apply(params.layers[i], all.at(-1)!, adjacency)))
      return mul(final.apply(params.final, concat(all, { axis: -1 })), masksOf(sizes, x.shape[1]).nodes)
    },
  }
}

/** The network for the scores of edges: attention over channels that begin as powers of the adjacency. */
export function edgeNetwork(config: GdssConfig): GdssNetwork<EdgeNetworkParams> {
  const { features, hidden, layers: count, linears, channels, attention, heads } = config
  const [first, within, last] = channels
  const layers = Array.from({ length: count }, (_, i) =>
    attentionLayer({
      inputs: i === 0 ? features : hidden,
      // The first layer attends with the extent of the nodes, as the authors' code does.
      attention: i === 0 ? hidden : attention,
      outputs: hidden,
      channels: [i === 0 ? first : within, i === count - 1 ? last : within],
      linears,
      heads,
    }),
  )
  const width = within * (count - 1) + last + first
  const final = perceptron(3, [width, 2 * width, 1])
  return {
    init(key) {
      const [end, ...rest] = random.split(key, 1 + count)
      return { layers: layers.map((layer, i) => layer.init(rest[i])), final: final.init(end) }
    },
    apply(params, x, adjacency, sizes) {
      const [batch, n] = x.shape
      const masks = masksOf(sizes, n)
      const matrix = (stacked: Tensor, c: number) => reshape(slice(stacked, { axis: 3, start: c, end: c + 1 }), [batch, n, n])
      let current: Tensor[] = [adjacency]
      while (current.length < first) current.push(matmul(current.at(-1)!, adjacency))
      const all = current.map((power) => expandDims(power, 3))
      let nodes = x
      for (const [i, layer] of layers.entries()) {
        const next = layer.apply(params.layers[i], nodes, current, masks)
        nodes = next.x
        all.push(next.adjacency)
        current = Array.from({ length: next.adjacency.shape[3] }, (_, c) => matrix(next.adjacency, c))
      }
      const scores = final.apply(params.final, concat(all, { axis: -1 }))
      return reshape(mul(scores, mul(masks.pairs, expandDims(sub(1, eye(n)), 2))), [batch, n, n])
    },
  }
}

/** [B, N, 1] and [B, N, N, 1]. */
function masksOf(sizes: Tensor, n: number) {
  const present = cast(less(expandDims(iota(n), 0), expandDims(sizes, 1)), 'float32')
  return { nodes: expandDims(present, 2), pairs: expandDims(mul(expandDims(present, 1), expandDims(present, 2)), 3) }
}
