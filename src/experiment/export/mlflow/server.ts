import { InputError } from '../../../engine/errors.ts'
import { shortened } from './values.ts'

export interface ServerOptions {
  /** Where MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, are read; credentials come from nowhere else. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Seconds that one request may take. */
  readonly timeout: number
  readonly signal: AbortSignal
  notice(line: string): void
  /** Waits so many milliseconds between tries; tests do not. */
  pause?(milliseconds: number, signal: AbortSignal): Promise<void>
}

/** The server understood the request and refused it. */
export class Refused extends InputError {
  override name = 'Refused'
  readonly code: string

  constructor(code: string, message: string, where: string) {
    super(`the server refuses: ${shortened(message, 300)} (${code})`, { where })
    this.code = code
  }
}

/** What may be gone a moment later: the server is busy, failing, restarting, or the connection broke. */
class Passing extends Error {
  readonly retryAfter?: number

  constructor(message: string, retryAfter?: number) {
    super(message)
    this.retryAfter = retryAfter
  }

  /** A connection that breaks was there; whoever refuses one, or has no name, is not there at all. */
  get broken(): boolean {
    return ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(this.message)
  }
}

/** Milliseconds before each further try, some 15 s in all. */
const pauses = [500, 1000, 2000, 4000, 8000]
const longestPause = 60_000

/**
 * An MLflow tracking server, spoken to by its REST API. No other host is ever contacted: redirects are not followed.
 * @throws InputError for an address that is none, or that holds credentials
 */
export class MlflowServer {
  /** The address without credentials, for messages. */
  readonly address: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #options: ServerOptions
  #reached = false

  constructor(address: string, options: ServerOptions) {
    this.address = checkedAddress(address)
    this.#options = options
    this.#headers = credentials(options.env)
    const { protocol, hostname } = new URL(this.address)
    const local = /^(localhost|127\.|\[::1\])/.test(hostname)
    if (Object.keys(this.#headers).length > 0 && protocol === 'http:' && !local)
      options.notice(`the credentials go to ${hostname} unencrypted; use https:// where the server has it`)
  }

  get = (path: string, query: Readonly<Record<string, string>>): Promise<unknown> =>
    this.retrying(() => this.once('GET', `${path}?${new URLSearchParams(query)}`))

  post = (path: string, body: object): Promise<unknown> => this.retrying(() => this.once('POST', path, body))

  put = (path: string, body: Uint8Array): Promise<unknown> => this.retrying(() => this.once('PUT', path, body))

  /** Tries again what failed in passing, at most five times; where no server was ever reached only if a connection broke. */
  async retrying<T>(action: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await action()
      } catch (error) {
        if (!(error instanceof Passing)) throw error
        if (attempt === pauses.length || !(this.#reached || error.broken)) throw this.#givenUp(error, attempt + 1)
        const { pause = sleep, signal } = this.#options
        await pause(Math.min(longestPause, Math.max(pauses[attempt], error.retryAfter ?? 0)), signal)
      }
    }
  }

  #givenUp(error: Passing, tries: number): InputError {
    if (!this.#reached)
      return new InputError(`no server can be reached there: ${error.message}`, {
        where: this.address,
        fix: 'check the address; mlflow server starts one',
      })
    const fix = 'the same command goes on where this one stopped'
    return new InputError(`${error.message}, after ${tries} tries`, { where: this.address, fix, cause: error })
  }

  /** One request, once; what fails in passing is for {@link retrying} to catch. */
  async once(method: string, path: string, body?: object | Uint8Array): Promise<unknown> {
    const { signal, timeout } = this.#options
    const binary = body instanceof Uint8Array
    let response: Response
    let text: string
    try {
      response = await fetch(`${this.address}/api/2.0/${path}`, {
        method,
        redirect: 'manual',
        headers: { ...this.#headers, ...(body && { 'content-type': binary ? 'application/octet-stream' : 'application/json' }) },
        body: binary ? (body as Uint8Array<ArrayBuffer>) : body && JSON.stringify(body),
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeout * 1000)]),
      })
      text = await response.text()
    } catch (error) {
      signal.throwIfAborted()
      throw new Passing(connectionProblem(error, timeout))
    }
    this.#reached = true
    return this.#answer(response, text)
  }

  #answer(response: Response, text: string): unknown {
    const { status, headers } = response
    if (response.ok) return this.#json(text)
    if (status === 429 || status >= 500)
      throw new Passing(`the server answers ${status}`, 1000 * Number(headers.get('retry-after') ?? 0) || 0)
    if (status === 401 || status === 403)
      throw new InputError(`the server does not let you in (${status})`, {
        where: this.address,
        fix: 'set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD',
      })
    if (status >= 300 && status < 400)
      throw new InputError('the server sends to another address, which is not followed', {
        where: this.address,
        fix: 'give that address itself',
      })
    const { error_code: code, message } = refusal(text)
    if (code === undefined)
      throw new InputError(`that is no MLflow server: it answers ${status}`, { where: this.address, fix: 'check the address' })
    throw new Refused(code, message ?? '', this.address)
  }

  #json(text: string): unknown {
    try {
      return text ? JSON.parse(text) : {}
    } catch (error) {
      throw new InputError('that is no MLflow server: its answer is no JSON', {
        where: this.address,
        fix: 'check the address',
        cause: error,
      })
    }
  }
}

function checkedAddress(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new InputError('that is no http:// or https:// address', {
      where: '--to mlflow',
      fix: 'for example --to mlflow http://127.0.0.1:5000',
    })
  if (url.username || url.password)
    throw new InputError('the address holds credentials, which would stay in your shell history', {
      where: '--to mlflow',
      fix: 'set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, and give the address without them',
    })
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function credentials({
  MLFLOW_TRACKING_TOKEN: token,
  MLFLOW_TRACKING_USERNAME: user,
  MLFLOW_TRACKING_PASSWORD: password,
}: ServerOptions['env']) {
  const value = user && password ? `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` : token && `Bearer ${token}`
  return (value ? { authorization: value } : {}) as Record<string, string>
}

/** What went wrong on the way, in the words of the operating system. */
function connectionProblem(error: unknown, timeout: number): string {
  if ((error as Error).name === 'TimeoutError') return `no answer within ${timeout} s`
  const { code, message } = ((error as Error).cause ?? error) as NodeJS.ErrnoException
  return code ?? message
}

function refusal(text: string): { error_code?: string; message?: string } {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
