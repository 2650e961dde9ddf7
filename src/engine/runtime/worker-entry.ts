import { parentPort, workerData } from 'node:worker_threads'
import type { NDArray } from '../array.ts'
import { sentError } from '../errors.ts'
import { configureRuntime, getRuntime, type RuntimeOptions, type Session } from './runtime.ts'
import { type Answer, isShared, type Request } from './worker.ts'

/*
 * The entry of a runtime's thread: makes sessions and runs them, one request after another.
 */

/** A session with memory of its own for what the runtime cannot read or write in place. */
interface Hosted {
  readonly session: Session
  readonly staged: NDArray[]
  results?: NDArray[]
}

const hosted: Hosted[] = []

async function serve(request: Request): Promise<unknown> {
  const runtime = await getRuntime()
  if ('create' in request) {
    return hosted.push({ session: await runtime.createSession(request.create, request.signature), staged: [] }) - 1
  }
  const host = hosted[request.session]
  if (runtime.takesShared) {
    await host.session.run(request.inputs, request.results)
    return undefined
  }
  host.results = await host.session.run(
    request.inputs.map((input, i) => (isShared(input) ? stage(host, input, i) : input)),
    host.results,
  )
  host.results.forEach(({ data }, i) => {
    request.results[i].data.set(data)
  })
  return undefined
}

function stage({ staged }: Hosted, input: NDArray, i: number): NDArray {
  if (staged[i]) staged[i].data.set(input.data)
  else staged[i] = { ...input, data: input.data.slice() }
  return staged[i]
}

async function introduce(): Promise<unknown> {
  configureRuntime(workerData as RuntimeOptions)
  const { name, version, threads, channelBlock } = await getRuntime()
  return { name, version, threads, channelBlock }
}

const answer = async (work: Promise<unknown>): Promise<void> =>
  parentPort!.postMessage(await work.then((value): Answer => ({ value })).catch((error): Answer => ({ error: sentError(error) })))

await answer(introduce())
let last = Promise.resolve()
parentPort!.on('message', (request: Request) => {
  last = last.then(() => answer(serve(request)))
})
