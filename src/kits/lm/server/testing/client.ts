import OpenAI from 'openai'
import { onTestFinished } from 'vitest'
import { type ListenOptions, listen, type RunningServer } from '../listen.ts'
import type { ServedModel } from '../served-model.ts'
import { type FakeModel, type FakeOptions, fakeModel } from './fake-service.ts'

export interface Started {
  readonly model: FakeModel
  readonly server: RunningServer
  readonly client: OpenAI
  /** The server's log. */
  readonly log: string[]
}

/** A server on a free port, with the official client; both are closed when the test ends. */
export async function start(
  options: FakeOptions,
  { rest, ...listenOptions }: ListenOptions & { rest?: Partial<ServedModel> } = {},
): Promise<Started> {
  const model = fakeModel(options, rest)
  const log: string[] = []
  const server = await listen(model, { port: 0, log: (line) => log.push(line), ...listenOptions })
  onTestFinished(() => server.close())
  return { model, server, log, client: clientOf(server) }
}

export const clientOf = (server: RunningServer, apiKey = 'none'): OpenAI =>
  new OpenAI({ baseURL: `${server.url}/v1`, apiKey, maxRetries: 0, timeout: 20_000 })

/** Waits until something is so. @throws where it takes longer than a test should. */
export async function until(holds: () => boolean, what = String(holds)): Promise<void> {
  for (const begun = Date.now(); !holds(); await new Promise((resolve) => setTimeout(resolve, 5)))
    if (Date.now() - begun > 20_000) throw new Error(`never came true: ${what}`)
}
