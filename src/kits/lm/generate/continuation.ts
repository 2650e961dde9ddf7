import type { TextStream, Tokenizer } from '../tokenizers/tokenizer.ts'
import type { Alternative, Finish, GeneratedToken, GenerationEvent, GenerationOptions } from './generation.ts'
import { choose, largestOf } from './sample.ts'
import { StoppingText } from './stops.ts'

/** What a model says of the next token of one row. */
export interface RowScores {
  /** [V] */
  readonly logits: Float32Array
  readonly best: number
  readonly normalizer: number
}

/** What of a model decides how a text goes on. */
export interface Ending {
  readonly tokenizer: Tokenizer
  /** Ids at which to end. */
  readonly end: ReadonlySet<number>
  readonly maxNewTokens: number
  /** The place in the batch, which decides the draws. */
  readonly row: number
}

/** One text on its way: from scores to tokens, from tokens to text, until it ends. */
export class Continuation {
  readonly #options: GenerationOptions
  readonly #ending: Ending
  readonly #decoder: TextStream
  readonly #text: StoppingText
  readonly #seen: Set<number>
  #step = 0
  #next = -1
  #finish?: Finish

  constructor(prompt: readonly number[], options: GenerationOptions, ending: Ending) {
    this.#options = options
    this.#ending = ending
    this.#decoder = ending.tokenizer.stream({ skipSpecial: true })
    this.#text = new StoppingText(options.stop ?? [])
    this.#seen = new Set(prompt)
  }

  /** Why it ended, once it has. */
  get finish(): Finish | undefined {
    return this.#finish
  }

  /** The token to read next. */
  get next(): number {
    return this.#next
  }

  /** Takes one more token; what there is to tell of it. */
  advance(scores: RowScores): GenerationEvent[] {
    const { row, end, maxNewTokens } = this.#ending
    const id = choose(scores.logits, scores.best, this.#seen, this.#options, { row, step: this.#step++ })
    this.#next = id
    this.#seen.add(id)
    if (end.has(id)) return [this.#end('stop')]
    const event: GenerationEvent = {
      kind: 'token',
      token: this.#token(id, scores),
      text: this.#text.push(this.#knows(id) ? this.#decoder.push(id) : ''),
    }
    if (this.#text.stopped) return [event, this.#end('stop')]
    return this.#step === maxNewTokens ? [event, this.#end('length')] : [event]
  }

  /** Some models have room for more tokens than their tokenizer has; such a token has no text. */
  #knows(id: number): boolean {
    return id < this.#ending.tokenizer.size
  }

  #end(finish: Finish): GenerationEvent {
    // Half a character may complete a stop text no more, but what it becomes follows what was held back.
    const text = this.#text.stopped ? '' : this.#text.push(this.#decoder.end()) + this.#text.end()
    this.#finish = this.#text.stopped ? 'stop' : finish
    return { kind: 'end', finish: this.#finish, text }
  }

  #token(id: number, { logits, normalizer }: RowScores): GeneratedToken {
    const { alternatives = 0 } = this.#options
    const told = (one: number): Alternative => ({
      id: one,
      text: this.#knows(one) ? this.#ending.tokenizer.decode([one]) : '',
      logprob: logits[one] - normalizer,
    })
    return { ...told(id), ...(alternatives > 0 && { alternatives: largestOf(logits, alternatives).map(told) }) }
  }
}
