import { InputError } from '../../engine/index.ts'
import { Cassette } from './cassette.ts'
import { gate } from './gate.ts'
import { type RetryOptions, retried } from './retry.ts'

export interface Message {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export interface CompleteOptions {
  readonly temperature?: number
  readonly topP?: number
  readonly maxTokens?: number
  readonly seed?: number
  readonly stop?: string | readonly string[]
  /** Asks for one JSON object, of endpoints that can. */
  readonly json?: boolean
  /** Tells draws of the same request apart, so that each is asked for and kept (default: 0). */
  readonly draw?: number
  /** Other fields of the request, as they are sent; `max_completion_tokens` for models that refuse `max_tokens`, say. */
  readonly extra?: Readonly<Record<string, unknown>>
  readonly signal?: AbortSignal
}

export interface Answer {
  readonly text: string
  /** Why it ends: `stop`, or `length` where it was cut, or what else the endpoint says. */
  readonly finish: string
  readonly usage?: { readonly prompt: number; readonly completion: number }
  /** The model as the endpoint calls it. */
  readonly model: string
  /** Whether it was kept from before, and nobody was asked. */
  readonly isKept: boolean
}

/** Something that answers conversations. */
export interface Endpoint {
  readonly name: string
  /** @throws EndpointError where there is no answer; what comes instead of one is never taken for it. */
  complete(messages: readonly Message[], options?: CompleteOptions): Promise<Answer>
}

export interface EndpointOptions extends RetryOptions {
  /** Such as `https://api.openai.com/v1`. */
  readonly baseURL: string
  readonly model: string
  /** The environment variable that holds the key; none is sent without it. */
  readonly apiKeyEnv?: string
  /** A folder where answers are kept, a file each, so that the same request is not paid for twice. */
  readonly cache?: string
  /** Requests at a time (default: 8). */
  readonly concurrency?: number
  /** Instead of the platform's own `fetch`: an endpoint in this process, say. */
  readonly fetch?: typeof fetch
}

/**
 * Why there is no answer.
 *
 * @example
 * const error = new EndpointError('no answer: 401 the key is wrong', { status: 401, where: 'http://localhost/v1' })
 * error.status // 401
 */
export class EndpointError extends InputError {
  override name = 'EndpointError'
  /** The HTTP status, where there was one: 401, 403 and 404 mean that no other request would fare better. */
  readonly status?: number

