import { configureRuntime } from '../../engine/index.ts'
import type { SweepOptions } from '../../experiment/testing/sweep.ts'
import { methods } from '../../methods/index.ts'
import { sweepMethod } from './sweep-method.ts'

/* The sweep of one method in a process of its own, for scripts/faults.mjs: it is told what to do before this is imported, and sends what it finds. */

interface Task extends SweepOptions {
  readonly method: string
}

const { method, ...options } = (globalThis as unknown as { sweepOptions: Task }).sweepOptions
// Sweeps run side by side, one a core.
configureRuntime({ threads: 1 })
const send = (message: object) => new Promise<void>((resolve) => process.send!(message, undefined, undefined, () => resolve()))

const progress = (stage: number, of: number, cases: number, failures: readonly string[]) =>
  void send({ stage, of, cases, failed: failures.length, newest: failures.at(-1) })
await send({ swept: await sweepMethod(methods.find(({ name }) => name === method)!, { ...options, progress }) })
