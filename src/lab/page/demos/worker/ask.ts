import type { EventOf, FromWorker, InputOf, ResultOf, Tasks, ToWorker } from './messages.ts'

/** What a page needs of a `Worker`. */
export interface WorkerLike {
  postMessage(message: ToWorker): void
  addEventListener(type: 'message', listener: (event: { readonly data: FromWorker }) => void): void
  addEventListener(type: 'error', listener: (event: { readonly message?: string }) => void): void
  terminate(): void
}

export interface AskOptions<Event> {
  /** What is told before the answer. */
  onEvent?(event: Event): void
  /** Asks the worker to stop; the answer is then an error, or what there is by then. */
  readonly signal?: AbortSignal
}

/** A worker that is asked by name. */
export interface Assistant<T extends Tasks> {
  ask<Name extends keyof T & string>(
    name: Name,
    input: InputOf<T, Name>,
    options?: AskOptions<EventOf<T, Name>>,
  ): Promise<ResultOf<T, Name>>
  close(): void
}

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
  onEvent?(event: unknown): void
}

export function assistant<T extends Tasks>(worker: WorkerLike): Assistant<T> {
  const waiting = new Map<number, Waiting>()
  let last = 0
  worker.addEventListener('message', ({ data }) => {
    const one = waiting.get(data.id)
    if (!one) return
    if ('event' in data) {
      one.onEvent?.(data.event)
      return
    }
    waiting.delete(data.id)
    if ('result' in data) one.resolve(data.result)
    else one.reject(new Error(data.error))
  })
  worker.addEventListener('error', ({ message = 'the worker did not start' }) => {
    for (const { reject } of waiting.values()) reject(new Error(message))
    waiting.clear()
  })
  return {
    ask(name, input, { onEvent, signal } = {}) {
      const id = ++last
      signal?.addEventListener('abort', () => worker.postMessage({ id, stop: true }), { once: true })
      return new Promise<never>((resolve, reject) => {
        waiting.set(id, { resolve: resolve as Waiting['resolve'], reject, onEvent: onEvent as Waiting['onEvent'] })
        worker.postMessage({ id, name, input })
        if (signal?.aborted) worker.postMessage({ id, stop: true })
      })
    },
    close: () => worker.terminate(),
  }
}
