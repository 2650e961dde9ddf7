import { z } from 'zod'
import { badRequest } from './errors.ts'

/*
 * A request's fields are of three kinds: those that are done; those that would change the result and are not done here, which are refused unless they
 * say what is done anyway; and all others, which are left out of account and named in a header of the response.
 */

const most = { choices: 128, stops: 16, alternatives: 20 } as const

const stops = z.union(
  [
    z
      .string()
      .min(1)
      .transform((stop) => [stop]),
    z.array(z.string().min(1)).max(most.stops),
  ],
  {
    error: `a text, or a list of at most ${most.stops} texts, none of them empty`,
  },
)

const sampling = {
  model: z.string(),
  stream: z.boolean().default(false),
  stream_options: z.looseObject({ include_usage: z.boolean().default(false) }).optional(),
  n: z.int().min(1).max(most.choices).default(1),
  seed: z.int().optional(),
  temperature: z.number().min(0).max(2).default(1),
  top_p: z.number().min(0).max(1).default(1),
  stop: stops.default([]),
  // What other servers of this kind take besides.
  top_k: z.int().min(-1).optional(),
  repetition_penalty: z.number().positive().max(100).optional(),
  stop_token_ids: z.array(z.int().min(0)).default([]),
}

const textPart = z.looseObject({ type: z.literal('text', { error: "only parts of the type 'text' are read" }), text: z.string() })

const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant'], { error: 'system, developer, user or assistant' }),
  content: z.union(
    [
      z.string(),
      z
        .array(textPart)
        .min(1)
        .transform((parts) => parts.map(({ text }) => text).join('')),
    ],
    {
      error: "a text, or a list of parts of the type 'text'",
    },
  ),
})

/** `POST /v1/chat/completions` */
export const chatFields = z.object({
  ...sampling,
  messages: z.array(message).min(1),
  max_tokens: z.int().min(1).optional(),
  max_completion_tokens: z.int().min(1).optional(),
  logprobs: z.boolean().default(false),
  top_logprobs: z.int().min(0).max(most.alternatives).optional(),
})
export type ChatRequest = z.output<typeof chatFields>

const ids = z.array(z.int().min(0)).min(1)
const prompts = z.union(
  [
    z.string().transform((text): Prompt[] => [text]),
    z.array(z.string()).min(1),
    ids.transform((prompt): Prompt[] => [prompt]),
    z.array(ids).min(1),
  ],
  { error: 'a text, a list of texts, a list of token ids, or a list of such lists' },
)

/** A text, or its token ids. */
export type Prompt = string | number[]

/** `POST /v1/completions` */
export const completionFields = z.object({
  ...sampling,
  prompt: prompts.optional(),
  max_tokens: z.int().min(0).optional(),
  best_of: z.int().min(1).max(most.choices).optional(),
  echo: z.boolean().default(false),
  logprobs: z.int().min(0).max(most.alternatives).optional(),
})
export type CompletionRequest = z.output<typeof completionFields>

const isOneOf =
  (...values: unknown[]) =>
  (value: unknown): boolean =>
    values.includes(value)
const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0
const never = (): boolean => false
const isPlainText = (value: unknown): boolean => (value as { type?: unknown }).type === 'text'
const isTextOnly = (value: unknown): boolean => Array.isArray(value) && value.every((part) => part === 'text')

/** Fields that would change the result, with the values at which they do not. */
const unsupported: Readonly<Record<string, (value: unknown) => boolean>> = {
  frequency_penalty: isOneOf(0),
  presence_penalty: isOneOf(0),
  logit_bias: isEmpty,
  tools: isEmpty,
  tool_choice: isOneOf('none', 'auto'),
  functions: isEmpty,
  function_call: isOneOf('none', 'auto'),
  response_format: isPlainText,
  modalities: isTextOnly,
  audio: never,
  suffix: isOneOf(''),
  reasoning_effort: isOneOf('none'),
  verbosity: isOneOf('medium'),
  web_search_options: never,
  // Of other servers.
  min_p: isOneOf(0),
  typical_p: isOneOf(1),
  min_tokens: isOneOf(0),
  ignore_eos: isOneOf(false),
  length_penalty: isOneOf(1),
  use_beam_search: isOneOf(false),
  mirostat: isOneOf(0),
  grammar: isOneOf(''),
  json_schema: isEmpty,
  guided_json: isEmpty,
  guided_regex: isOneOf(''),
  guided_choice: isEmpty,
  guided_grammar: isOneOf(''),
  structured_outputs: isEmpty,
}

/** Fields of the other endpoint: `best_of` and `echo` of a chat, `messages` of a completion. */
const misplaced = ['best_of', 'echo', 'prompt', 'messages', 'top_logprobs']

export interface Fields<T> {
  readonly fields: T
  /** Names of those that were left out of account. */
  readonly ignored: readonly string[]
}

/** Reads a request's fields; null says the same as absence. @throws ApiError 400 that names the first field that cannot be taken. */
export function readFields<Schema extends z.ZodObject>(schema: Schema, body: Record<string, unknown>): Fields<z.output<Schema>> {
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
  const others = Object.keys(given).filter((name) => !Object.hasOwn(schema.shape, name))
  for (const name of others) {
    if (Object.hasOwn(unsupported, name) && !unsupported[name](given[name]))
      throw badRequest(`'${name}' is not supported here; leave it out`, name, 'unsupported_parameter')
    if (misplaced.includes(name)) throw badRequest(`'${name}' is no field of this endpoint; leave it out`, name, 'unknown_parameter')
  }
  const parsed = z.safeParse(schema, given)
  if (!parsed.success) throw refusal(parsed.error, given)
  return { fields: parsed.data, ignored: others.filter((name) => !Object.hasOwn(unsupported, name)) }
}

function refusal({ issues: [{ path, message: problem }] }: z.ZodError, given: object) {
  const place = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .slice(1)
  if (path.length === 1 && !Object.hasOwn(given, path[0])) return badRequest(`'${place}' is missing`, place, 'missing_required_parameter')
  return badRequest(`'${place}': ${problem}`, place, 'invalid_value')
}
