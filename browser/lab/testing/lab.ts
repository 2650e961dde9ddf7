import { join } from 'node:path'
import { scratch } from '../../../src/experiment/testing/comparable.ts'
import { walk } from '../../../src/experiment/testing/walk.ts'
import { listenLab, type RunningLab } from '../../../src/lab/server/listen.ts'
import { type Method, methods } from '../../../src/methods/index.ts'

/** A method whose smallest judged run takes a second or two, and five milliseconds a step more: as slow as a test wants it. */
export const walkMethod: Method = {
  number: 98,
  name: 'walk',
  title: 'Walking',
  arxiv: '0000.00000',
  area: 'feet',
  summary: { en: 'Walks.', zh: '行走。' },
  experiment: async () => walk(),
  verbs: async () => [],
}

/** The command line with the walk as its method, in a process of its own. */
const child = join(import.meta.dirname, '../../../src/cli/testing/child.ts')
const command = [process.execPath, '-e', `import('vite').then((vite) => vite.runnerImport(${JSON.stringify(child)}))`]

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
