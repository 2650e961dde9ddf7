import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { join } from 'node:path'

/** A request and its answer. */
export interface Exchange {
  /** In the recording: what was done when it was said. */
  readonly scenario?: string
  readonly method: string
  readonly path: string
  /** JSON, or `{ bytes }` where it is a file. */
  readonly request?: unknown
  readonly status: number
  readonly response: unknown
}

export interface Answer {
  readonly status: number
  readonly body: string
  readonly headers?: Record<string, string>
}

export interface Listening {
  readonly url: string
  readonly exchanges: Exchange[]
  close(): Promise<void>
}

/** A server of this machine that keeps what it was asked and what it answered; undefined as an answer breaks the connection. */
export async function listen(
  answer: (
    method: string,
    path: string,
    body: Buffer,
    headers: IncomingMessage['headers'],
  ) => Promise<Answer | undefined> | Answer | undefined,
): Promise<Listening> {
  const exchanges: Exchange[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const [body, { method = '', url = '' }] = [Buffer.concat(chunks), request]
    const given = await answer(method, url, body, request.headers)
    if (!given) return void request.socket.destroy()
    exchanges.push({
      method,
      path: url,
      ...(body.length > 0 && { request: parsed(body, method) }),
      status: given.status,
      response: parsed(Buffer.from(given.body)),
    })
    response.writeHead(given.status, { 'content-type': 'application/json', ...given.headers }).end(given.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    exchanges,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function parsed(bytes: Buffer, method = ''): unknown {
  if (method === 'PUT') return { bytes: bytes.length }
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return bytes.toString('utf8')
  }
}

/** What differs each time, made the same: the ids that a server draws, the order in which it lists, and when it was asked. */
export function normalized(exchanges: readonly Exchange[]): Exchange[] {
  const names = new Map<string, string>()
  const named = (id: string) => names.get(id) ?? names.set(id, `run-${names.size + 1}`).get(id)!
  const text = JSON.stringify(sorted(exchanges)).replace(/\b[0-9a-f]{32}\b/g, named)
  return JSON.parse(text)
}

const serverTimes = ['creation_time', 'last_update_time']

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const key = (entry: unknown) => (entry as { key?: string } | null)?.key ?? idOf(entry)
    const entries = value.map(sorted)
    return entries.every((entry) => key(entry) !== undefined) ? entries.sort((a, b) => (key(a)! < key(b)! ? -1 : 1)) : entries
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).flatMap(([name, inner]) => (serverTimes.includes(name) ? [] : [[name, sorted(inner)]])))
}

/** The `quire.id` of a run as the server lists it. */
const idOf = (run: unknown): string | undefined =>
  (run as { data?: { tags?: { key: string; value: string }[] } } | null)?.data?.tags?.find(({ key }) => key === 'quire.id')?.value

/** The recording of a real server, by what was done (interop/mlflow.interop.ts makes it). */
export const recordingPath = join(import.meta.dirname, 'mlflow-exchanges.jsonl')

export function readRecording(): Record<string, Exchange[]> {
  const found: Record<string, Exchange[]> = {}
  for (const line of readFileSync(recordingPath, 'utf8').trimEnd().split('\n')) {
    const { scenario = '', ...exchange } = JSON.parse(line) as Exchange
    found[scenario] = [...(found[scenario] ?? []), exchange]
  }
  return found
}

export const writeRecording = (recording: Readonly<Record<string, readonly Exchange[]>>): void =>
  writeFileSync(
    recordingPath,
    Object.entries(recording)
      .flatMap(([scenario, exchanges]) => exchanges.map((exchange) => `${JSON.stringify({ scenario, ...exchange })}\n`))
      .join(''),
  )
