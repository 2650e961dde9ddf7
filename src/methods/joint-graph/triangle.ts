import { div, expandDims, matmul, mul, random, type Tensor, transpose } from '../../engine/index.ts'
import { type Affine, layerNorm, linear, type Norm } from '../../nn/index.ts'
import type { Mask, PairSpace } from './pairs.ts'

export interface TriangleParams {
  first: Affine
  second: Affine
  norm: Norm
  out: Affine
}

/**
 * The multiplicative triangle update (Jumper et al. 2021, here without gates): W LN((1/n) Σₖ a(eᵢₖ) ∘ b(eₖⱼ)). Sums and products of what nodes know cannot
 * carry the product of three signs; this can.
 */
export function triangleUpdate(edgeWidth: number, space: PairSpace) {
  const half = Math.max(1, Math.floor(edgeWidth / 2))
  const [first, second] = [linear(edgeWidth, half), linear(edgeWidth, half)]
  const norm = layerNorm(half)
  const out = linear(half, edgeWidth)
  return {
    init(key: Tensor): TriangleParams {
      const [a, b, c] = random.split(key, 3)
      return { first: first.init(a), second: second.init(b), norm: norm.init(key), out: out.init(c) }
    },
    /** Normalised pairs [B, P, edgeWidth] → what is added to them. */
    apply(params: TriangleParams, pairs: Tensor, { pairs: present, count }: Mask): Tensor {
      const channelsFirst = (x: Tensor) => transpose(space.toMatrix(mul(x, present)), [0, 3, 1, 2])
      const product = matmul(channelsFirst(first.apply(params.first, pairs)), channelsFirst(second.apply(params.second, pairs)))
      const sums = space.fromMatrix(transpose(div(product, expandDims(count, 3)), [0, 2, 3, 1]))
      return out.apply(params.out, norm.apply(params.norm, sums))
    },
  }
}
