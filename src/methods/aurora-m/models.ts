import { baseConfig } from '../../kits/lm/base.ts'
import { type DecoderConfig, llamaConfig, sizes } from '../../kits/lm/config.ts'
import type { Config } from './config.ts'

/** StarCoderPlus, which the paper goes on with: gpt_bigcode with one head of keys and values. */
export const starcoderConfig: DecoderConfig = {
  ...llamaConfig({ ...sizes.nano }),
  dialect: 'gpt_bigcode',
  modelType: 'gpt_bigcode',
  vocabulary: 49_152,
  width: 6144,
  layers: 40,
  heads: 48,
  kvHeads: 1,
  headWidth: 128,
  hidden: 24_576,
  context: 8192,
  norm: 'layer',
  epsilon: 1e-5,
  activation: 'geluTanh',
  positions: { kind: 'learned' },
  fusedQkv: true,
  biases: { qkv: true, output: true, network: true, head: false, norm: true },
  tied: true,
  special: { begin: 0, end: [0] },
}

export const decoderOf = ({ size }: Pick<Config, 'size'>): DecoderConfig => (size === 'starcoder' ? starcoderConfig : baseConfig({ size }))
