import { draws, permutation, seedKey, uses } from '../../data/draws.ts'
import { InputError, type NDArray, ndarray } from '../../engine/index.ts'
import { foldKey } from '../../engine/threefry.ts'
import { ignored } from './loss.ts'
import type { Tokenizer } from './tokenizers/tokenizer.ts'

/** What is asked and what is to be answered. */
export interface InstructionExample {
  readonly id: string | number
  readonly prompt: string
  readonly completion: string
}

/** From what is asked to the text that stands before the answer. */
export type PromptFormat = (prompt: string) => string

/**
 * Fixed formats by name.
 *
 * @example
 * promptFormats.alpaca('Add 1 to x') // '### Instruction:\nAdd 1 to x\n### Response:\n'
 */
export const promptFormats = {
  plain: (prompt: string) => prompt,
  alpaca: (prompt: string) => `### Instruction:\n${prompt}\n### Response:\n`,
} as const satisfies Record<string, PromptFormat>
export type PromptFormatName = keyof typeof promptFormats

/** An example as tokens: the prompt, the completion, and the token that ends it, which is learned like any other. */
export interface EncodedExample {
  readonly id: string | number
  readonly ids: Int32Array
  /** Where the completion begins. */
  readonly start: number
  /** UTF-8 bytes of the completion as far as it was taken, and 1 for the end. */
  readonly bytes: number
}

export interface EncodingOptions {
  readonly format?: PromptFormat
  /** Tokens of what is asked, without what the format adds to it. */
  readonly maxPrompt?: number
  /** Tokens of the answer, without its end. */
  readonly maxCompletion?: number
}

/** What became of the examples on the way. */
export interface Encoding {
  readonly examples: readonly EncodedExample[]
  /** Of how many the prompt, or the completion, was cut. */
  readonly cut: { readonly prompts: number; readonly completions: number }
  /** Those with an empty completion, which are left out. */
  readonly skipped: readonly (string | number)[]
}

/**
 * Encodes examples for training on their completions.
 *
 * @throws InputError for a tokenizer without a token that ends a text.
 * @example
 * const { examples } = encodeExamples([{ id: 1, prompt: 'one', completion: 'x = 1' }], byteTokenizer)
 * examples[0].ids.at(-1) // 258
 */
export function encodeExamples(
  examples: readonly InstructionExample[],
  tokenizer: Tokenizer,
  { format = promptFormats.alpaca, maxPrompt = 200, maxCompletion = 160 }: EncodingOptions = {},
): Encoding {
  const { end } = tokenizer
  if (end === undefined) throw new InputError('the tokenizer has no token that ends a text, so that no answer could ever end')
  const cut = { prompts: 0, completions: 0 }
  const skipped: (string | number)[] = []
  const shortened = (text: string, most: number, kind: keyof typeof cut): readonly number[] => {
    const ids = tokenizer.encode(text)
    if (ids.length <= most) return ids
    cut[kind]++
    return ids.slice(0, most)
  }
  const encoded = examples.flatMap(({ id, prompt, completion }): EncodedExample[] => {
    const answer = shortened(completion, maxCompletion, 'completions')
    if (answer.length === 0) {
      skipped.push(id)
      return []
    }
    const asked = tokenizer.decode(shortened(prompt, maxPrompt, 'prompts'))
    const before = tokenizer.encode(format(asked))
    const bytes = new TextEncoder().encode(tokenizer.decode(answer)).length + 1
    return [{ id, ids: Int32Array.from([...before, ...answer, end]), start: before.length, bytes }]
  })
  return { examples: encoded, cut, skipped }
}

/** Padded examples of one length. Tokens of the prompt and of the padding have the label −100. */
export interface SftBatch {
  /** int32 [n, t] */
  readonly ids: NDArray
  /** int32 [n, t]: the tokens that follow. */
  readonly labels: NDArray
  /** int32 [n, t] each, with padding on the left only: on the right it stands after all that is scored, which does not see it. */
  readonly segments?: NDArray
  readonly positions?: NDArray
}

export interface PaddingOptions {
  /** Rows; more than there are examples are filled up with rows that are not scored. Default: one an example. */
  readonly rows?: number
  readonly side?: 'left' | 'right'
  readonly pad?: number
}

