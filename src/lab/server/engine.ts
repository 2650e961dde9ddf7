import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Hono } from 'hono'
import { z } from 'zod'
import { receivedError, type SentError } from '../../engine/errors.ts'
import { InputError } from '../../engine/index.ts'
import { refuseTelemetry } from '../../engine/runtime/telemetry.ts'
import type { EngineStep, EngineSubjects } from '../api-engine.ts'
import { examples } from './engine/examples.ts'
import { onnxFiles } from './engine/files.ts'
import type { ThreadTask } from './engine/thread.ts'
import { notFound } from './problems.ts'

/** Starts a thread whose entry is engine/thread.js. */
export type StartThread = (task: ThreadTask) => Worker

export interface EngineRoutesOptions {
  /** The folder of runs. */
  readonly root: string
  /** Default: from this file's folder. */
  readonly start?: StartThread
}

const requestSchema = z.strictObject({
  example: z.string().optional(),
  run: z.string().optional(),
  file: z.string().optional(),
  time: z.boolean().default(false),
})

/** The largest model that is looked into, in bytes, and the longest time that is spent on it, in milliseconds. */
const [mostBytes, mostTime] = [200e6, 120_000]

/** `/api/engine`: compiled steps to look into. One at a time, each in a thread of its own. */
export function engineRoutes({ root, start = startThread }: EngineRoutesOptions): Hono {
  const app = new Hono()
  let last: Promise<unknown> = Promise.resolve()
  app.get('/', (context) =>
    context.json({
      examples: Object.entries(examples).map(([name, { title, about }]) => ({ name, title, about })),
      files: onnxFiles(root),
    } satisfies EngineSubjects),
  )
  app.post('/', async (context) => {
    const task = taskOf(root, await context.req.json().catch(() => undefined))
    const mine = last.then(() => looked(start(task)))
    last = mine.catch(() => {})
    return context.json(await mine)
  })
  return app
}

const startThread: StartThread = (workerData) => {
  refuseTelemetry()
  return new Worker(new URL('./engine/thread.js', import.meta.url), { workerData })
}

/** @throws InputError for what is no request, no example, or no file that a run has left. */
function taskOf(root: string, body: unknown): ThreadTask {
  const parsed = requestSchema.safeParse(body)
  if (!parsed.success) throw new InputError('is no request for a step', { fix: 'send { "example": NAME } or { "run": …, "file": … }' })
  const { example, run, file, time } = parsed.data
  if (example !== undefined) {
    if (!Object.hasOwn(examples, example))
      throw new InputError(`there is no example '${example}'`, { fix: `take ${Object.keys(examples).join(', ')}` })
    return { example, time }
  }
  // Only what the list has: a path is never made of what was sent.
  const found = onnxFiles(root).find((one) => one.run === run && one.file === file)
  if (!found) throw notFound('there is no such ONNX file among the runs')
  if (found.bytes > mostBytes) throw new InputError(`has ${found.bytes} bytes; more than ${mostBytes} are not drawn`, { where: found.file })
  return { onnx: new Uint8Array(readFileSync(join(root, found.run, found.file))), time }
}

function looked(thread: Worker): Promise<EngineStep> {
  return new Promise<EngineStep>((resolve, reject) => {
    const late = setTimeout(() => reject(new InputError(`it takes more than ${mostTime / 1000} s to look into this`)), mostTime)
    thread.once('message', (answer: { value: EngineStep } | { error: SentError }) => {
      clearTimeout(late)
      if ('value' in answer) resolve(answer.value)
      else reject(receivedError(answer.error))
    })
    thread.once('error', reject)
    thread.once('exit', () => reject(new InputError('the thread that looked into it ended')))
  }).finally(() => thread.terminate())
}
