import {
  add,
  broadcastTo,
  concat,
  expandDims,
  matmul,
  mul,
  random,
  reshape,
  silu,
  softmax,
  split,
  swapLast,
  type Tensor,
  transpose,
} from '../../engine/index.ts'
import { type Affine, layerNorm, linear, type Norm } from '../../nn/index.ts'
import type { Mask, PairSpace } from './pairs.ts'
import { type TriangleParams, triangleUpdate } from './triangle.ts'

export interface LayerConfig {
  /** Extents of a node and of a pair. */
  readonly width: number
  readonly edgeWidth: number
  readonly heads: number
  /** Whether pairs also see the triangles they are in. */
  readonly triangle: boolean
  /** Cuts the paths from pairs to nodes and from nodes to pairs: two models that do not know of each other, with as many parameters. */
  readonly cut: boolean
}

export interface LayerParams {
  normNodes: Norm
  normEdges: Norm
  qkv: Affine
  /** Logits of attention from a pair. */
  bias: Affine
  /** What a pair adds to the message along it. */
  message: Affine
  mix: Affine
  normHidden: Norm
  up: Affine
  down: Affine
  normPair: Norm
  /** A node as its pairs see it. */
  ends: Affine
  pairUp: Affine
  pairDown: Affine
  triangle?: TriangleParams
}

/** Nodes h [B, N, width] and pairs e [B, P, edgeWidth]. */
export interface Hidden {
  readonly h: Tensor
  readonly e: Tensor
}

/** Attention among nodes in which pairs take part, then an update of each pair from its ends, its attention and its triangles. */
export interface Layer {
  init(key: Tensor): LayerParams
  apply(params: LayerParams, hidden: Hidden, mask: Mask): Hidden
}

export function nodeEdgeLayer(config: LayerConfig, space: PairSpace): Layer {
  const { width, edgeWidth, heads, cut } = config
  const { nodes: n, directed } = space
  const perHead = width / heads
  const [nodeNorm, pairNorm] = [layerNorm(width), layerNorm(edgeWidth)]
  const qkv = linear(width, 3 * width)
  const bias = linear(edgeWidth, heads)
  const message = linear(edgeWidth, width)
  const mix = linear(width, width)
  const up = linear(width, width)
  const down = linear(width, width)
  const ends = linear(width, edgeWidth)
  const pairUp = linear((directed ? 4 : 3) * edgeWidth + heads, edgeWidth)
  const pairDown = linear(edgeWidth, edgeWidth)
  const triangle = config.triangle ? triangleUpdate(edgeWidth, space) : undefined

  /** Σ_j a_ij W e_ij, summed over j before W is applied, head by head, since a pair has fewer channels than a node. */
  const messagesAlong = (params: Affine, weights: Tensor, matrix: Tensor): Tensor => {
    const summed = matmul(transpose(weights, [0, 2, 1, 3]), matrix)
    const byHead = matmul(transpose(summed, [0, 2, 1, 3]), swapLast(reshape(params.weight, [heads, perHead, edgeWidth])))
    return add(joinHeads(byHead), params.bias)
  }

  const joinHeads = (x: Tensor): Tensor => reshape(transpose(x, [0, 2, 1, 3]), [x.shape[0], n, width])

  /** The messages to each node [B, N, width], and the logits of attention as pairs see them [B, P, heads]. */
  const attend = (params: LayerParams, x: Tensor, pairs: Tensor, before: Tensor, mask: Mask) => {
    const [batch] = x.shape
    const toHeads = (y: Tensor) => transpose(reshape(y, [batch, n, heads, perHead]), [0, 2, 1, 3])
    const [q, k, v] = split(qkv.apply(params.qkv, x), 3)
    const own = matmul(mul(toHeads(q), 1 / Math.sqrt(perHead)), swapLast(toHeads(k)))
    const fromPairs = bias.apply(params.bias, pairs)
    const logits = cut ? own : add(own, transpose(space.toMatrix(fromPairs), [0, 3, 1, 2]))
    const weights = softmax(add(logits, mask.keys))
    // Where the paths are cut, messages carry what pairs would have seen of the other end.
    const along = cut ? broadcastTo(expandDims(before, 1), [batch, n, n, edgeWidth]) : space.toMatrix(mul(pairs, mask.pairs))
    return {
      messages: add(joinHeads(matmul(weights, toHeads(v))), messagesAlong(params.message, weights, along)),
      attention: cut ? fromPairs : space.fromMatrix(transpose(logits, [0, 2, 3, 1])),
    }
  }

  const seenByPairs = (pairs: Tensor, nodes: Tensor, attention: Tensor): Tensor => {
    const [from, to] = space.ends(nodes)
    return concat(directed ? [pairs, space.reversed(pairs), from, to, attention] : [pairs, add(from, to), mul(from, to), attention], {
      axis: -1,
    })
  }

  return {
    init(key) {
      const keys = random.split(key, 10)
      return {
        normNodes: nodeNorm.init(key),
        normEdges: pairNorm.init(key),
        qkv: qkv.init(keys[0]),
        bias: bias.init(keys[1]),
        message: message.init(keys[2]),
        mix: mix.init(keys[3]),
        normHidden: nodeNorm.init(key),
        up: up.init(keys[4]),
        down: down.init(keys[5]),
        normPair: nodeNorm.init(key),
        ends: ends.init(keys[6]),
        pairUp: pairUp.init(keys[7]),
        pairDown: pairDown.init(keys[8]),
        ...(triangle && { triangle: triangle.init(keys[9]) }),
      }
    },
    apply(params, { h, e }, mask) {
      const pairs = pairNorm.apply(params.normEdges, e)
      const asEnds = (x: Tensor) => ends.apply(params.ends, nodeNorm.apply(params.normPair, x))
      const { messages, attention } = attend(params, nodeNorm.apply(params.normNodes, h), pairs, asEnds(h), mask)
      const attended = add(h, mix.apply(params.mix, messages))
      const fed = add(attended, down.apply(params.down, silu(up.apply(params.up, nodeNorm.apply(params.normHidden, attended)))))
      // Where the paths are cut, the means of the pairs around a node stand in the place of the node.
      const nodes = cut ? space.means(pairs, mask) : asEnds(fed)
      const updated = add(e, pairDown.apply(params.pairDown, silu(pairUp.apply(params.pairUp, seenByPairs(pairs, nodes, attention)))))
      const closed = triangle ? add(updated, triangle.apply(params.triangle!, pairs, mask)) : updated
      return { h: mul(fed, mask.nodes), e: mul(closed, mask.pairs) }
    },
  }
}
