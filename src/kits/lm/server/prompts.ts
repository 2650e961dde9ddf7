import type { ChatMessage } from '../tokenizers/chat.ts'
import { badRequest } from './errors.ts'
import type { ChatRequest, Prompt } from './fields.ts'
import type { ServedModel } from './served-model.ts'

/** A prompt's token ids. A text gets what the tokenizer puts before one, and no end: the model is to go on. */
export function promptIds({ tokenizer }: Pick<ServedModel, 'tokenizer'>, prompt: Prompt): readonly number[] {
  if (typeof prompt !== 'string') {
    const strange = prompt.find((id) => id >= tokenizer.size)
    if (strange !== undefined)
      throw badRequest(`'prompt': there is no token ${strange}; ids end at ${tokenizer.size - 1}`, 'prompt', 'invalid_value')
    return prompt
  }
  const ids = tokenizer.encode(prompt, { special: true })
  if (ids.length > 1 && ids.at(-1) === tokenizer.end && tokenizer.encode(prompt).at(-1) !== tokenizer.end) ids.pop()
  if (ids.length > 0) return ids
  // An empty text of a tokenizer that puts nothing before one: as at the beginning of a document.
  const start = tokenizer.begin ?? tokenizer.end
  if (start === undefined) throw badRequest("'prompt' is empty", 'prompt', 'invalid_value')
  return [start]
}

/** A conversation's token ids. @throws ApiError 400 where the model has no chat format. */
export function chatIds(model: ServedModel, messages: ChatRequest['messages']): readonly number[] {
  if (!model.chat)
    throw badRequest(
      `no chat format is known for '${model.name}'; start the server with --chat-format, or use /v1/completions`,
      'messages',
      'chat_format_unknown',
    )
  const turns = messages.map(({ role, content }): ChatMessage => ({ role: role === 'developer' ? 'system' : role, content }))
  const ids = promptIds(model, model.chat.render(turns))
  // Formats that write the beginning themselves must not have it twice.
  const { begin } = model.tokenizer
  return begin !== undefined && ids[0] === begin && ids[1] === begin ? ids.slice(1) : ids
}

/**
 * How many tokens may follow the longest of some prompts: as many as were asked for, or else `most`, or as many as there is room for.
 *
 * @throws ApiError 400 where the context does not hold them.
 */
export function room({ context }: ServedModel, prompts: readonly (readonly number[])[], asked: number | undefined, most = context): number {
  const longest = prompts.reduce((most, { length }) => Math.max(most, length), 0)
  const left = context - longest
  const wanted = asked ?? Math.min(most, left)
  if (wanted > left || left < 0 || (wanted < 1 && asked === undefined))
    throw badRequest(
      `the context holds ${context} tokens; the prompt has ${longest}${asked === undefined ? '' : `, and ${asked} more are asked for`}`,
      asked === undefined || left < 1 ? 'prompt' : 'max_tokens',
      'context_length_exceeded',
    )
  return wanted
}
