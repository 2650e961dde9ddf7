import { setMaxListeners } from 'node:events'
import { ApiError, clientLeft, shuttingDown, tooMany } from './errors.ts'

/** A request under way. */
export interface Running {
  /** Aborted when the client has left, or the server must end. */
  readonly signal: AbortSignal
  /** The client has left. */
  leave(): void
  /** However it went: what may still be generated for it is not wanted any more. */
  end(): void
}

/** The requests under way: bounded in number, and ended together. A request counts as many times as it has texts to generate. */
export class Requests {
  readonly #limit: number
  readonly #running = new Set<AbortController>()
  readonly #waiting: (() => void)[] = []
  #sequences = 0
  #closed = false

  /** @param limit how many texts may be under way, those that wait for a place in the batch included */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** @throws ApiError 400 for a request that never fits, 429 for one that does not now, 503 when closed. */
  begin(sequences: number, client: AbortSignal): Running {
    this.requireOpen()
    if (sequences > this.#limit)
      throw new ApiError(400, `the request asks for ${sequences} texts, and the server takes ${this.#limit} at a time`)
    if (this.#sequences + sequences > this.#limit)
      throw tooMany(`${this.#sequences} texts are under way or wait, and the limit is ${this.#limit}; try again later`)
    const controller = new AbortController()
    // Each of the texts listens.
    setMaxListeners(0, controller.signal)
    const leave = () => controller.abort(clientLeft())
    if (client.aborted) leave()
    client.addEventListener('abort', leave, { once: true })
    this.#running.add(controller)
    this.#sequences += sequences
    return {
      signal: controller.signal,
      leave,
      end: () => {
        if (!this.#running.delete(controller)) return
        client.removeEventListener('abort', leave)
        leave()
        this.#sequences -= sequences
        if (this.#running.size === 0) for (const wake of this.#waiting.splice(0)) wake()
      },
    }
  }

  /** @throws ApiError 503 when closed. */
  requireOpen(): void {
    if (this.#closed) throw shuttingDown()
  }

  /** Lets nobody in any more, waits for those under way, and ends them after `grace` milliseconds. */
  async close(grace: number): Promise<void> {
    this.#closed = true
    const timer = setTimeout(() => {
      for (const controller of this.#running) controller.abort(shuttingDown())
    }, grace)
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    clearTimeout(timer)
  }
}
