import { type Choice, generationOptions, type PlacedToken, tasksOf, whole } from './choices.ts'
import { badRequest } from './errors.ts'
import { type CompletionRequest, completionFields, type Prompt, readFields } from './fields.ts'
import { completionLogprobs, type LocatedToken } from './logprobs.ts'
import { envelope, type Plan, usageOf, type Work, withUsage } from './plan.ts'
import { promptIds, room } from './prompts.ts'
import type { ServedModel } from './served-model.ts'

/** How many tokens follow where the request does not say. */
const fewTokens = 16

/** `POST /v1/completions`. @throws ApiError for what cannot be done. */
export function planCompletion(model: ServedModel, body: Record<string, unknown>): Plan {
  const { fields, ignored } = readFields(completionFields, body)
  const { stream: isStream, stream_options: streamOptions } = fields
  const each = eachOf(fields)
  if (fields.echo && fields.logprobs !== undefined && !model.score)
    throw badRequest("'echo' together with 'logprobs' is not supported by this model", 'echo', 'unsupported_parameter')
  const given: readonly Prompt[] = fields.prompt ?? ['']
  const prompts = given.map((prompt) => promptIds(model, prompt))
  const maxNewTokens = room(model, prompts, fields.max_tokens, fewTokens)
  const count = prompts.length * each
  const usage = usageOf(prompts)
  const head = envelope('cmpl', 'text_completion', model.name)
  const echoes = (signal: AbortSignal) => Promise.all(given.map((prompt, i) => echoOf(model, fields, prompt, prompts[i], signal)))
  return {
    isStream,
    ignored,
    count,
    tasks: () => tasksOf(prompts, each, generationOptions(fields, model, { maxNewTokens, alternatives: fields.logprobs })),
    usage,
    async answer({ pieces, signal }) {
      const all = await whole(pieces, count)
      const before = await echoes(signal)
      const choices = prompts.flatMap((_, p) =>
        best(all.slice(p * each, (p + 1) * each), fields.n).map(({ text, tokens, finish }) => ({
          text: before[p].text + text,
          logprobs: logprobsOf(fields, before[p], located(tokens, text, before[p].text)),
          finish_reason: finish,
        })),
      )
      return { ...head, choices: choices.map((choice, index) => ({ index, ...choice })), usage }
    },
    chunks: (work) => withUsage(chunks(fields, echoes, work, count), head, usage, streamOptions?.include_usage),
  }
}

/** How many texts are generated for each prompt. */
function eachOf({ n, best_of: bestOf = n, stream }: CompletionRequest): number {
  if (bestOf < n)
    throw badRequest(`'best_of' is ${bestOf}, and 'n' ${n}: the best cannot be more than there are`, 'best_of', 'invalid_value')
  if (stream && bestOf > n)
    throw badRequest("with 'stream', 'best_of' must be 'n': which are the best is known at the end", 'best_of', 'invalid_value')
  return bestOf
}

/** Those of the highest mean log probability of a token. */
function best(choices: readonly Choice[], n: number): readonly Choice[] {
  if (choices.length === n) return choices
  const mean = ({ tokens }: Choice) => tokens.reduce((sum, { logprob }) => sum + logprob, 0) / Math.max(1, tokens.length)
  return choices.toSorted((a, b) => mean(b) - mean(a)).slice(0, n)
}

/** What stands before the generated text: the prompt, or nothing. */
interface Echo {
  readonly text: string
  readonly tokens: readonly LocatedToken[]
}

async function echoOf(
  model: ServedModel,
  fields: CompletionRequest,
  given: Prompt,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<Echo> {
  if (!fields.echo) return { text: '', tokens: [] }
  const { tokenizer } = model
  // What the tokenizer puts before a text is no part of it.
  const added = ids[0] === tokenizer.begin && ids.length > 1 ? 1 : 0
  const text = typeof given === 'string' ? given : tokenizer.decode(ids.slice(added))
  const scored = fields.logprobs === undefined ? [] : await model.score!(ids, { alternatives: fields.logprobs, signal })
  const decoder = tokenizer.stream()
  let at = 0
  const tokens = scored.map((token, i) => {
    const here = { ...token, at }
    if (i >= added) at += charactersIn(decoder.push(token.id))
    return here
  })
  return { text, tokens }
}

const charactersIn = (text: string): number => [...text].length

/** Where tokens stand in the response's text. */
const located = (tokens: readonly PlacedToken[], text: string, before: string): LocatedToken[] =>
  tokens.map((token) => ({ ...token, at: charactersIn(before) + charactersIn(text.slice(0, token.offset)) }))

const logprobsOf = ({ logprobs }: CompletionRequest, { tokens: before }: Pick<Echo, 'tokens'>, tokens: readonly LocatedToken[]) =>
  logprobs === undefined ? null : completionLogprobs([...before, ...tokens], logprobs)

async function* chunks(
  fields: CompletionRequest,
  echoes: (signal: AbortSignal) => Promise<readonly Echo[]>,
  { pieces, signal }: Work,
  count: number,
): AsyncGenerator<object> {
  const chunk = (index: number, text: string, logprobs: object | null, finish: string | null) => ({
    choices: [{ index, text, logprobs, finish_reason: finish }],
  })
  const before = await echoes(signal)
  const echo = (index: number) => before[Math.floor(index / fields.n)]
  const texts = Array.from({ length: count }, () => '')
  if (fields.echo) for (let i = 0; i < count; i++) yield chunk(i, echo(i).text, logprobsOf(fields, echo(i), []), null)
  for await (const { index, value } of pieces) {
    const { text, tokens, finish } = value
    texts[index] += text
    const isTold = fields.logprobs !== undefined && tokens.length > 0
    const logprobs = isTold ? logprobsOf(fields, { tokens: [] }, located(tokens, texts[index], echo(index).text)) : null
    if (text || isTold || finish) yield chunk(index, text, logprobs, finish ?? null)
  }
}
