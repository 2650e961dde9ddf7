import { loadOnce } from '../load-once.ts'
import { fetchModel } from '../models.ts'
import { type Candidate, type CompletionRequest, candidatesAfter, complete, type Piece, readTextModel } from './complete.ts'

/** Models that there are, in the order in which they are offered. */
export const modelNames = ['lisa', 'aurora-m'] as const
export type ModelName = (typeof modelNames)[number]

export const textFile = (model: ModelName): string => `text-${model}.safetensors`

const modelOf = loadOnce(async (name: ModelName) => readTextModel(await fetchModel(textFile(name)), textFile(name)))

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
