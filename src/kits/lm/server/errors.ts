import { InputError } from '../../../engine/index.ts'
import { QueueFullError } from '../generate/service.ts'

/** What of a refusal is not its message; see OpenAI's "error codes". */
export interface ApiErrorContext {
  readonly type?: string
  /** The field of the request that is to blame. */
  readonly param?: string
  readonly code?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Error bodies as OpenAI's clients read them. */
export interface ErrorBody {
  readonly error: { readonly message: string; readonly type: string; readonly param: string | null; readonly code: string | null }
}

/** A refusal with its HTTP status; clients map the status to their typed exceptions. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly #context: ApiErrorContext

  constructor(status: number, message: string, context: ApiErrorContext = {}) {
    super(message.replace(/\s*[\r\n]+\s*/g, ' '))
    this.status = status
    this.headers = context.headers ?? {}
    this.#context = context
  }

  get body(): ErrorBody {
    const { type = 'invalid_request_error', param = null, code = null } = this.#context
    return { error: { message: this.message, type, param, code } }
  }
}

/** Status 400, for a field of the request. */
export const badRequest = (message: string, param?: string, code?: string): ApiError => new ApiError(400, message, { param, code })

/** Status 503, of a server that is about to end. */
export const shuttingDown = (): ApiError =>
  new ApiError(503, 'the server is shutting down', { type: 'server_error', code: 'shutting_down', headers: { 'retry-after': '5' } })

/** Status 429: come again. */
export const tooMany = (message: string): ApiError =>
  new ApiError(429, message, { type: 'rate_limit_error', code: 'rate_limit_exceeded', headers: { 'retry-after': '1' } })

/** nginx's status for a client that did not wait for its response; nobody receives it, but the log says it. */
export const clientLeft = (): ApiError => new ApiError(499, 'the client has left')

/** Whatever went wrong, as a refusal: what the input caused is a 400, the rest a defect of ours, of which strangers are told no more. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof QueueFullError) return tooMany(error.message)
  if (error instanceof InputError) return badRequest(error.message)
  return new ApiError(500, 'the server failed at this request; its log says more', { type: 'server_error', code: 'internal_error' })
}
