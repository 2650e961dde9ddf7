import { configureRuntime } from '../../../../engine/index.ts'
import type { FromWorker, Tasks, ToWorker } from './messages.ts'

/** Where a worker's messages come from and go to: the worker itself. */
export interface Port {
  postMessage(message: FromWorker): void
  addEventListener(type: 'message', listener: (event: { readonly data: ToWorker }) => void): void
}

/** The runtime in a page: WebAssembly, whose files the lab's server has. Must come before anything is evaluated. */
export function usePageRuntime({ threads }: { readonly threads?: number } = {}): void {
  configureRuntime({ prefer: 'wasm', wasmPaths: new URL('/ort/', globalThis.location.origin).href, threads })
}

/** Answers what the page asks, one after another: a model has one runtime. */
export function serve(tasks: Tasks, port: Port): void {
  const running = new Map<number, AbortController>()
  let last: Promise<unknown> = Promise.resolve()
  port.addEventListener('message', ({ data }) => {
    if ('stop' in data) {
      running.get(data.id)?.abort()
      return
    }
    const { id, name, input } = data
    const control = new AbortController()
    running.set(id, control)
    last = last
      .then(() => {
        control.signal.throwIfAborted()
        return tasks[name](input, (event) => port.postMessage({ id, event }), control.signal)
      })
      .then(
        (result) => port.postMessage({ id, result }),
        (error: unknown) => port.postMessage({ id, error: said(error) }),
      )
      .finally(() => running.delete(id))
  })
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error))
