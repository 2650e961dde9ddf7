import { add, key, mapTree, mul, random, type Tensor } from '../../../engine/index.ts'
import { type DecoderConfig, llamaConfig } from '../config.ts'
import { initDecoder } from '../init.ts'
import type { DecoderParams } from '../params.ts'

const biases = { qkv: true, output: true, network: true, head: false, norm: true }

/** The four dialects in the size of a llama, and what is particular to some files. */
export function familiesOf(llama: DecoderConfig) {
  const gpt2: DecoderConfig = {
    ...llama,
    dialect: 'gpt2',
    modelType: 'gpt2',
    kvHeads: llama.heads,
    norm: 'layer',
    activation: 'geluTanh',
    positions: { kind: 'learned' },
    fusedQkv: true,
    biases,
  }
  return {
    llama,
    'llama with a window': { ...llama, window: 5 },
    gpt2,
    bigcode: { ...gpt2, dialect: 'gpt_bigcode', modelType: 'gpt_bigcode', kvHeads: 1, activation: 'gelu' },
    codegen: {
      ...gpt2,
      dialect: 'codegen',
      modelType: 'codegen',
      positions: { kind: 'rope', theta: 10_000, pairs: 'interleaved', width: 4 },
      parallel: true,
      biases: { ...biases, qkv: false, output: false, head: true },
      tied: false,
    },
  } satisfies Record<string, DecoderConfig>
}

export const families = familiesOf(llamaConfig({ width: 32, layers: 2, heads: 4, kvHeads: 2, hidden: 48, vocabulary: 40, context: 64 }))

/** Fresh parameters, each moved a little, so that norms and biases do something too. */
export function stirred(config: DecoderConfig): DecoderParams {
  let seed = 100
  return mapTree(initDecoder(config, key(3)), (x: Tensor) => add(x, mul(random.normal(key(seed++), x.shape), 0.1)))
}
