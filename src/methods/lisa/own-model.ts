import { z } from 'zod'
import { sha256 } from '../../data/files.ts'
import { readDocuments, readJsonLines } from '../../data/index.ts'
import { InputError, isTensor } from '../../engine/index.ts'
import type { TrainingBatch } from '../../kits/lm/blocks/index.ts'
import { loadModel } from '../../kits/lm/checkpoints/read.ts'
import {
  baseModel,
  baseRecipe,
  byteTokenizer,
  continualCorpora,
  documentStream,
  type LanguageModel,
  mixtureSampler,
  requireContext,
  streamScorer,
} from '../../kits/lm/index.ts'
import { linearAt, linearPlaces } from '../../kits/lm/params.ts'
import { promptFormats } from '../../kits/lm/sft.ts'
import type { TuningMethod } from './config.ts'
import { statePolicies } from './controller.ts'
import { samplerNames } from './sampler.ts'
import { planOf, type TuningOptions, type TuningPlan } from './tuning.ts'

const smallModels = ['tiny', 'nano', 'micro'] as const

/** Options that `train` and `compare` share: the model, the text, and how long. */
export const commonOptions = {
  base: z
    .string()
    .default('tiny')
    .describe(
      `a model directory in the Hugging Face layout, or ${smallModels.join(', ')}: a small model on bytes, trained at its first use and kept`,
    ),
  field: z.string().default('text').describe('the field of JSONL lines that holds the text'),
  format: z
    .enum(['text', 'alpaca'])
    .default('text')
    .describe('text: documents; alpaca: JSONL lines with instruction, input (if any) and output, put together'),
  steps: z.number().int().min(1).max(10_000_000).default(200).describe('updates'),
  batch: z.number().int().min(1).max(100_000).default(8).describe('windows whose gradients are computed at a time'),
  accumulate: z.number().int().min(1).max(100_000).default(1).describe('so many batches an update'),
  context: z.number().int().min(2).max(1_000_000).default(128).describe('tokens a window'),
  warmup: z
    .number()
    .int()
    .min(0)
    .max(10_000_000)
    .default(20)
    .describe('updates until the learning rate has its peak; it falls to a tenth along a cosine'),
  weightDecay: z.number().min(0).max(10).default(0.1).describe('of matrices'),
  clip: z.number().positive().max(1e6).default(1).describe('the largest norm of the gradient'),
  validation: z.number().min(0).max(0.5).default(0.05).describe('share of the text, at its end, that is kept to measure on'),
  recompute: z.boolean().default(false).describe('keep no activations within blocks: less memory, more time'),
  seed: z.number().int().min(0).max(1_000_000_000).default(0).describe('of windows, layers and adapters'),
}

/** How LISA is set. */
export const lisaOptions = {
  activeLayers: z.number().int().min(0).max(10_000).default(2).describe('γ, blocks that train at a time; also of fixed blocks'),
  interval: z.number().int().min(1).max(10_000_000).default(20).describe('K, updates between two draws'),
  sampler: z.enum(samplerNames).default('uniform').describe('how blocks are drawn; shuffled-epochs visits all equally often'),
  statePolicy: z.enum(statePolicies).default('reset-blocks').describe('what becomes of the moments of blocks that are frozen again'),
  resetOnRedraw: z.boolean().default(false).describe('also a block that is drawn again at once begins anew'),
  embeddings: z.enum(['train', 'freeze', 'head-only']).default('train').describe('embedding and head'),
  finalNorm: z.enum(['train', 'freeze']).default('train').describe('the last norm'),
  rank: z.number().int().min(1).max(100_000).default(16).describe('of LoRA and GaLore'),
}

export type Common = z.output<z.ZodObject<typeof commonOptions>>
export type Lisa = z.output<z.ZodObject<typeof lisaOptions>>

/** Rates that suit models of these sizes, from the paper and from the experiment here. */
export function usualRate(method: TuningMethod, parameters: number): number {
  const small = parameters < 1e7
  if (method === 'sgd') return small ? 0.3 : 1e-2
  if (method.startsWith('lora')) return small ? 1e-2 : 5e-5
  if (method === 'full') return small ? 6e-3 : 5e-6
  return small ? 6e-3 : 5e-5
}

