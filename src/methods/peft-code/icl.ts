import { draws, seedKey, uses } from '../../data/draws.ts'
import type { Findings } from '../../experiment/index.ts'
import { inContext, nearestShots, randomShots, type ShotChooser } from '../../kits/codegen/in-context.ts'
import { completionScorer } from '../../kits/lm/completion-score.ts'
import type { Tokenizer } from '../../kits/lm/index.ts'
import { type EncodedExample, encodeExamples, type InstructionExample, type PromptFormat, promptFormats } from '../../kits/lm/sft.ts'
import { bitsPerByte, type Context, seedOf } from './unit.ts'

export interface ShotOptions {
  readonly choose: ShotChooser
  /** Examples in the prompt. */
  readonly k: number
  /** Tokens that everything may have together. */
  readonly context: number
  readonly tokenizer: Tokenizer
  readonly maxPrompt: number
  readonly maxCompletion: number
  /** How a question is put, among the examples and after them; default: the study's. */
  readonly format?: PromptFormat
}

/** Training examples before a question, as many of k as the context holds together with the question and its answer. */
export function withExamples(
  query: InstructionExample,
  { choose, k, context, tokenizer, format = promptFormats.alpaca, ...limits }: ShotOptions,
): { example: EncodedExample; used: number } {
  const after = (before: string) =>
    encodeExamples([query], tokenizer, { format: (prompt) => before + format(prompt), ...limits }).examples[0]
  const { before, shots } = inContext(query.prompt, { choose, k, format, fits: (before) => after(before).ids.length - 1 <= context })
  return { example: after(before), used: shots.length }
}

/** Random examples of a seed. */
export function drawnShots(pool: readonly InstructionExample[], seed: number): ShotChooser {
  const random = draws(seedKey(seed, uses.windows))
  return randomShots(pool, (below) => random.integer(below))
}

/** The untuned model with examples in its prompt. */
export async function iclUnit({ config, data, seed, progress }: Context): Promise<Findings> {
  const { config: shape, params, tokenizer } = data.models[config.model]
  const { context, maxPrompt, maxCompletion, shots: k } = config
  const pool = data.conala.train
  const choose = config.retrieval === 'bm25' ? nearestShots(pool) : drawnShots(pool, seedOf(config, seed))
  const made = data.conala.test.map((query) => withExamples(query, { choose, k, context, tokenizer, maxPrompt, maxCompletion }))
  const examples = made.map(({ example }) => example)
  const longest = Math.max(context, ...examples.map(({ ids }) => ids.length))
  const buckets = [256, 384, 512].filter((length) => length < longest).concat(longest)
  const bits = await completionScorer(shape)(params, examples, { buckets, batch: 8, progress })
  const bytes = examples.map(({ bytes }) => bytes)
  const promptTokens = examples.reduce((sum, { start }) => sum + start, 0) / examples.length
  return {
    measurements: { trainable: 0, bpb: bitsPerByte(bits, bytes), promptTokens, fewerExamples: made.filter(({ used }) => used < k).length },
    items: { test: { id: examples.map(({ id }) => String(id)), bits, bytes } },
  }
}
