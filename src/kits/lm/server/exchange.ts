import { randomUUID } from 'node:crypto'
import { InputError } from '../../../engine/index.ts'
import { ApiError } from './errors.ts'
import type { Usage } from './plan.ts'

/** A request and its response, as the log tells of them: one line when all is over. */
export class Exchange {
  readonly id = `req_${randomUUID().replaceAll('-', '')}`
  usage?: Usage
  readonly #method: string
  readonly #path: string
  readonly #log: (line: string) => void
  readonly #begun = performance.now()
  #isOver = false
  #goesOn = false

  constructor(method: string, path: string, log: (line: string) => void) {
    this.#method = method
    this.#path = path
    this.#log = log
  }

  /** The response's body is still to come. */
  goesOn(): void {
    this.#goesOn = true
  }

  answered(status: number): void {
    if (!this.#goesOn) this.end(status)
  }

  end(status: number): void {
    if (this.#isOver) return
    this.#isOver = true
    const tokens = this.usage ? ` ${this.usage.prompt_tokens}+${this.usage.completion_tokens} tokens` : ''
    this.#log(`${this.#method} ${this.#path.slice(0, 200)} ${status}${tokens} ${Math.round(performance.now() - this.#begun)} ms`)
  }

  /** Defects are told with their stacks; refusals are not, their status says enough. */
  failed(error: unknown): void {
    if (error instanceof ApiError || error instanceof InputError) return
    this.#log(`${this.id} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  }
}
