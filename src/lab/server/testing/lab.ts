import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RunRequest } from '../../../experiment/run/request.ts'
import { runExperiment } from '../../../experiment/run/run.ts'
import { scratch } from '../../../experiment/testing/comparable.ts'
import { walk } from '../../../experiment/testing/walk.ts'
import type { Method } from '../../../methods/method.ts'
import type { RunEvent } from '../../api.ts'
import { type LabOptions, labApp } from '../app.ts'

/** The walk as a method; `src/cli/testing/child.ts` has it too, with a moment of sleep a step. */
export const walkMethod: Method = {
  number: 98,
  name: 'walk',
  title: 'Walking',
  arxiv: '0000.00000',
  area: 'feet',
  summary: { en: 'Walks.', zh: '行走。' },
  experiment: async () => walk(),
  settings: async () => ({}),
  verbs: async () => [],
}

/** The command line in a process of its own, with the walk as its method. */
const child = join(import.meta.dirname, '../../../cli/testing/child.ts')
export const command = [process.execPath, '-e', `import('vite').then((vite) => vite.runnerImport(${JSON.stringify(child)}))`]

const origin = 'http://127.0.0.1:8844'

/** A lab on an empty folder of runs. */
export function testLab(options: Partial<LabOptions> = {}) {
  const root = join(scratch(), 'runs')
  mkdirSync(root)
  const settings = { root, methods: [walkMethod], papers: [], kept: join(root, 'no-kept'), command, ...options }
  const app = labApp(settings)
  const get = async (path: string, headers: Record<string, string> = {}) => app.fetch(new Request(origin + path, { headers }))
  return {
    app,
    root: settings.root,
    get,
    json: async (path: string) => (await get(path)).json(),
    post: async (path: string, body: unknown = {}, headers: Record<string, string> = {}) =>
      app.fetch(
        new Request(origin + path, {
          method: 'POST',
          headers: { origin, 'content-type': 'application/json', ...headers },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      ),
  }
}

/** A complete run at METHOD/ID below a folder. */
export async function walked(root: string, id: string, request: Partial<RunRequest> = {}): Promise<string> {
  const folder = join(root, 'walk', id)
  const { title, arxiv, summary } = walkMethod
  await runExperiment(walk(), { preset: 'small', about: { title, arxiv, summary }, folder, ...request })
  return folder
}

/** Makes of a complete run one that has not come to its end. */
export function unfinished(folder: string): string {
  const path = join(folder, 'run.json')
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), status: 'running' }))
  return folder
}

/** Writes a file and the folders above it. */
export function write(path: string, content: string | Uint8Array): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  return path
}

export interface Received {
  readonly id: string
  readonly event: RunEvent
}

/** The events of a stream, as they come. */
export async function* eventsOf(response: Response): AsyncGenerator<Received> {
  let text = ''
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    text += part
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      const field = (name: string) => fields.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
      const data = field('data')
      if (data !== undefined) yield { id: field('id') ?? '', event: JSON.parse(data) }
    }
  }
}

export async function allEvents(response: Response): Promise<Received[]> {
  const all: Received[] = []
  for await (const received of eventsOf(response)) all.push(received)
  return all
}