/** Examples as one batch of `length` tokens a row. */
export function sftBatch(
  examples: readonly EncodedExample[],
  length: number,
  { rows = examples.length, side = 'right', pad = 0 }: PaddingOptions = {},
): SftBatch {
  const array = (fill: number) => new Int32Array(rows * length).fill(fill)
  const [ids, labels, segments, positions] = [array(pad), array(ignored), array(1), array(0)]
  for (const [row, { ids: own, start, id }] of examples.entries()) {
    const count = own.length - 1
    if (count > length) throw new InputError(`example ${id} has ${count} tokens to read, its batch has room for ${length}`)
    const begin = row * length + (side === 'left' ? length - count : 0)
    ids.set(own.subarray(0, count), begin)
    labels.set(own.subarray(start), begin + start - 1)
    segments.fill(0, begin, begin + count)
    for (let k = 0; k < count; k++) positions[begin + k] = k
  }
  const shaped = (data: Int32Array) => ndarray(data, [rows, length], 'int32')
  const common = { ids: shaped(ids), labels: shaped(labels) }
  return side === 'right' ? common : { ...common, segments: shaped(segments), positions: shaped(positions) }
}

/** Which examples a step reads, and how long its rows are. */
export interface SftStep {
  readonly indices: readonly number[]
  readonly length: number
}

export interface SftSchedule {
  readonly stepsPerEpoch: number
  /** A function of (seed, step) alone. */
  at(step: number): SftStep
}

export interface ScheduleOptions {
  /** Examples a step. */
  readonly size: number
  /** Lengths of rows, rising; each is compiled once. */
  readonly buckets: readonly number[]
  readonly seed: number
}

/**
 * An order of batches whose examples are of like length: each example lies in the least bucket that holds it, what is left of a bucket moves on to the next, and
 * the batches of an epoch come in random order. Each epoch reads every example; its last batch is filled up from the beginning.
 *
 * @throws InputError for an example that no bucket holds, or no examples.
 */
export function sftSchedule(examples: readonly EncodedExample[], { size, buckets, seed }: ScheduleOptions): SftSchedule {
  if (examples.length === 0) throw new InputError('there are no examples to train on')
  const bucketOf = examples.map(({ ids, id }) => bucketFor(ids.length - 1, buckets, id))
  const stepsPerEpoch = Math.ceil(examples.length / size)
  let known: { epoch: number; steps: readonly SftStep[] } | undefined
  return {
    stepsPerEpoch,
    at(step) {
      const epoch = Math.floor(step / stepsPerEpoch)
      if (known?.epoch !== epoch) known = { epoch, steps: stepsOf(epoch) }
      return known.steps[step % stepsPerEpoch]
    },
  }

  function stepsOf(epoch: number): SftStep[] {
    const key = foldKey(seedKey(seed, uses.order), epoch)
    const order = [...permutation(foldKey(key, 0), examples.length)]
    const steps: SftStep[] = []
    let waiting: number[] = []
    for (const [bucket, length] of buckets.entries()) {
      waiting = [...waiting, ...order.filter((i) => bucketOf[i] === bucket)]
      while (waiting.length >= size) steps.push({ indices: waiting.splice(0, size), length })
    }
    if (waiting.length > 0) {
      const filled = Array.from({ length: size }, (_, k) => waiting[k] ?? order[(k - waiting.length) % order.length])
      steps.push({ indices: filled, length: Math.max(...filled.map((i) => buckets[bucketOf[i]])) })
    }
    const turns = permutation(foldKey(key, 1), steps.length)
    return Array.from(turns, (i) => steps[i])
  }
}

/** The place of the least bucket that holds so many tokens. */
export function bucketFor(tokens: number, buckets: readonly number[], id: string | number): number {
  const found = buckets.findIndex((length) => tokens <= length)
  if (found < 0)
    throw new InputError(`example ${id} has ${tokens} tokens, the longest row ${buckets.at(-1)}`, {
      fix: 'cut examples shorter, or add a longer bucket',
    })
  return found
}

/** The same prompts with the completions of others, a pure function of the seed: what remains to be learned is what answers look like. */
export function shuffledPairs(examples: readonly InstructionExample[], seed: number): InstructionExample[] {
  const order = permutation(seedKey(seed, uses.order), examples.length)
  return examples.map((example, i) => ({ ...example, completion: examples[order[i]].completion }))
}

/** A stream of draws of a seed for what stands before a query. */
export const drawsFor = (seed: number) => draws(seedKey(seed, uses.order))
