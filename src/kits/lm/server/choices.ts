import { randomInt } from 'node:crypto'
import type { Finish, GeneratedToken, GenerationEvent, GenerationOptions } from '../generate/generation.ts'
import type { ChatRequest, CompletionRequest } from './fields.ts'
import { type Merged, merged } from './merge.ts'
import type { ServedModel } from './served-model.ts'

/** One text to generate: `choices[i]` of the response. */
export interface Task {
  readonly prompt: readonly number[]
  readonly options: GenerationOptions
}

/** A token and where in the generated text it stands: at the beginning of the character that it begins or goes on with. */
export interface PlacedToken extends GeneratedToken {
  readonly offset: number
}

/** A piece of a choice. */
export interface Piece {
  readonly text: string
  /** Those whose text is told with this piece or was before; what belongs to a stop text is left out. */
  readonly tokens: readonly PlacedToken[]
  /** How many tokens were generated for it. */
  readonly generated: number
  /** Of the last piece. */
  readonly finish?: Finish
}

/** The model's own distribution, whatever the service's defaults are: that is what clients of OpenAI expect. */
export function generationOptions(
  fields: ChatRequest | CompletionRequest,
  { chat, tokenizer }: ServedModel,
  own: { readonly maxNewTokens: number; readonly alternatives?: number; readonly isChat?: boolean },
): GenerationOptions {
  const stops = [...fields.stop, ...(own.isChat ? (chat?.stops ?? []) : [])]
  // A stop text that is a token of its own never shows in the text.
  const special = stops.flatMap((stop) => tokenizer.special.get(stop) ?? [])
  return {
    maxNewTokens: own.maxNewTokens,
    temperature: fields.temperature,
    // OpenAI takes 0 for the most probable token alone.
    topP: Math.max(fields.top_p, 1e-9),
    ...(fields.top_k !== undefined && fields.top_k > 0 && { topK: fields.top_k }),
    ...(fields.repetition_penalty !== undefined && { repetitionPenalty: fields.repetition_penalty }),
    ...(own.alternatives !== undefined && { alternatives: own.alternatives }),
    seed: fields.seed ?? randomInt(2 ** 32),
    stop: stops.filter((stop) => !tokenizer.special.has(stop)),
    end: [...fields.stop_token_ids, ...special],
  }
}

/** So many texts for each prompt, prompt after prompt; each draws with a seed of its own. */
export const tasksOf = (prompts: readonly (readonly number[])[], each: number, options: GenerationOptions): Task[] =>
  prompts.flatMap((prompt, p) =>
    Array.from({ length: each }, (_, i) => ({ prompt, options: { ...options, seed: choiceSeed(options.seed ?? 0, p * each + i) } })),
  )

/** The seed of a choice, below 2³². The first choice has the request's own, so that it does not depend on how many there are. */
export function choiceSeed(seed: number, choice: number): number {
  const low = (seed >>> 0) ^ Math.imul(Math.floor(seed / 2 ** 32), 0x9e3779b1)
  if (choice === 0) return low >>> 0
  let mixed = low ^ Math.imul(choice, 0x9e3779b1)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** The pieces of all choices, as they come. */
export const generate = ({ service, tokenizer }: ServedModel, tasks: readonly Task[], signal: AbortSignal): AsyncGenerator<Merged<Piece>> =>
  merged(
    tasks.map(({ prompt, options }) =>
      options.maxNewTokens === 0 ? nothing() : pieces(service.stream(prompt, options, signal), tokenizer, signal),
    ),
    signal,
  )

async function* nothing(): AsyncGenerator<Piece> {
  yield { text: '', tokens: [], generated: 0, finish: 'length' }
}

async function* pieces(
  events: AsyncIterable<GenerationEvent>,
  tokenizer: ServedModel['tokenizer'],
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  const decoder = tokenizer.stream({ skipSpecial: true })
  let held: PlacedToken[] = []
  let [decoded, told] = [0, 0]
  for await (const event of events) {
    told += event.text.length
    if (event.kind === 'token') {
      held.push({ ...event.token, offset: decoded })
      decoded += decoder.push(event.token.id).length
    }
    const finish = event.kind === 'end' ? event.finish : undefined
    const isTold = ({ offset }: PlacedToken) => offset < told || finish === 'length'
    const tokens = held.filter(isTold)
    held = held.filter((token) => !isTold(token))
    yield { text: event.text, tokens, generated: event.kind === 'token' ? 1 : 0, finish }
    if (finish) return
  }
  signal.throwIfAborted()
  throw new Error('the generation service ended a stream without its end')
}

/** A whole choice. */
export interface Choice {
  text: string
  tokens: PlacedToken[]
  generated: number
  finish: Finish
}

/** Waits for all choices. */
export async function whole(pieces: AsyncIterable<Merged<Piece>>, count: number): Promise<Choice[]> {
  const choices = Array.from({ length: count }, (): Choice => ({ text: '', tokens: [], generated: 0, finish: 'length' }))
  for await (const { index, value } of pieces) {
    const choice = choices[index]
    choice.text += value.text
    choice.tokens.push(...value.tokens)
    choice.generated += value.generated
    choice.finish = value.finish ?? choice.finish
  }
  return choices
}
