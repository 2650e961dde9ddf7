import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError, key } from '../../engine/index.ts'
import { loadModel } from '../../kits/lm/checkpoints/read.ts'
import { baseModel, byteTokenizer, continualCorpora, type LanguageModel, longBaseRecipe } from '../../kits/lm/index.ts'
import { type Adapter, initAdapter } from '../../kits/lm/peft/adapter.ts'
import { loraDefaults, type PeftConfig } from '../../kits/lm/peft/config.ts'
import { quantizeModel } from '../../kits/lm/peft/quantize.ts'
import { type PromptFormatName, promptFormats } from '../../kits/lm/sft.ts'

/** What may stand around what is asked, as it is called on the command line. */
export const formatNames = Object.keys(promptFormats) as [PromptFormatName]

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

const virtual: readonly MethodName[] = ['prompt', 'prefix', 'p-tuning']
const lowRank: readonly MethodName[] = ['lora', 'dora', 'qlora-4bit', 'qlora-8bit']

/** The methods that a setting says something to. */
const usedBy: Readonly<Record<keyof MethodOptions, readonly MethodName[]>> = {
  rank: lowRank,
  alpha: lowRank,
  dropout: lowRank,
  targets: [...lowRank, 'ia3'],
  tokens: virtual,
}

/** Whether a method leaves the weights as they are and puts virtual tokens before the text, so that there is nothing to merge. */
export const isVirtual = (method: MethodName): boolean => virtual.includes(method)

/** @throws InputError for a setting that would change nothing. */
export function refuseUnused(method: string, options: MethodOptions, where: string): void {
  for (const [setting, methods] of Object.entries(usedBy)) {
    const value = options[setting as keyof MethodOptions]
    if (value === undefined || (Array.isArray(value) && value.length === 0) || methods.some((name) => name === method)) continue
    throw new InputError(`${setting} has no effect on ${method}`, { where, fix: `leave it out, or choose ${methods.join(', ')}` })
  }
}

/** What a method trains, with the study's settings where none are given. */
export function peftOf(
  method: MethodName,
  { rank = loraDefaults.rank, alpha = 2 * rank, dropout = loraDefaults.dropout, targets = [], tokens }: MethodOptions,
): PeftConfig {
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
      return { kind: 'lora', rank, alpha, dropout, dora: method === 'dora', ...(chosen && { targets: chosen }) }
  }
}

/** Names of the small models that experiments begin with, which are trained at their first use and kept. */
const smallModels = ['tiny', 'nano', 'micro'] as const
const smallModel = (name: string) => smallModels.find((size) => size === name)

/** Whether a base is a folder, which other commands read as well. */
export const isFolder = (base: string): boolean => smallModel(base) === undefined

/** What a base is, said in help. */
export const baseHelp = `a model directory in the Hugging Face layout, or ${smallModels.join(', ')}: a small model on bytes, trained at its first use and kept`

/** What tells one state of a base from another, without its weights being read: the sizes and times of its files. */
export async function stateOf(base: string): Promise<readonly unknown[]> {
  if (!isFolder(base)) return [base]
  const files = (await readdir(base, { withFileTypes: true })).filter((entry) => !entry.isDirectory()).map(({ name }) => name)
  return Promise.all(
    files.sort().map(async (name) => {
      // A link to nothing is no part of the model.
      const found = await stat(join(base, name)).catch(() => undefined)
      return [name, found?.size, found?.mtimeMs]
    }),
  )
}

/** The base of a user's choice. */
export async function loadBase(name: string, log: (line: string) => void): Promise<LanguageModel> {
  const size = smallModel(name)
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
