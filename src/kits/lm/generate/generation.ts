/** How to go on with a text. */
export interface GenerationOptions {
  /** Default: 64, and never more than the context holds. */
  readonly maxNewTokens?: number
  /** 0 (default) takes the most probable token each time; 1 draws from the model's own distribution. */
  readonly temperature?: number
  /** Draw among the k most probable only. */
  readonly topK?: number
  /** Draw among the fewest tokens that together have this probability; at least one. */
  readonly topP?: number
  /** Above 1: tokens that stand in prompt or text become less probable (Keskar et al. 2019). */
  readonly repetitionPenalty?: number
  /** With the place in the batch and the step it decides each draw (default: 0), so batching does not change them. */
  readonly seed?: number
  /** Texts at which to end; they are left out of the result. */
  readonly stop?: readonly string[]
  /** Ids at which to end, besides the model's own. */
  readonly end?: readonly number[]
  /** Rotary positions only: also go on beyond the context that the model was trained for, where few models make sense (default: false). */
  readonly beyondContext?: boolean
  /** How many of the most probable alternatives to tell of each token (default: none). */
  readonly alternatives?: number
}

export interface Alternative {
  readonly id: number
  readonly text: string
  /** Natural logarithm, of the model's own distribution (before temperature and cuts). */
  readonly logprob: number
}

export interface GeneratedToken extends Alternative {
  readonly alternatives?: readonly Alternative[]
}

export type Finish = 'stop' | 'length'

/** What a stream yields: a token, with the text that it completes (text held back for a possible stop text or a character comes later), or the end. */
export type GenerationEvent =
  | { readonly kind: 'token'; readonly token: GeneratedToken; readonly text: string }
  | { readonly kind: 'end'; readonly finish: Finish; readonly text: string }

export interface Generation {
  readonly tokens: readonly GeneratedToken[]
  readonly text: string
  readonly finish: Finish
}

/** A model that answers many requests at once: those that wait join the batch as places become free. */
export interface GenerationService {
  /** Goes on with a prompt. Ends early, and frees its place, when the signal is aborted or the consumer leaves the loop. @throws InputError for a prompt that the context does not hold. */
  stream(prompt: readonly number[], options?: GenerationOptions, signal?: AbortSignal): AsyncIterable<GenerationEvent>
  /** Requests that run, and that wait. */
  readonly load: { readonly running: number; readonly waiting: number }
  close(): Promise<void>
}
