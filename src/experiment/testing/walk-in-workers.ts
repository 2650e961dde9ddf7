import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { InputError } from '../../engine/errors.ts'
import type { Experiment } from '../definition.ts'
import type { StartWorker } from '../run/worker-pool.ts'
import { walk } from './walk.ts'

const module = pathToFileURL(join(import.meta.dirname, 'walk-in-workers.ts')).href

/** The walk as worker threads load it. Slow enough that units overlap. */
const slow = walk({ step: () => new Promise((resolve) => setTimeout(resolve, 1)) })

export default {
  ...slow,
  workers: { module, threads: 1 },
  unit(context) {
    const { drift } = context.config as { drift: number }
    if (drift === 666) throw new InputError('it leads astray', { where: 'drift 666', fix: 'walk on' })
    return slow.unit(context)
  },
} satisfies Experiment as Experiment

/** Worker threads from TypeScript, by vite. */
export const startWorker: StartWorker = (workerData) => {
  const file = JSON.stringify(join(import.meta.dirname, '..', 'run', 'unit-worker.ts'))
  return new Worker(`import('vite').then((vite) => vite.runnerImport(${file}))`, { eval: true, workerData })
}
