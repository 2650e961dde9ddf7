import {
  conalaValidation,
  type Intent,
  type LocateOptions,
  loadConala,
  loadMbpp,
  type MbppTask,
  oneLiners,
  type Provenance,
} from '../../data/index.ts'
import { InputError, key } from '../../engine/index.ts'
import { type Split, splitsOf } from '../../experiment/index.ts'
import {
  type BaseRecipe,
  baseModel,
  byteTokenizer,
  continualCorpora,
  initDecoder,
  type LanguageModel,
  loadModel,
  longBaseRecipe,
  type SizeName,
} from '../../kits/lm/index.ts'
import { type EncodedExample, encodeExamples, type InstructionExample } from '../../kits/lm/sft.ts'
import { type ApiTask, apiTask } from './api-task.ts'
import { type Config, isStudyModel, type ModelName } from './config.ts'

/** One data set in three parts. */
export interface Parts<T> {
  readonly train: readonly T[]
  readonly validation: readonly T[]
  readonly test: readonly T[]
}

export interface Data {
  readonly models: Readonly<Record<Config['model'], LanguageModel>>
  readonly conala: Parts<InstructionExample>
  readonly mbpp: Parts<InstructionExample>
  readonly api: ApiTask
}

export type DataSetName = 'conala' | 'mbpp' | 'api'

/** Lengths of rows; whatever is asked and answered fits into one of them. */
export const bucketsOf = ({ maxPrompt, maxCompletion, maxProgram }: Config, name: DataSetName): readonly number[] => {
  // What the format adds, and the end.
  const longest = maxPrompt + (name === 'mbpp' ? maxProgram : maxCompletion) + 33
  const usual = name === 'api' ? [104] : name === 'mbpp' ? [256, 384] : [128, 192, 256]
  return [...usual.filter((length) => length < longest), longest]
}

/** Examples as tokens of a model. */
export const encoded = (
  examples: readonly InstructionExample[],
  { tokenizer }: Pick<LanguageModel, 'tokenizer'>,
  config: Config,
  name: DataSetName,
): readonly EncodedExample[] =>
  encodeExamples(examples, tokenizer, {
    maxPrompt: config.maxPrompt,
    maxCompletion: name === 'mbpp' ? config.maxProgram : config.maxCompletion,
  }).examples

/** The two base models, from the cache or trained now, and three data sets. */
export async function loadData(
  config: Config,
  options: LocateOptions & { log(line: string): void },
): Promise<{ value: Data; provenance: Provenance; splits: Split[] }> {
  const { domains } = await continualCorpora(options)
  const model = async (name: ModelName, folder: string): Promise<LanguageModel> => {
    if (folder !== '') return loadModel(folder)
    if (isStudyModel(name))
      throw new InputError(`the files of ${name} are needed`, {
        where: 'peft-code',
        fix: `give its directory: --set llmFolder=DIR, --set slmFolder=DIR`,
      })
    return { ...(await baseModel(recipeOf(config, name), domains, { log: options.log })), tokenizer: byteTokenizer }
  }
  const [llm, slm] = [await model(config.llm, config.llmFolder), await model(config.slm, config.slmFolder)]
  const untrained = { ...llm, params: initDecoder(llm.config, key(7)) }
  const all = oneLiners(await loadConala(options))
  const { train, validation } = conalaValidation(all.train, { share: 0.1, seed: 0 })
  const test = all.test.slice(0, config.test.conala)
  const { tasks } = await loadMbpp(options)
  const mbpp = mbppParts(tasks, config.test.mbpp)
  const api = apiTask({ seed: 0 })
  const splits = [
    ...splitsOf(
      'conala',
      'question',
      idsOf({ train, validation, test }, ({ question }) => question),
    ),
    ...splitsOf(
      'mbpp',
      'task',
      idsOf(mbpp, ({ id }) => id),
    ),
    ...splitsOf(
      'calls',
      'call',
      idsOf(api, ({ id }) => id),
    ),
  ]
  const conala = { train: train.map(asExample), validation: validation.map(asExample), test: test.map(asExample) }
  return { value: { models: { llm, slm, untrained }, conala, mbpp, api }, provenance: all.provenance, splits }
}

const idsOf = <T>(parts: Parts<T>, id: (example: T) => string | number) => ({
  train: { ids: parts.train.map(id) },
  validation: { ids: parts.validation.map(id) },
  test: { ids: parts.test.map(id) },
})

const recipeOf = ({ steps }: Config, size: SizeName): BaseRecipe =>
  longBaseRecipe({
    size,
    stages: [
      { steps: Math.max(1, Math.round(steps.base * steps.scale)), batch: 16, context: 128 },
      { steps: Math.max(1, Math.round(steps.longBase * steps.scale)), batch: 3, context: 640 },
    ],
  })

/** Newlines end an answer, so none stands in a question. */
const inOneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

const asExample = ({ intent, snippet, question }: Intent, i: number): InstructionExample => ({
  id: `${question}-${i}`,
  prompt: inOneLine(intent),
  completion: snippet,
})

/** Trained on 601 to 974, validated on 511 to 600, tested on tasks from 11 on, which the bases have not seen. */
function mbppParts(tasks: readonly MbppTask[], tested: number): Parts<InstructionExample> {
  const within = (first: number, last: number) =>
    tasks
      .filter(({ id }) => id >= first && id <= last)
      .map(({ id, text, code }) => ({ id, prompt: inOneLine(text), completion: code.trim() }))
  return { train: within(601, 974), validation: within(511, 600), test: within(11, Math.min(110, 10 + tested)) }
}
