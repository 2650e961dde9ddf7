import { Worker } from 'node:worker_threads'
import { receivedError, type SentError } from '../../engine/errors.ts'
import { refuseTelemetry } from '../../engine/runtime/telemetry.ts'
import type { RunRecord } from './run-folder.ts'

/** What a worker thread is told when it starts; its entry is unit-worker.ts. */
export interface WorkerTask {
  readonly folder: string
  readonly run: RunRecord
  /** URL of the module whose default export is the experiment. */
  readonly module: string
  /** Threads of the runtime in this worker. */
  readonly threads: number
}

export type ToWorker = { readonly train: string } | { readonly abort: true }

export type FromWorker =
  | { readonly kind: 'progress'; readonly done: number; readonly of: number; readonly note?: string }
  | { readonly kind: 'notice'; readonly line: string }
  | { readonly kind: 'trained' }
  | { readonly kind: 'failed'; readonly error: SentError }

/** What happens to the units, in the thread that asked for them. */
export interface PoolObserver {
  started(unit: string): void
  progress(unit: string, done: number, of: number, note?: string): void
  finished(unit: string): void
  notice(line: string): void
}

export type StartWorker = (task: WorkerTask) => Worker

/** As Node does it, from the compiled files. */
const startFromFile: StartWorker = (workerData) => {
  refuseTelemetry()
  return new Worker(new URL('./unit-worker.js', import.meta.url), { workerData })
}

/** Whether worker threads can be started here: Node does not read TypeScript. */
export const canStartWorkers = (start?: StartWorker): boolean => start !== undefined || !import.meta.url.endsWith('.ts')

/**
 * Trains units side by side, each in one of `count` worker threads, in the order given. One that fails stops the others at their next step; the
 * first error is thrown when all have stopped. Units do not see each other, so their numbers are those of a run one after another.
 */
export async function trainInWorkers(
  task: WorkerTask,
  units: readonly string[],
  { count, signal, observer, start = startFromFile }: { count: number; signal: AbortSignal; observer: PoolObserver; start?: StartWorker },
): Promise<void> {
  const queue = [...units]
  const failed = new AbortController()
  const failures: unknown[] = []
  const stop = AbortSignal.any([signal, failed.signal])
  const work = async () => {
    const worker = start(task)
    const abort = () => worker.postMessage({ abort: true } satisfies ToWorker)
    stop.addEventListener('abort', abort)
    try {
      for (let unit = queue.shift(); unit !== undefined && !stop.aborted; unit = queue.shift()) {
        observer.started(unit)
        await train(worker, unit, observer)
        observer.finished(unit)
      }
    } catch (error) {
      failures.push(error)
      failed.abort()
    } finally {
      stop.removeEventListener('abort', abort)
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: count }, work))
  if (failures.length > 0) throw failures[0]
  signal.throwIfAborted()
}

/** Sends a unit to a worker and waits for its end. */
function train(worker: Worker, unit: string, observer: PoolObserver): Promise<void> {
  return new Promise((resolve, reject) => {
    const listen = (message: FromWorker) => {
      if (message.kind === 'progress') return observer.progress(unit, message.done, message.of, message.note)
      if (message.kind === 'notice') return observer.notice(message.line)
      settle()
      if (message.kind === 'trained') resolve()
      else reject(receivedError(message.error))
    }
    const fail = (error: Error) => {
      settle()
      reject(error)
    }
    const exit = () => fail(new Error(`a worker thread ended while it trained ${unit}`))
    const settle = () => worker.off('message', listen).off('error', fail).off('exit', exit)
    worker.on('message', listen).on('error', fail).on('exit', exit)
    worker.postMessage({ train: unit } satisfies ToWorker)
  })
}
