import { type Context, Hono } from 'hono'
import { keyCheck, requireLocal } from './access.ts'
import { readJson } from './body.ts'
import { planChat } from './chat-completions.ts'
import { generate } from './choices.ts'
import { planCompletion } from './completions.ts'
import { ApiError, asApiError, clientLeft } from './errors.ts'
import { Exchange } from './exchange.ts'
import { counted, type Plan, type Work } from './plan.ts'
import { Requests, type Running } from './requests.ts'
import type { ServedModel } from './served-model.ts'
import { eventStream } from './sse.ts'

export interface AppOptions {
  /** Requests must carry it (default: none is needed). */
  readonly apiKey?: string
  /** The most texts under way, those that wait included (default: 1024); what comes past it is answered with 429. */
  readonly queue?: number
  /** The most bytes of a request (default: 4 MB). */
  readonly bodyLimit?: number
  /** Milliseconds without an event after which a comment is sent (default: 15,000). */
  readonly keepAlive?: number
  /** Milliseconds after which a client that reads nothing is given up (default: 60,000). */
  readonly stall?: number
  /** Whether requests must be addressed to this machine by its local names (default: no). */
  readonly localOnly?: boolean
  /** A line for each request: method, path, status, tokens, time; never a text or a key. */
  log?(line: string): void
}

/** The server without its socket: a function from requests to responses. */
export interface OpenAiApp {
  fetch(request: Request, connection?: Connection): Promise<Response>
  /** Takes nothing on any more, waits for what is under way, and ends it after `grace` milliseconds (default: 0). The model's service stays open. */
  close(grace?: number): Promise<void>
}

/** What an adaptor to Node's http hands over besides the request. */
interface Connection {
  readonly outgoing?: { destroy(): void }
}

type Env = { Bindings: Connection; Variables: { exchange: Exchange } }

/**
 * Answers what OpenAI's clients ask for, from one model: `/v1/models`, `/v1/chat/completions`, `/v1/completions`, and `/health`.
 *
 * @example
 * import OpenAI from 'openai'
 * import { byteTokenizer, initDecoder, llamaConfig, sizes } from 'quire/lm'
 *
 * const config = llamaConfig({ ...sizes.tiny })
 * const model = servedModel({ config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }, { name: 'tiny' })
 * const app = openAiApp(model)
 * const client = new OpenAI({ baseURL: 'http://localhost/v1', apiKey: 'none', fetch: (url, init) => app.fetch(new Request(url, init)) })
 * const { usage } = await client.completions.create({ model: 'tiny', prompt: 'Once', max_tokens: 3 })
 * usage?.prompt_tokens // 5
 * await model.service.close()
 */
export function openAiApp(model: ServedModel, options: AppOptions = {}): OpenAiApp {
  const { queue = 1024, bodyLimit = 4_000_000, keepAlive = 15_000, stall = 60_000, apiKey, localOnly = false, log = () => {} } = options
  const requests = new Requests(queue)
  const checkKey = apiKey === undefined ? () => {} : keyCheck(apiKey)
  const entry = {
    id: model.name,
    object: 'model',
    created: Math.floor(Date.now() / 1000),
    owned_by: 'quire',
    context_length: model.context,
  }

  const requireModel = (name: string): void => {
    if (name !== model.name)
      throw new ApiError(404, `there is no model '${name}'; this server has '${model.name}'`, { param: 'model', code: 'model_not_found' })
  }

  async function answer(c: Context<Env>, planOf: (model: ServedModel, body: Record<string, unknown>) => Plan): Promise<Response> {
    const body = await readJson(c.req.raw, bodyLimit)
    if (typeof body.model === 'string') requireModel(body.model)
    const plan = planOf(model, body)
    const running = requests.begin(plan.count, c.req.raw.signal)
    const work = begin(plan, running)
    c.var.exchange.usage = plan.usage
    if (plan.ignored.length > 0) c.header('x-ignored-fields', plan.ignored.map(inHeader).join(', ').slice(0, 1000))
    if (plan.isStream) return stream(c, plan, work, running)
    try {
      return c.json(await plan.answer(work))
    } finally {
      running.end()
    }
  }

  /** What the service refuses is refused before a stream has its status. */
  function begin(plan: Plan, running: Running): Work {
    const { signal } = running
    try {
      return { signal, pieces: counted(generate(model, plan.tasks(), signal), plan.usage) }
    } catch (error) {
      running.end()
      throw error
    }
  }

  function stream(c: Context<Env>, plan: Plan, work: Work, running: Running): Response {
    const exchange = c.var.exchange
    exchange.goesOn()
    const end = (status: number) => {
      running.end()
      exchange.end(status)
    }
    const events = eventStream(messages(plan, work, exchange, end), {
      keepAlive,
      stall,
      onLeave() {
        running.leave()
        end(clientLeft().status)
      },
      disconnect: c.env?.outgoing && (() => c.env.outgoing!.destroy()),
    })
    return c.body(events, 200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    })
  }

  const app = new Hono<Env>()
  app.use(async (c, next) => {
    const exchange = new Exchange(c.req.method, c.req.path, log)
    c.set('exchange', exchange)
    await next()
    c.header('x-request-id', exchange.id)
    exchange.answered(c.req.raw.signal.aborted ? clientLeft().status : c.res.status)
  })
  app.use(async (c, next) => {
    if (localOnly) requireLocal(c.req.url)
    await next()
  })
  app.get('/health', (c) => {
    requests.requireOpen()
    return c.json({ status: 'ok', ...model.service.load })
  })
  app.use('/v1/*', async (c, next) => {
    checkKey(c.req.header('authorization'))
    await next()
  })
  app.get('/v1/models', (c) => c.json({ object: 'list', data: [entry] }))
  app.get('/v1/models/:id{.+}', (c) => {
    requireModel(c.req.param('id'))
    return c.json(entry)
  })
  app.post('/v1/chat/completions', (c) => answer(c, planChat))
  app.post('/v1/completions', (c) => answer(c, planCompletion))
  app.all('/v1/embeddings', () => {
    throw new ApiError(404, `'${model.name}' continues texts and has no embeddings to give`, { code: 'embeddings_not_supported' })
  })
  app.notFound((c) => refuse(c, new ApiError(404, `there is no ${c.req.method} ${c.req.path} here`, { code: 'unknown_url' })))
  app.onError((error, c) => {
    c.var.exchange.failed(error)
    return refuse(c, asApiError(error))
  })
  return { fetch: async (request, connection) => app.fetch(request, connection), close: (grace = 0) => requests.close(grace) }
}

/** A name from a request as it may stand in a header. */
const inHeader = (name: string): string => name.replace(/[^\w.-]/g, '?')

const refuse = (c: Context, refusal: ApiError): Response => c.json(refusal.body, refusal.status as 400, { ...refusal.headers })

/** The events of a stream; what goes wrong on the way is one of them, since its status has been sent. */
async function* messages(plan: Plan, work: Work, exchange: Exchange, end: (status: number) => void): AsyncGenerator<string> {
  try {
    for await (const chunk of plan.chunks(work)) yield JSON.stringify(chunk)
    end(200)
    yield '[DONE]'
  } catch (error) {
    exchange.failed(error)
    const refusal = asApiError(error)
    end(refusal.status)
    yield JSON.stringify(refusal.body)
  }
}
