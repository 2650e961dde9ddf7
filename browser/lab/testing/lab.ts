import { join } from 'node:path'
import { scratch } from '../../../src/experiment/testing/comparable.ts'
import { listenLab, type RunningLab } from '../../../src/lab/server/listen.ts'
import { command, walkMethod } from '../../../src/lab/server/testing/lab.ts'
import { methods } from '../../../src/methods/index.ts'

/** A lab over a folder of its own, which can be away for a while. */
export class TestLab {
  readonly root = join(scratch(), 'runs')
  /** What failed by a defect of ours, in the server’s words. */
  readonly complaints: string[] = []
  #running: RunningLab | undefined
  #port = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Serves; after the first time at the same port. */
  async start(): Promise<void> {
    this.#running = await listenLab({
      root: this.root,
      methods: [...methods, walkMethod],
      command,
      port: this.#port,
      log: (line) => this.complaints.push(line),
    })
    this.#port = Number(new URL(this.#running.url).port)
  }

  async stop(): Promise<void> {
    await this.#running?.close()
    this.#running = undefined
  }
}
