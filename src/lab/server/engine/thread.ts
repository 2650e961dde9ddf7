import { parentPort, workerData } from 'node:worker_threads'
import { sentError } from '../../../engine/errors.ts'
import { configureRuntime } from '../../../engine/index.ts'
import { analyse } from './analyse.ts'
import { exampleSubject, onnxSubject } from './subject.ts'

/*
 * The entry of a worker thread that looks into one step and ends: the server goes on answering, and the sessions that it tells of are those of this step.
 */

/** What the thread is to look into. */
export interface ThreadTask {
  readonly example?: string
  readonly onnx?: Uint8Array
  readonly time: boolean
  readonly threads?: number
}

const { example, onnx, time, threads } = workerData as ThreadTask
configureRuntime({ threads })
try {
  const subject = onnx ? onnxSubject(onnx) : await exampleSubject(example!)
  parentPort!.postMessage({ value: await analyse(subject, { time }) })
} catch (error) {
  parentPort!.postMessage({ error: sentError(error) })
}
