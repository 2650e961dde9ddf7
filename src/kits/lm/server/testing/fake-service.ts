import { InputError } from '../../../../engine/index.ts'
import type { Alternative, GeneratedToken, GenerationEvent, GenerationOptions, GenerationService } from '../../generate/generation.ts'
import { StoppingText } from '../../generate/stops.ts'
import { byteTokenizer } from '../../tokenizers/bytes.ts'
import type { ServedModel } from '../served-model.ts'

/** The next token's distribution, from the tokens before it and the count of those generated: token id → probability. */
export type Model = (before: readonly number[], step: number) => ReadonlyMap<number, number>

/** Goes on with a text, over and over, whatever the prompt. */
export function scripted(text: string): Model {
  const bytes = byteTokenizer.encode(text)
  return (_, step) => new Map([[bytes[step % bytes.length], 1]])
}

/** A Markov chain over characters: `{ a: { b: 0.75, c: 0.25 } }`. A character without a row ends the text. */
export function chain(rows: Readonly<Record<string, Readonly<Record<string, number>>>>): Model {
  return (before) => {
    const row = rows[String.fromCharCode(before.at(-1)!)] ?? {}
    const next = Object.entries(row).map(([character, p]): [number, number] => [character.charCodeAt(0), p])
    return new Map(next.length > 0 ? next : [[byteTokenizer.end!, 1]])
  }
}

export interface FakeOptions {
  readonly model: Model
  /** Requests that run at a time (default: 4). */
  readonly places?: number
  readonly context?: number
  /** How often each token's text is told (default: once). */
  readonly repeat?: number
  /** What a token waits for (default: the next turn of the event loop). */
  readonly pause?: () => Promise<void>
}

/** What a test may ask of the fake. */
export interface FakeService extends GenerationService {
  readonly seen: { readonly prompt: readonly number[]; readonly options: GenerationOptions }[]
  /** Tokens made, and requests that were ended before their end. */
  readonly counts: { tokens: number; aborted: number; most: number }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A generation service without a network: as the contract says, one token after the other, first come first served. */
export function fakeService({ model, places = 4, context = 4096, repeat = 1, pause = turn }: FakeOptions): FakeService {
  const queue: (() => void)[] = []
  const load = { running: 0, waiting: 0 }
  const counts = { tokens: 0, aborted: 0, most: 0 }
  const seen: FakeService['seen'] = []

  async function* stream(
    prompt: readonly number[],
    options: GenerationOptions = {},
    signal?: AbortSignal,
  ): AsyncGenerator<GenerationEvent> {
    if (prompt.length >= context) throw new InputError(`the context holds ${context} tokens, and the prompt has ${prompt.length}`)
    seen.push({ prompt, options })
    if (load.running >= places) {
      load.waiting++
      await new Promise<void>((resolve) => {
        queue.push(resolve)
        signal?.addEventListener('abort', () => resolve(), { once: true })
      })
      load.waiting--
    }
    load.running++
    counts.most = Math.max(counts.most, load.running)
    let isDone = false
    try {
      for await (const event of events(prompt, options, model, repeat)) {
        await pause()
        if (signal?.aborted) return
        if (event.kind === 'token') counts.tokens++
        isDone = event.kind === 'end'
        yield event
      }
    } finally {
      load.running--
      if (!isDone) counts.aborted++
      queue.shift()?.()
    }
  }
  return { stream, load, counts, seen, close: async () => {} }
}

/** A token at a time, with text held back while it may begin a stop text. */
async function* events(
  prompt: readonly number[],
  options: GenerationOptions,
  model: Model,
  repeat: number,
): AsyncGenerator<GenerationEvent> {
  const { maxNewTokens = 64, stop = [], end = [] } = options
  const decoder = byteTokenizer.stream({ skipSpecial: true })
  const ids = [...prompt]
  const certain = new StoppingText(stop)
  for (let step = 0; step < maxNewTokens; step++) {
    const token = draw(model(ids, step), options, step)
    if (token.id === byteTokenizer.end || end.includes(token.id)) {
      yield { kind: 'end', finish: 'stop', text: certain.end() }
      return
    }
    ids.push(token.id)
    const text = certain.push(decoder.push(token.id).repeat(repeat))
    yield { kind: 'token', token, text: certain.stopped ? '' : text }
    if (certain.stopped) {
      yield { kind: 'end', finish: 'stop', text }
      return
    }
  }
  yield { kind: 'end', finish: 'length', text: certain.end() + decoder.end() }
}

function draw(
  distribution: ReadonlyMap<number, number>,
  { temperature = 0, topK = Infinity, seed = 0, alternatives }: GenerationOptions,
  step: number,
): GeneratedToken {
  const ranked = [...distribution].sort(([, a], [, b]) => b - a)
  const describe = ([id, p]: [number, number]): Alternative => ({ id, text: byteTokenizer.decode([id]), logprob: Math.log(p) })
  const kept = ranked.slice(0, temperature === 0 ? 1 : topK)
  let left = uniform(seed, step) * kept.reduce((sum, [, p]) => sum + p, 0)
  const chosen = kept.find(([, p]) => (left -= p) < 0) ?? kept.at(-1)!
  return { ...describe(chosen), ...(alternatives !== undefined && { alternatives: ranked.slice(0, alternatives).map(describe) }) }
}

/** A number from [0, 1) that is a function of seed and step. */
function uniform(seed: number, step: number): number {
  let x = (Math.imul(seed ^ 0x2545f491, 0x9e3779b1) + Math.imul(step + 1, 0x85ebca6b)) >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32
}

export interface FakeModel extends ServedModel {
  readonly service: FakeService
}

/** A model to serve, named `fake`. */
export const fakeModel = (options: FakeOptions, rest: Partial<ServedModel> = {}): FakeModel => ({
  name: 'fake',
  tokenizer: byteTokenizer,
  context: options.context ?? 4096,
  chat: {
    name: 'plain',
    render: (messages) => `${messages.map(({ role, content }) => `${role}: ${content}\n`).join('')}assistant: `,
    stops: ['\nuser:', '<|reserved|>'],
  },
  ...rest,
  service: fakeService(options),
})