/** What a method is to do, from options. */
export function planFrom(
  method: TuningMethod,
  { interval, embeddings, finalNorm, ...options }: Lisa & Pick<Common, 'seed'>,
  schedule?: readonly (readonly number[])[],
): TuningPlan {
  const { activeLayers, sampler, statePolicy, resetOnRedraw, rank, seed } = options
  return planOf(method, {
    ...{ activeLayers, sampler, statePolicy, resetOnRedraw, rank, seed, schedule },
    intervalSteps: interval,
    trainEmbeddings: embeddings === 'head-only' ? embeddings : embeddings === 'train',
    trainFinalNorm: finalNorm === 'train',
  })
}

export const tuningOptions = ({ steps, warmup, weightDecay, clip, recompute }: Common, learningRate: number): TuningOptions => ({
  steps,
  warmup,
  weightDecay,
  clip,
  recompute,
  learningRate,
})

/** The model of `--base`. @throws InputError for what cannot be tuned in full. */
export async function loadBase(base: string, log: (line: string) => void): Promise<LanguageModel> {
  const size = smallModels.find((name) => name === base)
  if (size) {
    const { domains } = await continualCorpora({ log })
    const steps = size === 'tiny' ? 100 : 400
    const { config, params } = await baseModel(baseRecipe({ size, stages: [{ steps, batch: 16, context: 128 }] }), domains, { log })
    return { config, params, tokenizer: byteTokenizer }
  }
  const model = await loadModel(base)
  for (const line of model.warnings) log(line)
  for (const block of model.params.blocks)
    for (const place of linearPlaces) {
      const weight = linearAt(block, place)?.weight
      if (weight && !isTensor(weight)) throw new InputError('the base is quantized', { where: base, fix: 'give a base in full precision' })
    }
  return model
}

/** A user's text as tokens: what is trained on, and what is kept back. */
export interface OwnText {
  readonly train: Int32Array
  readonly held: Int32Array
  readonly sha256: string
}

/** @throws InputError for windows that the model or the text does not hold. */
export async function readText(
  data: readonly string[],
  options: Common,
  { config, tokenizer }: Pick<LanguageModel, 'config' | 'tokenizer'>,
  log: (line: string) => void,
): Promise<OwnText> {
  requireContext(config, options.context, { where: `--context ${options.context}`, log })
  const texts =
    options.format === 'alpaca' ? await instructions(data) : (await readDocuments(data, { field: options.field })).map(({ text }) => text)
  const stream = documentStream(tokenizer, texts)
  const cut = Math.round(stream.length * (1 - options.validation))
  if (cut < options.context + 1)
    throw new InputError(`${cut} tokens to train on hold no window of ${options.context} and the token after it`, {
      where: data.join(', '),
      fix: 'give more text, or a shorter --context',
    })
  return { train: stream.subarray(0, cut), held: stream.subarray(cut), sha256: sha256(new Uint8Array(stream.buffer)) }
}

async function instructions(paths: readonly string[]): Promise<string[]> {
  const lines = (await Promise.all(paths.map(readJsonLines))).flat()
  return lines.map(({ value, where }) => {
    const { instruction, input, output } = value as Record<string, unknown>
    if (typeof instruction !== 'string' || typeof output !== 'string')
      throw new InputError('the line has no instruction and output', {
        where,
        fix: 'give {"instruction": …, "output": …}, or --format text',
      })
    return promptFormats.alpaca(typeof input === 'string' && input !== '' ? `${instruction}\n${input}` : instruction) + output
  })
}

/** Random windows, as many as are gathered for a step: a function of seed and step. */
export function batchesOf({ train }: OwnText, { steps, batch, accumulate, context, seed }: Common): (step: number) => TrainingBatch[] {
  const total = steps * accumulate
  const stages = [{ name: 'train', steps: total, weights: { text: 1 } }]
  const sampler = mixtureSampler({ corpora: { text: train }, stages, batch, context, seed })
  return (step) =>
    Array.from({ length: accumulate }, (_, i) => {
      const { x, y } = sampler.at(step * accumulate + i)
      return { ids: x, labels: y }
    })
}

/** Bits a token on the text that was kept back; none if it is shorter than a window. */
export async function bitsOn(
  { config, params }: Pick<LanguageModel, 'config' | 'params'>,
  { held }: OwnText,
  context: number,
): Promise<number | undefined> {
  if (held.length <= context) return undefined
  const { bits, tokens } = await streamScorer(config, { context })(params, held)
  return bits / tokens
}
