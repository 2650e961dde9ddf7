import { add, cast, div, expandDims, eye, iota, less, maximum, mul, reshape, sub, sum, type Tensor, transpose } from '../../engine/index.ts'

/** [B, N, N, C] with both ends of each pair exchanged. */
export const turned = (e: Tensor): Tensor => transpose(e, [0, 2, 1, 3])

/** The mean of a pair's two directions. */
export const symmetrised = (e: Tensor): Tensor => mul(add(e, turned(e)), 0.5)

/** Which nodes and pairs are there. */
export interface Mask {
  /** float32 [B, N, 1] */
  readonly nodes: Tensor
  /** float32 [B, N, N, 1]; 0 on the diagonal. */
  readonly pairs: Tensor
  /** float32 [B, 1, N]: 0 for nodes that are there, a large negative number otherwise; added to logits. */
  readonly keys: Tensor
  /** float32 [B, 1, 1, 1]: the number of nodes. */
  readonly count: Tensor
}

/** int32 [B]: the first so many of N nodes. */
export function maskOf(sizes: Tensor, n: number): Mask {
  const present = cast(less(expandDims(iota(n), 0), expandDims(sizes, 1)), 'float32')
  const [batch] = sizes.shape
  const both = mul(expandDims(present, 1), expandDims(present, 2))
  return {
    nodes: expandDims(present, 2),
    pairs: expandDims(mul(both, sub(1, eye(n))), 3),
    keys: expandDims(mul(sub(present, 1), 1e9), 1),
    count: reshape(maximum(sum(present, { axes: 1 }), 1), [batch, 1, 1, 1]),
  }
}

/** The mean of a node's pairs: [B, N, N, C] → [B, N, C]. */
export const rowMeans = (e: Tensor, { pairs, count }: Mask): Tensor => {
  const [batch] = count.shape
  return div(sum(mul(e, pairs), { axes: 2 }), reshape(count, [batch, 1, 1]))
}
