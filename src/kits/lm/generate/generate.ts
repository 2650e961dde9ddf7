import { InputError } from '../../../engine/index.ts'
import type { LanguageModel } from '../model.ts'
import { Batch } from './batch.ts'
import type { GeneratedToken, Generation, GenerationEvent, GenerationOptions } from './generation.ts'

/** A text, which is encoded with what the tokenizer puts before one, or its tokens as they are. */
export type Prompt = string | readonly number[]

export const tokensOf = ({ tokenizer }: LanguageModel, prompt: Prompt): readonly number[] =>
  typeof prompt === 'string' ? tokenizer.encode(prompt, { special: true }) : prompt

/** Texts that go on together. */
const places = 16

/**
 * Goes on with texts, many at a time. The i-th draws its tokens with (seed, i, step), so the batch changes nothing in it.
 *
 * @throws InputError for options that mean nothing, and for a prompt that the context does not hold.
 * @example
 * const config = llamaConfig({ ...sizes.nano })
 * const model = { config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }
 * const [{ text, tokens }] = await generate(model, ['Once upon a time'], { maxNewTokens: 8, temperature: 0.8 })
 * tokens.length // 8
 */
export async function generate(model: LanguageModel, prompts: readonly Prompt[], options: GenerationOptions = {}): Promise<Generation[]> {
  const batch = new Batch(model, Math.min(prompts.length, places))
  const streams = prompts.map((prompt, row) => batch.submit({ prompt: tokensOf(model, prompt), options, row }))
  return Promise.all(streams.map(collect))
}

/**
 * Goes on with one text, and tells each token as it comes. Leaving the loop ends it.
 *
 * @throws InputError as `generate`.
 * @example
 * const config = llamaConfig({ ...sizes.nano })
 * const model = { config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }
 * const events = stream(model, 'Once', { maxNewTokens: 8 })
 * const { tokens } = await collect(events)
 * tokens.length // 8
 */
export function stream(
  model: LanguageModel,
  prompt: Prompt,
  options: GenerationOptions = {},
  signal?: AbortSignal,
): AsyncIterable<GenerationEvent> {
  return new Batch(model, 1).submit({ prompt: tokensOf(model, prompt), options, row: 0, signal })
}

/**
 * All events of a stream together.
 *
 * @throws InputError where it ended early.
 * @example
 * const config = llamaConfig({ ...sizes.nano })
 * const model = { config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }
 * const { finish } = await collect(stream(model, 'Once', { maxNewTokens: 4 }))
 * finish // 'length'
 */
export async function collect(events: AsyncIterable<GenerationEvent>): Promise<Generation> {
  const tokens: GeneratedToken[] = []
  let text = ''
  for await (const event of events) {
    text += event.text
    if (event.kind === 'token') tokens.push(event.token)
    else return { tokens, text, finish: event.finish }
  }
  throw new InputError('the generation was ended before the text was complete')
}
