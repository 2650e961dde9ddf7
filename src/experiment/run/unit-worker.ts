import { parentPort, workerData } from 'node:worker_threads'
import { sentError } from '../../engine/errors.ts'
import { configureRuntime } from '../../engine/runtime/runtime.ts'
import type { Experiment } from '../definition.ts'
import { armsOf } from '../experiment.ts'
import { openMetrics } from './metrics.ts'
import { pathsOf } from './run-folder.ts'
import { runUnit } from './unit.ts'
import type { FromWorker, ToWorker, WorkerTask } from './worker-pool.ts'

/*
 * The entry of a worker thread: it reads the data once, then trains the units that it is sent, one at a time.
 */

const { folder, run, module, threads } = workerData as WorkerTask
const stop = new AbortController()
const send = (message: FromWorker) => parentPort!.postMessage(message)

/** Milliseconds between messages of progress: a step may take less than its message. */
const progressEvery = 100

configureRuntime({ threads })
const { default: definition } = (await import(/* @vite-ignore */ module)) as { default: Experiment }
const arms = armsOf(definition, run.config)
const loading = definition.data({ config: run.config, seeds: run.seeds, data: run.dataFrom, signal: stop.signal, log: () => {} })
loading.catch(() => {}) // said when a unit asks for it

async function train(name: string): Promise<void> {
  const { value: data } = await loading
  const { arm, seed } = run.units.find(({ unit }) => unit === name)!
  const metrics = openMetrics(pathsOf(folder).metrics)
  let told = 0
  try {
    await runUnit({
      definition,
      folder,
      run,
      arm: arms.find(({ id }) => id === arm)!,
      seed,
      data,
      metrics,
      signal: stop.signal,
      progress(done, of, note) {
        const now = performance.now()
        if (now - told < progressEvery) return
        told = now
        send({ kind: 'progress', done, of, note })
      },
      notice: (line) => send({ kind: 'notice', line }),
    })
  } finally {
    metrics.close()
  }
}

parentPort!.on('message', (message: ToWorker) => {
  if ('abort' in message) return stop.abort()
  train(message.train).then(
    () => send({ kind: 'trained' }),
    (error) => send({ kind: 'failed', error: sentError(error) }),
  )
})
