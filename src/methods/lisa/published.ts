import { type DecoderConfig, llamaConfig } from '../../kits/lm/index.ts'

/** Shapes of models that the paper tunes: for plans, which need no weights. */
export const published = {
  'llama2-7b': llamaConfig({ vocabulary: 32_000, width: 4096, layers: 32, heads: 32, hidden: 11_008, context: 4096, tied: false }),
  'llama2-70b': llamaConfig({
    vocabulary: 32_000,
    width: 8192,
    layers: 80,
    heads: 64,
    kvHeads: 8,
    hidden: 28_672,
    context: 4096,
    tied: false,
  }),
} satisfies Readonly<Record<string, DecoderConfig>>

export type Published = keyof typeof published