  constructor(what: string, { status, ...context }: { status?: number; where?: string; fix?: string; cause?: unknown }) {
    super(what, context)
    this.status = status
  }
}

/**
 * Any endpoint that speaks OpenAI's chat protocol: a hosted service, another program on this machine, or `quire lm serve`. What passes (429, 5xx, time, the
 * network) is tried again; the key comes from the environment alone, and is in no file and no message.
 *
 * @throws InputError where the address is none, or the variable is not set.
 * @example
 * const judge = openAiEndpoint({
 *   baseURL: 'http://localhost/v1',
 *   model: 'parrot',
 *   fetch: async () => Response.json({ model: 'parrot', choices: [{ message: { content: 'yes' }, finish_reason: 'stop' }] }),
 * })
 * const { text } = await judge.complete([{ role: 'user', content: 'Is it good?' }], { temperature: 0 })
 * text // 'yes'
 */
export function openAiEndpoint(options: EndpointOptions): Endpoint {
  const { baseURL, model, cache, concurrency = 8 } = options
  requireAddress(baseURL)
  const key = options.apiKeyEnv === undefined ? undefined : keyIn(options.apiKeyEnv)
  const cassette = cache === undefined ? undefined : new Cassette(cache)
  const enter = gate(concurrency)
  const client = lazily(() => clientOf(options, key))
  return {
    name: `${model} at ${baseURL}`,
    async complete(messages, { draw = 0, signal, ...rest } = {}) {
      const body = bodyOf(model, messages, rest)
      const request = { baseURL, draw, body }
      const kept = cassette?.find(request)
      if (kept) return { ...kept, isKept: true }
      const answer = await enter(async () => {
        const ask = (limit: AbortSignal) => client().then((ready) => ready(body, limit))
        return retried(ask, { ...options, signal }).catch((error) => {
          signal?.throwIfAborted()
          throw told(error, baseURL, key)
        })
      }, signal)
      cassette?.keep(request, answer)
      return { ...answer, isKept: false }
    },
  }
}

function requireAddress(baseURL: string): void {
  const fix = 'give one such as http://127.0.0.1:8080/v1'
  let url: URL
  try {
    url = new URL(baseURL)
  } catch (cause) {
    throw new InputError(`'${baseURL}' is no address`, { fix, cause })
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new InputError(`'${baseURL}' is not of http or https`, { fix })
  if (url.username || url.password || url.search)
    throw new InputError('the address of the endpoint holds a user, a password or a query', {
      fix: 'give the key in an environment variable',
    })
}

function keyIn(name: string): string {
  const key = process.env[name]?.trim()
  if (!key) throw new InputError('the environment variable is not set', { where: name, fix: `export ${name}=…, the key of the endpoint` })
  return key
}

function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}

type Body = Readonly<Record<string, unknown>>

/** What is sent; absent options are not. */
function bodyOf(model: string, messages: readonly Message[], options: Omit<CompleteOptions, 'draw' | 'signal'>): Body {
  const { temperature, topP, maxTokens, seed, stop, json, extra } = options
  const fields = {
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    temperature,
    top_p: topP,
    max_tokens: maxTokens,
    seed,
    stop,
    ...(json && { response_format: { type: 'json_object' } }),
    ...extra,
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/** Without the SDK's own retries: only one place may retry, or attempts multiply. Its other variables of the environment are not read. */
async function clientOf({ baseURL, fetch, model }: EndpointOptions, key: string | undefined) {
  const { default: OpenAI } = await import('openai')
  const client = new OpenAI({
    baseURL,
    apiKey: key ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: 2 ** 31 - 1,
    fetch,
    ...(key === undefined && { defaultHeaders: { authorization: null } }),
  })
  return async (body: Body, signal: AbortSignal): Promise<Omit<Answer, 'isKept'>> => {
    const whole: unknown = await client.chat.completions.create({ ...body, stream: false } as never, { signal })
    return answerIn(whole, model)
  }
}

/** The parts of a response that are read; anything may come. */
interface Response {
  readonly model?: string
  readonly choices?: readonly { readonly message?: { readonly content?: unknown }; readonly finish_reason?: unknown }[]
  readonly usage?: { readonly prompt_tokens?: unknown; readonly completion_tokens?: unknown }
}

/** @throws Error for what is no whole answer; it is tried again. */
function answerIn(response: unknown, model: string): Omit<Answer, 'isKept'> {
  const { choices, usage, model: name } = (typeof response === 'object' && response !== null ? response : {}) as Response
  const { message, finish_reason: finish } = choices?.[0] ?? {}
  if (typeof message?.content !== 'string') throw new Error('the response has no text')
  if (typeof finish !== 'string') throw new Error('the response does not say why its text ends')
  const { prompt_tokens: prompt, completion_tokens: completion } = usage ?? {}
  return {
    text: message.content,
    finish,
    model: typeof name === 'string' ? name : model,
    ...(typeof prompt === 'number' && typeof completion === 'number' && { usage: { prompt, completion } }),
  }
}

const fixes: Readonly<Record<number, string>> = {
  401: 'the key is wrong or missing',
  403: 'the key may not do this',
  404: 'the model or the address is not there',
}

/** The last error in one line, in which the key cannot stand. */
function told(error: unknown, where: string, key: string | undefined): EndpointError {
  const { status, message } = error as { status?: number; message?: string }
  const text = key ? (message ?? String(error)).replaceAll(key, '…') : (message ?? String(error))
  return new EndpointError(`no answer: ${text}`, {
    status,
    where,
    fix: status === undefined ? undefined : fixes[status],
    cause: key ? undefined : error,
  })
}
