import { key } from '../../engine/index.ts'
import { loadModel } from '../../kits/lm/checkpoints/read.ts'
import { baseModel, byteTokenizer, continualCorpora, type LanguageModel, longBaseRecipe } from '../../kits/lm/index.ts'
import { type Adapter, initAdapter } from '../../kits/lm/peft/adapter.ts'
import type { PeftConfig } from '../../kits/lm/peft/config.ts'
import { quantizeModel } from '../../kits/lm/peft/quantize.ts'

/** Ways to tune, as they are called on the command line. */
export const methodNames = ['lora', 'dora', 'ia3', 'prompt', 'prefix', 'p-tuning', 'qlora-4bit', 'qlora-8bit', 'full'] as const
export type MethodName = (typeof methodNames)[number]

/** The study's rates: LoRA 3e-4, (IA)³ 3e-3, prompt tuning 3e-3, prefix tuning 3e-2, all weights 5e-5, for models of a billion numbers and more. */
const studyRates: Readonly<Record<MethodName, number>> = {
  lora: 3e-4,
  dora: 3e-4,
  ia3: 3e-3,
  prompt: 3e-3,
  prefix: 3e-2,
  'p-tuning': 3e-3,
  'qlora-4bit': 3e-4,
  'qlora-8bit': 3e-4,
  full: 5e-5,
}

/** Small models stand, and need, larger steps. */
export const usualRate = (method: MethodName, parameters: number): number =>
  studyRates[method] * (parameters < 1e7 ? (method === 'prefix' ? 1 : 30) : 1)

export interface MethodOptions {
  readonly rank?: number
  readonly alpha?: number
  readonly dropout?: number
  readonly targets?: readonly string[]
  /** Virtual tokens. */
  readonly tokens?: number
}

/** What a method trains, with the study's settings where none are given. */
export function peftOf(method: MethodName, { rank, alpha, dropout, targets = [], tokens }: MethodOptions): PeftConfig {
  const chosen = targets.length === 0 ? undefined : targets.length === 1 && targets[0] === 'all-linear' ? 'all-linear' : targets
  switch (method) {
    case 'ia3':
      return { kind: 'ia3', ...(chosen && { targets: chosen }) }
    case 'prompt':
    case 'prefix':
    case 'p-tuning':
      return { kind: method, ...(tokens !== undefined && { tokens }) }
    case 'full':
      return { kind: 'full' }
    default:
      return { kind: 'lora', rank, alpha: alpha ?? 2 * (rank ?? 16), dropout, dora: method === 'dora', ...(chosen && { targets: chosen }) }
  }
}

/** Names of the small models that experiments begin with, which are trained at their first use and kept. */
const smallModels = ['tiny', 'nano', 'micro'] as const

/** What a base is, said in help. */
export const baseHelp = `a model directory in the Hugging Face layout, or ${smallModels.join(', ')}: a small model on bytes, trained at its first use and kept`

/** The base of a user's choice. */
export async function loadBase(name: string, log: (line: string) => void): Promise<LanguageModel> {
  const size = smallModels.find((size) => size === name)
  if (!size) {
    const model = await loadModel(name)
    for (const line of model.warnings) log(line)
    return model
  }
  const { domains } = await continualCorpora({ log })
  return { ...(await baseModel(longBaseRecipe({ size }), domains, { log })), tokenizer: byteTokenizer }
}

/** The base as a method keeps it. */
export async function keptBy(method: MethodName, base: LanguageModel): Promise<LanguageModel> {
  if (!method.startsWith('qlora')) return base
  const { params } = await quantizeModel(base.params, { format: method === 'qlora-8bit' ? 'int8' : 'nf4' })
  return { ...base, params }
}

export const adapterFor = (method: MethodName, base: LanguageModel, options: MethodOptions, seed: number): Adapter =>
  initAdapter(peftOf(method, options), base, key(seed))
