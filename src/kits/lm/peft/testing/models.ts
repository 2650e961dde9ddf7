import { add, key, mapTree, mul, random, type Tensor, tensor } from '../../../../engine/index.ts'
import type { DecoderConfig } from '../../config.ts'
import { initDecoder } from '../../init.ts'
import type { DecoderParams } from '../../params.ts'
import { families as plain } from '../../testing/families.ts'

/** The four dialects, on bytes. */
const onBytes = (config: DecoderConfig): DecoderConfig => ({ ...config, vocabulary: 260, context: 128 })

/** Two key and value heads for four of queries, so that a prefix with H heads would not fit. */
export const llama = onBytes(plain.llama)
export const families: Readonly<Record<string, DecoderConfig>> = {
  llama,
  gpt2: onBytes(plain.gpt2),
  bigcode: onBytes(plain.bigcode),
  codegen: onBytes(plain.codegen),
}

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
