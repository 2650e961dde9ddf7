import { randomUUID } from 'node:crypto'
import type { Piece, Task } from './choices.ts'
import type { Merged } from './merge.ts'

/** Counted while it is generated. A prompt counts once, however many texts go on with it. */
export interface Usage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
}

/** The pieces of a request's choices, and the request's signal. */
export interface Work {
  readonly pieces: AsyncIterable<Merged<Piece>>
  readonly signal: AbortSignal
}

/** What is to be done for a request: known, and checked, before anything runs. */
export interface Plan {
  readonly isStream: boolean
  /** Fields of the request that are left out of account. */
  readonly ignored: readonly string[]
  /** How many texts are to be generated: known before there are tasks, so that too many cost nothing. */
  readonly count: number
  tasks(): readonly Task[]
  readonly usage: Usage
  /** The response's body. */
  answer(work: Work): Promise<object>
  /** The events of the response. */
  chunks(work: Work): AsyncIterable<object>
}

export const usageOf = (prompts: readonly (readonly number[])[]): Usage => {
  const tokens = prompts.reduce((sum, { length }) => sum + length, 0)
  return { prompt_tokens: tokens, completion_tokens: 0, total_tokens: tokens }
}

/** Pieces as they are, counted on their way. */
export async function* counted(pieces: AsyncIterable<Merged<Piece>>, usage: Usage): AsyncGenerator<Merged<Piece>> {
  for await (const piece of pieces) {
    usage.completion_tokens += piece.value.generated
    usage.total_tokens += piece.value.generated
    yield piece
  }
}

/** What every body and event of a response begins with. */
export const envelope = (prefix: string, object: string, model: string) => ({
  id: `${prefix}-${randomUUID().replaceAll('-', '')}`,
  object,
  created: Math.floor(Date.now() / 1000),
  model,
})

/** Chunks of a stream whose usage is asked for say that they have none, and one more says it. */
export async function* withUsage<Chunk extends object>(
  chunks: AsyncIterable<Chunk>,
  head: object,
  usage: Usage,
  isAsked: boolean | undefined,
): AsyncGenerator<object> {
  for await (const chunk of chunks) yield isAsked ? { ...head, ...chunk, usage: null } : { ...head, ...chunk }
  if (isAsked) yield { ...head, choices: [], usage }
}
