import {
  add,
  concat,
  div,
  exp,
  eye,
  less,
  matmul,
  maximum,
  mul,
  random,
  reshape,
  rsqrt,
  sub,
  sum,
  swapLast,
  type Tensor,
  tanh,
  transpose,
  where,
  zeros,
} from '../../../engine/index.ts'
import { type Affine, linear } from '../../../nn/index.ts'

export interface MlpParams {
  layers: Affine[]
}

const elu = (x: Tensor): Tensor => where(less(0, x), x, sub(exp(where(less(0, x), mul(x, 0), x)), 1))

/** So many linear layers with ELU between them, on the last axis. */
export function perceptron(layers: number, [inputs, hidden, outputs]: readonly [number, number, number]) {
  const sizes = [inputs, ...new Array<number>(layers - 1).fill(hidden), outputs]
  const all = sizes.slice(1).map((size, i) => linear(sizes[i], size))
  return {
    init: (key: Tensor): MlpParams => {
      const keys = random.split(key, layers)
      return { layers: all.map((layer, i) => layer.init(keys[i])) }
    },
    apply: (params: MlpParams, x: Tensor): Tensor =>
      all.reduce((h, layer, i) => {
        const y = layer.apply(params.layers[i], h)
        return i < layers - 1 ? elu(y) : y
      }, x),
  }
}

export interface GraphConvolution {
  weight: Tensor
  bias: Tensor
}

/** D^−½ Ã D^−½ X W + b with ones on the diagonal of Ã and degrees of at least 1 (Kipf and Welling 2017, on a dense, weighted matrix). */
export function graphConvolution(inputs: number, outputs: number) {
  return {
    init(key: Tensor): GraphConvolution {
      const bound = Math.sqrt(6 / (inputs + outputs))
      return { weight: random.uniform(key, [inputs, outputs], { low: -bound, high: bound }), bias: zeros([outputs]) }
    },
    /** x [B, N, inputs], adjacency [B, N, N] */
    apply({ weight, bias }: GraphConvolution, x: Tensor, adjacency: Tensor): Tensor {
      const [batch, n] = x.shape
      const looped = where(less(0.5, eye(n)), 1, adjacency)
      const scale = rsqrt(maximum(sum(looped, { axes: 2 }), 1))
      const normal = mul(mul(reshape(scale, [batch, n, 1]), looped), reshape(scale, [batch, 1, n]))
      return add(matmul(normal, matmul(x, weight)), bias)
    },
  }
}

interface AttentionParams {
  query: GraphConvolution
  key: GraphConvolution
  value: GraphConvolution
}

/** Graph multi-head attention: queries, keys and values by graph convolutions; the map is tanh(Q Kᵀ / √out), averaged over heads and symmetrised. */
function graphAttention(inputs: number, width: number, outputs: number, heads: number) {
  const [query, keyed, value] = [graphConvolution(inputs, width), graphConvolution(inputs, width), graphConvolution(inputs, outputs)]
  return {
    init(key: Tensor): AttentionParams {
      const [q, k, v] = random.split(key, 3)
      return { query: query.init(q), key: keyed.init(k), value: value.init(v) }
    },
    apply(params: AttentionParams, x: Tensor, adjacency: Tensor): { values: Tensor; map: Tensor } {
      const [batch, n] = x.shape
      const toHeads = (y: Tensor) => transpose(reshape(y, [batch, n, heads, width / heads]), [0, 2, 1, 3])
      const q = toHeads(query.apply(params.query, x, adjacency))
      const k = toHeads(keyed.apply(params.key, x, adjacency))
      const mean = div(sum(tanh(mul(matmul(q, swapLast(k)), 1 / Math.sqrt(outputs))), { axes: 1 }), heads)
      return { values: value.apply(params.value, x, adjacency), map: mul(add(mean, swapLast(mean)), 0.5) }
    },
  }
}

export interface AttentionLayerParams {
  attention: AttentionParams[]
  pairs: MlpParams
  nodes: MlpParams
}

export interface AttentionLayerConfig {
  readonly inputs: number
  readonly attention: number
  readonly outputs: number
  readonly channels: readonly [inputs: number, outputs: number]
  readonly linears: number
  readonly heads: number
}

/** One attention a channel of the adjacency; their maps with the channels become the next channels, their values the next nodes. */
export function attentionLayer({ inputs, attention, outputs, channels: [from, to], linears, heads }: AttentionLayerConfig) {
  const own = Array.from({ length: from }, () => graphAttention(inputs, attention, outputs, heads))
  const hidden = 2 * Math.max(from, to)
  const pairs = perceptron(linears, [2 * from, hidden, to])
  const nodes = perceptron(2, [from * outputs, hidden, outputs])
  return {
    init(key: Tensor): AttentionLayerParams {
      const [a, b, ...rest] = random.split(key, 2 + from)
      return { attention: own.map((attend, i) => attend.init(rest[i])), pairs: pairs.init(a), nodes: nodes.init(b) }
    },
    /** x [B, N, inputs], adjacency [B, N, N, from] → [B, N, outputs], [B, N, N, to] */
    apply(
      params: AttentionLayerParams,
      x: Tensor,
      adjacency: readonly Tensor[],
      masks: { readonly nodes: Tensor; readonly pairs: Tensor },
    ) {
      const found = own.map((attend, i) => attend.apply(params.attention[i], x, adjacency[i]))
      const values = mul(
        nodes.apply(
          params.nodes,
          concat(
            found.map(({ values }) => values),
            { axis: -1 },
          ),
        ),
        masks.nodes,
      )
      const channels = [...found.map(({ map }) => map), ...adjacency].map((matrix) => reshape(matrix, [...matrix.shape, 1]))
      const mixed = pairs.apply(params.pairs, concat(channels, { axis: -1 }))
      const symmetric = mul(add(mixed, transpose(mixed, [0, 2, 1, 3])), masks.pairs)
      return { x: tanh(values), adjacency: symmetric }
    },
  }
}
