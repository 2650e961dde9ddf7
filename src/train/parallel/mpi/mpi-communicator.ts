import type { TypedArray } from '../../../engine/index.ts'
import type { Communicator, Floats } from '../communicator.ts'
import type { Mpi, Request } from './library.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Tests in a row before a wait gives the processor away: some tens of microseconds, the time of a short message. */
const eagerTests = 50
/** Naps between two turns of the event loop, in which signals and the other ranks' news are heard. */
const napsATurn = 20
const napMilliseconds = 0.05

const never = new Int32Array(new SharedArrayBuffer(4))

/**
 * MPI as a communicator. An operation is started, then asked for: first without pause, then with naps, so that a rank that waits does not take the
 * processor of one that works. The event loop turns meanwhile, and a wait ends where `signal` says that there is nothing to wait for.
 */
export class MpiCommunicator implements Communicator {
  readonly rank: number
  readonly size: number
  /** Operations that are done, and whether one is waited for: what a watchdog looks at. */
  readonly activity = { done: 0, waiting: false }
  readonly #mpi: Mpi
  readonly #signal: AbortSignal
  /** Given up, but perhaps still written by the library. */
  readonly #abandoned: Request[] = []

  constructor(mpi: Mpi, signal: AbortSignal) {
    this.#mpi = mpi
    this.#signal = signal
    this.rank = mpi.rank
    this.size = mpi.size
  }

  send(data: TypedArray, to: number): Promise<void> {
    return this.#complete([this.#mpi.send(data, to)])
  }

  receive(into: TypedArray, from: number): Promise<void> {
    return this.#complete([this.#mpi.receive(into, from)])
  }

  exchange(send: TypedArray, receive: TypedArray, partner: number): Promise<void> {
    return this.#complete([this.#mpi.receive(receive, partner), this.#mpi.send(send, partner)])
  }

  broadcast(data: TypedArray): Promise<void> {
    return this.#complete([this.#mpi.broadcast(data)])
  }

  sum(data: Floats): Promise<void> {
    return this.#complete([this.#mpi.sum(data)])
  }

  async #complete(requests: readonly Request[]): Promise<void> {
    let pending = requests
    for (let tests = 0, naps = 0; ; tests++) {
      pending = pending.filter((request) => !this.#mpi.test(request))
      if (pending.length === 0) break
      if (tests < eagerTests) continue
      this.activity.waiting = true
      if (++naps % napsATurn === 0) await turn()
      if (this.#signal.aborted) {
        this.#abandoned.push(...pending)
        throw this.#signal.reason
      }
      Atomics.wait(never, 0, 0, napMilliseconds)
    }
    this.activity.waiting = false
    this.activity.done++
  }
}
