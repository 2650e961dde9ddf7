import type { DecoderConfig } from './config.ts'
import type { DecoderParams } from './params.ts'
import type { Tokenizer } from './tokenizers/tokenizer.ts'

/** A language model as plain data: read it with `loadModel`, or make one with `createModel`. */
export interface LanguageModel {
  readonly config: DecoderConfig
  readonly params: DecoderParams
  readonly tokenizer: Tokenizer
}
