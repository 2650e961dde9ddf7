import { add, broadcastTo, concat, expandDims, matmul, mul, random, reshape, silu, softmax, split, swapLast, type Tensor, transpose } from '../../engine/index.ts'
import { type Affine, layerNorm, linear, type Norm } from '../../nn/index.ts'
import { type Mask, rowMeans, symmetrised, turned } from './pairs.ts'
import { type TriangleParams, triangleUpdate } from './triangle.ts'

export interface LayerConfig {
  /** Extents of a node and of a pair. */
  readonly width: number
  readonly edgeWidth: number
  readonly heads: number
  readonly directed: boolean
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

/** Nodes h [B, N, width] and pairs e [B, N, N, edgeWidth]. */
export interface Hidden {
  readonly h: Tensor
  readonly e: Tensor
}

/** Attention among nodes in which pairs take part, then an update of each pair from its ends, its attention and its triangles. */
export interface Layer {
  init(key: Tensor): LayerParams
  apply(params: LayerParams, hidden: Hidden, mask: Mask): Hidden
}

export function nodeEdgeLayer(config: LayerConfig): Layer {
  const { width, edgeWidth, heads, directed, cut } = config
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
  const triangle = config.triangle ? triangleUpdate(edgeWidth) : undefined

  /** Softmax over those nodes j that are there, and the logits [B, heads, N, N]. A message is v_j plus what the pair adds. */
  const attend = (params: LayerParams, x: Tensor, pairs: Tensor, endsOfNodes: Tensor, { keys, pairs: present }: Mask) => {
    const [batch, n] = x.shape
    const perHead = width / heads
    const toHeads = (y: Tensor) => transpose(reshape(y, [batch, n, heads, perHead]), [0, 2, 1, 3])
    const [q, k, v] = split(qkv.apply(params.qkv, x), 3)
    const fromPairs = transpose(bias.apply(params.bias, pairs), [0, 3, 1, 2])
    const own = matmul(mul(toHeads(q), 1 / Math.sqrt(perHead)), swapLast(toHeads(k)))
    const logits = cut ? own : add(own, fromPairs)
    const weights = softmax(add(logits, expandDims(keys, 1)))
    const values = matmul(weights, toHeads(v))
    const joined = reshape(transpose(values, [0, 2, 1, 3]), [batch, n, width])
    // Σ_j a_ij (W e_ij): summed over j before W is applied, head by head, since a pair has fewer channels than a node.
    const along = cut ? alongPairs(endsOfNodes, 'to') : mul(pairs, present)
    const summed = matmul(transpose(weights, [0, 2, 1, 3]), along)
    return { logits: cut ? fromPairs : logits, messages: add(joined, perHeadMessages(params.message, summed)) }
  }

  /** [B, N, heads, edgeWidth] → [B, N, width]: each head has its own columns of W. */
  const perHeadMessages = (params: Affine, summed: Tensor): Tensor => {
    const [batch, n] = summed.shape
    const perHead = width / heads
    const weight = reshape(params.weight, [heads, perHead, edgeWidth])
    const byHead = matmul(transpose(summed, [0, 2, 1, 3]), swapLast(weight))
    return add(reshape(transpose(byHead, [0, 2, 1, 3]), [batch, n, width]), params.bias)
  }

  const pairInputs = (pairs: Tensor, seen: Tensor, logits: Tensor): Tensor => {
    const [from, to] = [alongPairs(seen, 'from'), alongPairs(seen, 'to')]
    const attention = transpose(logits, [0, 2, 3, 1])
    return concat(
      directed ? [pairs, turned(pairs), from, to, attention] : [pairs, add(from, to), mul(from, to), attention],
      { axis: -1 },
    )
  }

  return {
    init(key) {
      const keys = random.split(key, 9)
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
        ...(triangle && { triangle: triangle.init(random.split(keys[8])[1]) }),
      }
    },
    apply(params, { h, e }, mask) {
      const pairs = pairNorm.apply(params.normEdges, e)
      // Where the paths are cut, messages carry what pairs would have seen of nodes.
      const before = ends.apply(params.ends, nodeNorm.apply(params.normPair, h))
      const { logits, messages } = attend(params, nodeNorm.apply(params.normNodes, h), pairs, before, mask)
      const attended = add(h, mix.apply(params.mix, messages))
      const fed = add(attended, down.apply(params.down, silu(up.apply(params.up, nodeNorm.apply(params.normHidden, attended)))))
      // … and pairs see the means of the pairs around a node in the place of the node.
      const seen = cut ? rowMeans(pairs, mask) : ends.apply(params.ends, nodeNorm.apply(params.normPair, fed))
      const updated = add(e, pairDown.apply(params.pairDown, silu(pairUp.apply(params.pairUp, pairInputs(pairs, seen, logits)))))
      const closed = triangle ? add(updated, triangle.apply(params.triangle!, pairs, mask)) : updated
      return { h: mul(fed, mask.nodes), e: mul(directed ? closed : symmetrised(closed), mask.pairs) }
    },
  }
}

/** [B, N, C] → [B, N, N, C]: what a pair has of its first end (`from`), or of its second (`to`). */
const alongPairs = (x: Tensor, end: 'from' | 'to'): Tensor => {
  const [batch, n, channels] = x.shape
  return broadcastTo(expandDims(x, end === 'from' ? 2 : 1), [batch, n, n, channels])
}
