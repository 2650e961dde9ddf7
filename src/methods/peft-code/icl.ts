import { type Draws, draws, seedKey, uses } from '../../data/draws.ts'
import type { Findings } from '../../experiment/index.ts'
import { completionScorer } from '../../kits/lm/completion-score.ts'
import type { Tokenizer } from '../../kits/lm/index.ts'
import { instructionText } from '../../kits/lm/peft/config.ts'
import { type EncodedExample, encodeExamples, type InstructionExample, promptFormats } from '../../kits/lm/sft.ts'
import { bitsPerByte, type Context, seedOf } from './unit.ts'

/** How often examples are drawn anew for one question until they fit; then fewer are taken. */
const tries = 50

export interface ShotOptions {
  /** Examples in the prompt. */
  readonly k: number
  /** Tokens that everything may have together. */
  readonly context: number
  readonly random: Draws
  readonly tokenizer: Tokenizer
  readonly maxPrompt: number
  readonly maxCompletion: number
}

/**
 * k random training examples before a question, as the study has it: a header, the examples with their answers, the question. Examples that do not fit into
 * the context together with the question and its answer are drawn anew.
 */
export function withExamples(
  query: InstructionExample,
  pool: readonly InstructionExample[],
  { k, context, random, tokenizer, ...limits }: ShotOptions,
): { example: EncodedExample; used: number } {
  const shown = (count: number) =>
    Array.from({ length: count }, () => pool[random.integer(pool.length)]).map(
      ({ prompt, completion }) => `${promptFormats.alpaca(prompt)}${completion}\n`,
    )
  for (let attempt = 0, count = k; ; attempt++) {
    if (attempt > 0 && attempt % tries === 0) count--
    const before = `${instructionText}\n${shown(count).join('')}`
    const format = (prompt: string) => `${before}${promptFormats.alpaca(prompt)}`
    const [example] = encodeExamples([query], tokenizer, { format, ...limits }).examples
    if (example.ids.length - 1 <= context || count === 0) return { example, used: count }
  }
}

/** The untuned model with examples in its prompt. */
export async function iclUnit({ config, data, seed, progress }: Context): Promise<Findings> {
  const { config: shape, params, tokenizer } = data.models[config.model]
  const random = draws(seedKey(seedOf(config, seed), uses.windows))
  const { context, maxPrompt, maxCompletion, shots: k } = config
  const made = data.conala.test.map((query) =>
    withExamples(query, data.conala.train, { k, context, random, tokenizer, maxPrompt, maxCompletion }),
  )
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
