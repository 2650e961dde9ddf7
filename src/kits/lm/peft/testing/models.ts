import { add, key, mapTree, mul, random, type Tensor, tensor } from '../../../../engine/index.ts'
import { type DecoderConfig, llamaConfig } from '../../config.ts'
import { initDecoder } from '../../init.ts'
import type { DecoderParams } from '../../params.ts'

/** Two key and value heads for four of queries, so that a prefix with H heads would not fit. */
export const llama = llamaConfig({ width: 32, layers: 2, heads: 4, kvHeads: 2, hidden: 48, vocabulary: 260, context: 128 })
const biases = { qkv: true, output: true, network: true, head: false, norm: true }
export const gpt2: DecoderConfig = {
  ...llama,
  dialect: 'gpt2',
  modelType: 'gpt2',
  kvHeads: 4,
  norm: 'layer',
  activation: 'geluTanh',
  positions: { kind: 'learned' },
  fusedQkv: true,
  biases,
}
export const bigcode: DecoderConfig = { ...gpt2, dialect: 'gpt_bigcode', modelType: 'gpt_bigcode', kvHeads: 1, activation: 'gelu' }
export const codegen: DecoderConfig = {
  ...gpt2,
  dialect: 'codegen',
  modelType: 'codegen',
  positions: { kind: 'rope', theta: 10_000, pairs: 'interleaved', width: 4 },
  parallel: true,
  biases: { ...biases, qkv: false, output: false, head: true },
  tied: false,
}
export const families: Readonly<Record<string, DecoderConfig>> = { llama, gpt2, bigcode, codegen }

/** Every tensor of a tree moved at random, each otherwise, so that nothing is 0 or 1 any more. */
export function stirred<T>(tree: T, seed = 100, by = 0.1): T {
  let next = seed
  return mapTree<T>(tree, (x: Tensor) => add(x, mul(random.normal(key(next++), x.shape), by)).as(x.kind))
}

export const modelOf = (config: DecoderConfig): { config: DecoderConfig; params: DecoderParams } => ({
  config,
  params: stirred(initDecoder(config, key(3))),
})

/** The same ids for the same seed. */
export function idsOf(seed: number, shape: readonly [number, number]): Tensor {
  return tensor(
    Int32Array.from({ length: shape[0] * shape[1] }, (_, i) => (7919 * (i + 1) * (seed + 11)) % 251),
    { shape, dtype: 'int32' },
  )
}

/** The largest difference of two tensors. */
export async function largest(a: Tensor, b: Tensor): Promise<number> {
  const [x, y] = [await a.data(), await b.data()]
  return Array.from(x).reduce((worst, value, i) => Math.max(worst, Math.abs(value - y[i])), x.length === y.length ? 0 : Number.NaN)
}
