import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { StartWorker } from '../runtime/worker.ts'

/** The thread of a runtime from TypeScript, by vite. */
export const startWorker: StartWorker = (workerData) => {
  const file = JSON.stringify(join(import.meta.dirname, '..', 'runtime', 'worker-entry.ts'))
  return new Worker(`import('vite').then((vite) => vite.runnerImport(${file}))`, { eval: true, workerData })
}
