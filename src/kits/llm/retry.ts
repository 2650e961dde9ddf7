export interface RetryOptions {
  /** How often a request is tried in all (default: 8). */
  readonly attempts?: number
  /** Milliseconds that one attempt may take (default: 120,000). */
  readonly timeout?: number
  /** Milliseconds before the second attempt, at most; the time doubles from one to the next, up to a minute (default: 500). */
  readonly backoff?: number
}

const longest = 60_000

/**
 * Does something that may fail in passing: by time, by the network, because the other side is busy or broken. Between attempts it waits as long as the other
 * side says, or else a random part of a time that doubles, so that many who failed together do not come back together.
 */
export async function retried<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  { attempts = 8, timeout = 120_000, backoff = 500, signal }: RetryOptions & { readonly signal?: AbortSignal },
): Promise<T> {
  for (let tried = 1; ; tried++) {
    signal?.throwIfAborted()
    // The SDK's own timeout ends with the headers; this one holds for the whole response.
    const late = AbortSignal.timeout(timeout)
    try {
      return await attempt(signal ? AbortSignal.any([signal, late]) : late)
    } catch (error) {
      signal?.throwIfAborted()
      const reason = late.aborted ? new Error(`it took longer than ${timeout / 1000} s`, { cause: error }) : error
      if (tried >= attempts || !mayPass(reason)) throw reason
      await pause(asked(error) ?? Math.random() * Math.min(longest, backoff * 2 ** (tried - 1)), signal)
    }
  }
}

/** What the official client throws, as far as it is read here. */
interface Refusal {
  readonly status?: number
  readonly code?: unknown
  readonly headers?: Headers
}

/** Errors without a status are those of the network, or responses that are no answer. */
function mayPass(error: unknown): boolean {
  const { status, code, headers } = error as Refusal
  if (code === 'insufficient_quota' || headers?.get?.('x-should-retry') === 'false') return false
  return status === undefined || status === 408 || status === 409 || status === 429 || status >= 500
}

/** How long the other side asks to wait, in milliseconds. */
function asked(error: unknown): number | undefined {
  const { headers } = error as Refusal
  const header = (name: string): string => headers?.get?.(name) ?? ''
  const said = header('retry-after-ms') ? Number(header('retry-after-ms')) : inMilliseconds(header('retry-after'))
  return Number.isFinite(said) ? Math.min(longest, Math.max(0, said)) : undefined
}

/** Seconds, or a date. */
const inMilliseconds = (text: string): number => (/^[\d.]+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now())

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal!.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
