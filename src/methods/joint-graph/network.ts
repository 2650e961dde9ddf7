import {
  add,
  concat,
  cos,
  div,
  expandDims,
  InputError,
  matmul,
  mul,
  random,
  reshape,
  silu,
  sin,
  slice,
  stack,
  type Tensor,
  tensor,
  zeros,
} from '../../engine/index.ts'
import { channelsOf, type GraphSchema, vectorLength } from '../../kits/graphs/index.ts'
import { type Affine, layerNorm, linear, type Norm } from '../../nn/index.ts'
import { type LayerParams, nodeEdgeLayer } from './layer.ts'
import { type Mask, type PairSpace, pairSpace } from './pairs.ts'

export interface NetworkConfig {
  /** Extent of a node. */
  readonly width: number
  /** Extent of a pair. */
  readonly edgeWidth: number
  readonly layers: number
  readonly heads: number
  /** The triangle update; without it the block is that of the paper. */
  readonly triangle: boolean
  /** The control: nodes and pairs do not see each other. */
  readonly cut?: boolean
  /** Powers A², …, Aᵖ of the noisy existence that pairs see besides. Default: 1, none. */
  readonly powers?: number
  /** Sines and cosines of the time. Default: 32. */
  readonly embedding?: number
}

export interface NetworkParams {
  nodes: Affine
  edges: Affine
  time: Affine
  timeHidden: Affine
  timeEdges: Affine
  layers: LayerParams[]
  nodeNorm: Norm
  nodeHead: Affine
  edgeNorm: Norm
  edgeHead: Affine
}

/** A network on graphs as vectors: x [B, total], time [B], sizes int32 [B] → the noise in x, 0 where no node is. */
export interface GraphNetwork<P = NetworkParams> {
  init(key: Tensor): P
  apply(params: P, x: Tensor, time: Tensor, sizes: Tensor): Tensor
}

/**
 * Node-edge attention: one network for the noise in nodes and pairs, equivariant to the numbering of nodes. Only the first `sizes` nodes of each graph exist.
 *
 * @example
 * const schema = { node: [{ name: 'speed', type: 'real' }], edge: [], maxNodes: 4, directed: false } as const
 * const network = jointNetwork(schema, { width: 8, edgeWidth: 4, layers: 1, heads: 2, triangle: true })
 * network.apply(network.init(key(0)), zeros([2, 10]), zeros([2]), tensor([4, 3], { dtype: 'int32' })).shape // [2, 10]
 */
export function jointNetwork(schema: GraphSchema, config: NetworkConfig): GraphNetwork {
  const { width, edgeWidth, layers, heads, triangle, cut = false, powers = 1, embedding = 32 } = config
  if (width % heads !== 0) throw new InputError(`width ${width} is no multiple of ${heads} heads`, { where: 'network' })
  const { nodes: dx, edges: de } = channelsOf(schema)
  const space = pairSpace(schema)
  const block = nodeEdgeLayer({ width, edgeWidth, heads, triangle, cut }, space)
  const nodes = linear(dx, width)
  const edges = linear(de + powers - 1, edgeWidth)
  const time = linear(embedding, width)
  const timeHidden = linear(width, width)
  const timeEdges = linear(width, edgeWidth)
  const [nodeNorm, edgeNorm] = [layerNorm(width), layerNorm(edgeWidth)]
  const [nodeHead, edgeHead] = [linear(width, dx), linear(edgeWidth, de)]
  const { nodes: boundary } = vectorLength(schema)
  return {
    init(key) {
      const keys = random.split(key, 7 + layers)
      return {
        nodes: nodes.init(keys[0]),
        edges: edges.init(keys[1]),
        time: time.init(keys[2]),
        timeHidden: timeHidden.init(keys[3]),
        timeEdges: timeEdges.init(keys[4]),
        layers: Array.from({ length: layers }, (_, i) => block.init(keys[7 + i])),
        nodeNorm: nodeNorm.init(key),
        nodeHead: scaled(nodeHead.init(keys[5])),
        edgeNorm: edgeNorm.init(key),
        edgeHead: scaled(edgeHead.init(keys[6])),
      }
    },
    apply(params, x, at, sizes) {
      const mask = space.mask(sizes)
      const [batch] = x.shape
      const ownNodes = mul(reshape(slice(x, { axis: 1, end: boundary }), [batch, space.nodes, dx]), mask.nodes)
      const ownPairs = mul(reshape(slice(x, { axis: 1, start: boundary }), [batch, space.pairs, de]), mask.pairs)
      const temb = silu(timeHidden.apply(params.timeHidden, silu(time.apply(params.time, timeFeatures(at, embedding)))))
      const h = mul(add(nodes.apply(params.nodes, ownNodes), expandDims(temb, 1)), mask.nodes)
      const onPairs = expandDims(timeEdges.apply(params.timeEdges, temb), 1)
      const e = mul(add(edges.apply(params.edges, withPowers(ownPairs, powers, space, mask)), onPairs), mask.pairs)
      const top = params.layers.reduce((hidden, layer) => block.apply(layer, hidden, mask), { h, e })
      const noiseOfNodes = mul(nodeHead.apply(params.nodeHead, nodeNorm.apply(params.nodeNorm, top.h)), mask.nodes)
      const noiseOfPairs = mul(edgeHead.apply(params.edgeHead, edgeNorm.apply(params.edgeNorm, top.e)), mask.pairs)
      return concat([reshape(noiseOfNodes, [batch, boundary]), reshape(noiseOfPairs, [batch, space.pairs * de])], { axis: 1 })
    },
  }
}

const scaled = ({ weight, bias }: Affine): Affine => ({ weight: mul(weight, 0.01), bias: mul(bias, 0.01) })

/** Sines and cosines of 1000 t, as of the steps of a chain. */
function timeFeatures(t: Tensor, count: number): Tensor {
  const half = Math.floor(count / 2)
  const frequencies = tensor(Array.from({ length: half }, (_, i) => 1000 * Math.exp((-Math.log(1e4) * i) / half)))
  const angles = mul(expandDims(t, 1), frequencies)
  return concat([sin(angles), cos(angles), ...(2 * half < count ? [zeros([t.shape[0], 1])] : [])], { axis: -1 })
}

/** Existence at the distance of 2, …, p steps: powers of its matrix over the number of nodes. */
function withPowers(pairs: Tensor, powers: number, space: PairSpace, { count }: Mask): Tensor {
  if (powers === 1) return pairs
  const existence = space.toMatrix(slice(pairs, { axis: 2, end: 1 }))
  const matrix = reshape(existence, existence.shape.slice(0, 3))
  const all = [matrix]
  while (all.length < powers) all.push(div(matmul(all.at(-1)!, matrix), count))
  return concat([pairs, space.fromMatrix(stack(all.slice(1), { axis: 3 }))], { axis: -1 })
}
