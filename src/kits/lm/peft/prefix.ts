import { add, matmul, random, reshape, select, type Tensor, tanh } from '../../../engine/index.ts'
import type { AttentionParams } from '../params.ts'
import type { AdapterBase } from './adapter.ts'
import type { PrefixConfig } from './config.ts'
import { type Affine, affine, initAffine } from './prompt.ts'

/** Keys and values of virtual tokens, or what makes them while they are trained. */
export type PrefixParams =
  /** [n, 2 L, G, headWidth]: layer l's keys at 2 l, its values at 2 l + 1; G heads, as many as the model has of keys, and not H. */
  | { readonly pairs: Tensor }
  | {
      /** [n, width] */
      readonly embeddings: Tensor
      readonly inner: Affine
      /** [projection, 2 L · G · headWidth] */
      readonly outer: Tensor
      /** [2 L, G, headWidth] */
      readonly bias: Tensor
    }

/** The pairs [n, 2 L, G, headWidth]. */
export function prefixOf(params: PrefixParams): Tensor {
  if ('pairs' in params) return params.pairs
  const { embeddings, inner, outer, bias } = params
  return add(reshape(matmul(tanh(affine(inner, embeddings)), outer), [embeddings.shape[0], ...bias.shape]), bias)
}

/** What layer l's attention sees before the first token. */
export const layerPrefix = (pairs: Tensor, layer: number): NonNullable<AttentionParams['prefix']> => ({
  keys: select(pairs, 2 * layer, { axis: 1 }),
  values: select(pairs, 2 * layer + 1, { axis: 1 }),
})

export function initPrefix({ tokens = 10, projection }: PrefixConfig, { config }: AdapterBase, key: Tensor): PrefixParams {
  const { layers, kvHeads, headWidth, width } = config
  const shape = [tokens, 2 * layers, kvHeads, headWidth] as const
  if (projection === undefined) return { pairs: random.normal(key, shape) }
  const [own, inner, outer] = random.split(key, 3)
  const { weight, bias } = initAffine(outer, projection, 2 * layers * kvHeads * headWidth)
  return {
    embeddings: random.normal(own, [tokens, width]),
    inner: initAffine(inner, width, projection),
    outer: weight,
    bias: reshape(bias, shape.slice(1)),
  }
}
