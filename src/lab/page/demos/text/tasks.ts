import type { LanguageModel } from '../../../../kits/lm/model.ts'
import { fetchModel } from '../models.ts'
import { type Candidate, type CompletionRequest, candidatesAfter, complete, type Piece, readLanguageModel } from './complete.ts'

/** Models that there are, in the order in which they are offered. */
export const modelNames = ['aurora-m', 'base', 'lisa'] as const
export type ModelName = (typeof modelNames)[number]

export const textFile = (model: ModelName): string => `text-${model}.safetensors`

const loaded = new Map<ModelName, Promise<LanguageModel>>()
function modelOf(name: ModelName): Promise<LanguageModel> {
  let found = loaded.get(name)
  if (!found) loaded.set(name, (found = fetchModel(textFile(name)).then((bytes) => readLanguageModel(bytes, textFile(name)))))
  return found
}

export const textTasks = {
  async next({ model, prompt }: { model: ModelName; prompt: string }): Promise<readonly Candidate[]> {
    return candidatesAfter(await modelOf(model), prompt)
  },
  async complete(
    { model, ...request }: CompletionRequest & { model: ModelName },
    tell: (piece: Piece) => void,
    signal: AbortSignal,
  ): Promise<void> {
    for await (const piece of complete(await modelOf(model), request, signal)) tell(piece)
  },
} as const
export type TextTasks = typeof textTasks
