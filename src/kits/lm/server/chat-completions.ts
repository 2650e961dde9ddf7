import { generationOptions, type Piece, tasksOf, whole } from './choices.ts'
import { badRequest } from './errors.ts'
import { type ChatRequest, chatFields, readFields } from './fields.ts'
import { chatLogprobs } from './logprobs.ts'
import type { Merged } from './merge.ts'
import { envelope, type Plan, usageOf, withUsage } from './plan.ts'
import { chatIds, room } from './prompts.ts'
import type { ServedModel } from './served-model.ts'

/** `POST /v1/chat/completions`. @throws ApiError for what cannot be done. */
export function planChat(model: ServedModel, body: Record<string, unknown>): Plan {
  const { fields, ignored } = readFields(chatFields, body)
  const { n, stream: isStream, stream_options: streamOptions } = fields
  const alternatives = alternativesOf(fields)
  const prompt = chatIds(model, fields.messages)
  const maxNewTokens = room(model, [prompt], limitOf(fields))
  const usage = usageOf([prompt])
  const head = envelope('chatcmpl', isStream ? 'chat.completion.chunk' : 'chat.completion', model.name)
  return {
    isStream,
    ignored,
    count: n,
    tasks: () => tasksOf([prompt], n, generationOptions(fields, model, { maxNewTokens, alternatives, isChat: true })),
    usage,
    async answer({ pieces }) {
      const choices = (await whole(pieces, n)).map(({ text, tokens, finish }, index) => ({
        index,
        message: { role: 'assistant', content: text, refusal: null },
        logprobs: fields.logprobs ? chatLogprobs(tokens) : null,
        finish_reason: finish,
      }))
      return { ...head, choices, usage }
    },
    chunks: ({ pieces }) => withUsage(chunks(pieces, fields.logprobs), head, usage, streamOptions?.include_usage),
  }
}

function limitOf({ max_tokens: old, max_completion_tokens: limit }: ChatRequest): number | undefined {
  if (old !== undefined && limit !== undefined && old !== limit)
    throw badRequest(`'max_tokens' is ${old} and 'max_completion_tokens' ${limit}; give one of them`, 'max_tokens', 'invalid_value')
  return limit ?? old
}

function alternativesOf({ logprobs, top_logprobs: top }: ChatRequest): number | undefined {
  if (top !== undefined && !logprobs) throw badRequest("'top_logprobs' needs 'logprobs' to be true", 'top_logprobs', 'invalid_value')
  return logprobs ? (top ?? 0) : undefined
}

/** Each choice says first whose words these are, and last why they ended. */
async function* chunks(pieces: AsyncIterable<Merged<Piece>>, withLogprobs: boolean): AsyncGenerator<object> {
  const begun = new Set<number>()
  const chunk = (index: number, delta: object, rest: object = {}) => ({
    choices: [{ index, delta, logprobs: null, finish_reason: null, ...rest }],
  })
  for await (const { index, value } of pieces) {
    const { text, tokens, finish } = value
    if (!begun.has(index)) yield chunk(index, { role: 'assistant', content: '', refusal: null })
    begun.add(index)
    const isTold = withLogprobs && tokens.length > 0
    if (text || isTold) yield chunk(index, { content: text }, isTold ? { logprobs: chatLogprobs(tokens) } : {})
    if (finish) yield chunk(index, {}, { finish_reason: finish })
  }
}
