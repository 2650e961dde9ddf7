import type { GeneratedToken, GenerationService } from '../generate/generation.ts'
import type { ChatFormat } from '../tokenizers/chat.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'

/** What a server needs of a model. */
export interface ServedModel {
  /** As requests name it. */
  readonly name: string
  readonly service: GenerationService
  readonly tokenizer: Tokenizer
  /** The most tokens that prompt and answer have together. */
  readonly context: number
  /** Without one, chat requests are refused. */
  readonly chat?: ChatFormat
  /**
   * The tokens of a prompt with their log probabilities; the first has nothing before it, and none. Without it, `echo` together with `logprobs` is refused.
   */
  score?(
    prompt: readonly number[],
    options: { readonly alternatives: number; readonly signal: AbortSignal },
  ): Promise<readonly ScoredToken[]>
}

export type ScoredToken = Omit<GeneratedToken, 'logprob'> & { readonly logprob?: number }
