import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ask, isConnected, NoAnswer, Refusal, retryAfter } from './ask.ts'

const server = vi.fn<(path: string) => Promise<Response>>()
const isAway = () => server.mockRejectedValue(new TypeError('Failed to fetch'))
const isThere = () => server.mockImplementation(async () => new Response('{}'))

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', server)
  vi.stubGlobal('document', { hidden: false })
})
afterEach(() => {
  isConnected.set(true)
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a server that is away is rung for until it is back, though nobody asks it anything', async () => {
  isAway()
  await expect(ask('/api/runs', {})).rejects.toBeInstanceOf(NoAnswer)
  expect(isConnected.get()).toBe(false)
  await vi.advanceTimersByTimeAsync(3 * retryAfter)
  expect(isConnected.get()).toBe(false)
  isThere()
  await vi.advanceTimersByTimeAsync(retryAfter)
  expect(isConnected.get()).toBe(true)
  server.mockClear()
  await vi.advanceTimersByTimeAsync(10 * retryAfter)
  expect(server).not.toHaveBeenCalled()
})

test('an answer that breaks off is none', async () => {
  server.mockImplementation(
    async () => new Response(new ReadableStream({ pull: (stream) => stream.error(new TypeError('network error')) })),
  )
  await expect(ask('/api/runs')).rejects.toBeInstanceOf(NoAnswer)
})

test('what the server refuses is said in its words', async () => {
  server.mockImplementation(async () => new Response('{"error":{"message":"it is running","where":"walk/1"}}', { status: 409 }))
  const refusal = await ask('/api/runs/walk/1/resume', {}).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(Refusal)
  expect(refusal).toMatchObject({ message: 'it is running', where: 'walk/1' })
})
