import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { RuntimeOptions } from '../runtime/runtime.ts'
import type { StartWorker } from '../runtime/worker.ts'

const file = JSON.stringify(join(import.meta.dirname, '..', 'runtime', 'worker-entry.ts'))
const entry = `import('vite').then((vite) => vite.runnerImport(${file}))`

/** The thread of a runtime from TypeScript, by vite. */
export const startWorker = (workerData: RuntimeOptions): Worker => new Worker(entry, { eval: true, workerData })

/** A thread that stands still when it is asked to run a session, until it is let go. */
export function heldWorker(): { start: StartWorker; letGo: () => void } {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const hold = `
    const { parentPort, workerData } = require('node:worker_threads')
    parentPort.on('message', (request) => 'session' in request && Atomics.wait(workerData.gate, 0, 0))
    ${entry}`
  return {
    start: (options) => new Worker(hold, { eval: true, workerData: { ...options, gate } }),
    letGo: () => {
      Atomics.store(gate, 0, 1)
      Atomics.notify(gate, 0)
    },
  }
}
