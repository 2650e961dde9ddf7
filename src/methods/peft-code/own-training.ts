import { z } from 'zod'
import { sha256 } from '../../data/files.ts'
import { InputError, ndarray } from '../../engine/index.ts'
import { type FineTuneOptions, fineTuneDefaults, fineTuning } from '../../kits/lm/fine-tune.ts'
import type { LanguageModel } from '../../kits/lm/model.ts'
import { type Adapter, trainableCount } from '../../kits/lm/peft/adapter.ts'
import { type EncodedExample, encodeExamples, promptFormats } from '../../kits/lm/sft.ts'
import { fromArrays, toArrays } from '../../train/index.ts'
import { stepResumably } from '../../train/resumable.ts'
import { fieldOptions, type OwnExample, withValidation } from './own-data.ts'
import { formatNames } from './own-model.ts'

/** Options of the verbs that train. */
export const trainingOptions = {
  format: z.enum(formatNames).default('alpaca').describe('what stands around what is asked'),
  ...fieldOptions,
  maxPrompt: z.number().int().min(1).default(200).describe('tokens of what is asked; the rest is cut off and counted'),
  maxCompletion: z.number().int().min(1).default(160).describe('tokens of an answer'),
  epochs: z.number().positive().default(fineTuneDefaults.epochs).describe('passes over the examples'),
  steps: z.number().int().min(1).optional().describe('updates, in the place of --epochs'),
  batch: z.number().int().min(1).default(16).describe('examples an update'),
  optimizer: z.enum(['adamw', 'adafactor']).default('adamw').describe('adafactor, the study’s, keeps next to no state'),
  weightDecay: z.number().min(0).default(0).describe('of what is trained'),
  recompute: z.boolean().default(false).describe('keep no activations within blocks: less memory, more time'),
  seed: z.number().int().nonnegative().default(0).describe('decides starting values and order'),
} as const

const shape = z.object(trainingOptions)
export type TrainingOptions = z.output<typeof shape>

export interface EncodedParts {
  readonly train: readonly EncodedExample[]
  readonly validation: readonly EncodedExample[]
  /** Lengths of rows. */
  readonly buckets: readonly number[]
}

/** Examples as tokens, cut as the options say, with a tenth to validate on unless that is given. */
export function encodedParts(
  { tokenizer, config }: LanguageModel,
  examples: readonly OwnExample[],
  validation: readonly OwnExample[] | undefined,
  { format, maxPrompt, maxCompletion }: Pick<TrainingOptions, 'format' | 'maxPrompt' | 'maxCompletion'>,
  log: (line: string) => void,
): EncodedParts {
  const parts = validation ? { train: examples, validation } : withValidation(examples)
  const encode = (part: readonly OwnExample[], name: string) => {
    const { examples, cut, skipped } = encodeExamples(part, tokenizer, { format: promptFormats[format], maxPrompt, maxCompletion })
    if (cut.prompts + cut.completions > 0) log(`${name}: ${cut.prompts} questions and ${cut.completions} answers are cut`)
    if (skipped.length > 0)
      log(
        `${name}: left out, since their answers are empty: ${skipped.slice(0, 5).join(', ')}${skipped.length > 5 ? ` and ${skipped.length - 5} more` : ''}`,
      )
    return examples
  }
  const [train, held] = [encode(parts.train, 'training'), encode(parts.validation, 'validation')]
  if (train.length === 0) throw new InputError('no example is left to train on')
  const longest = longestOf([...train, ...held])
  if (longest > config.context)
    throw new InputError(`an example has ${longest} tokens, the model's context is ${config.context}`, {
      fix: 'give smaller --max-prompt and --max-completion',
    })
  const quarters = [0.4, 0.6, 0.8].map((share) => Math.ceil((share * longest) / 16) * 16)
  return { train, validation: held, buckets: [...new Set([...quarters.filter((length) => length < longest), longest])] }
}

/** Tokens that the longest example reads. */
export const longestOf = (examples: readonly EncodedExample[]): number =>
  examples.reduce((most, { ids }) => Math.max(most, ids.length - 1), 0)

export interface OwnTraining {
  readonly adapter: Adapter
  /** Nats a token, of each step. */
  readonly losses: readonly number[]
  /** Bits a byte, by step. */
  readonly validation: readonly (readonly [step: number, loss: number])[]
  readonly resumedAt: number
  readonly steps: number
  readonly secondsPerStep: number
}

/** Trains an adapter on a user's examples. What has been reached is kept in `folder`, so that the same command goes on with it. */
export async function trainOwn(
  base: LanguageModel,
  adapter: Adapter,
  parts: EncodedParts,
  /** `base`: what the base is called. */
  options: TrainingOptions & { readonly base: string; readonly learningRate: number },
  { folder, progress }: { folder: string; progress(done: number, total: number, note?: string): Promise<void> },
): Promise<OwnTraining> {
  const { epochs, steps, batch, optimizer, weightDecay, recompute, seed, learningRate } = options
  const fineTune: FineTuneOptions = { epochs, steps, batch, optimizer, weightDecay, recompute, seed, learningRate, buckets: parts.buckets }
  const tuning = fineTuning({ base, adapter, ...parts }, fineTune)
  // Bits a byte after each step; not a number where they were not taken.
  const validation = new Float64Array(tuning.steps).fill(Number.NaN)
  let state = tuning.start()
  const began = performance.now()
  const { losses, resumedAt } = await stepResumably({
    folder,
    recipe: {
      fineTune,
      adapter: adapter.config,
      data: fingerprint(parts),
      base: [options.base, base.config],
      trainable: trainableCount(adapter),
    },
    steps: tuning.steps,
    async step(k) {
      const next = await tuning.step(state, k)
      state = next.state
      if (next.validation !== undefined) validation[k] = next.validation
      return next.loss
    },
    save: async () => ({ ...(await toArrays({ state })), validation: ndarray(validation, [tuning.steps], 'float64') }),
    restore(arrays) {
      state = fromArrays({ ...arrays }, { state }).state
      validation.set(arrays.validation.data)
    },
    onStep: (k, loss) => progress(k + 1, tuning.steps, `loss ${loss.toFixed(3)}`),
  })
  const seconds = (performance.now() - began) / 1000
  return {
    adapter: await tuning.result(state),
    losses: [...losses],
    validation: [...validation].flatMap((loss, k) => (Number.isNaN(loss) ? [] : [[k + 1, loss] as const])),
    resumedAt,
    steps: tuning.steps,
    secondsPerStep: seconds / Math.max(1, tuning.steps - resumedAt),
  }
}

const fingerprint = ({ train, validation }: EncodedParts): string =>
  sha256(new TextEncoder().encode([...train, ...validation].map(({ ids }) => ids.join()).join('\n')))
