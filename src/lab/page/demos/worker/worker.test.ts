import { expect, test } from 'vitest'
import { InputError } from '../../../../engine/index.ts'
import { assistant } from './ask.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import { serve } from './serve.ts'

const tasks = {
  double: async (x: number, tell: (share: number) => void) => {
    tell(0.5)
    return 2 * x
  },
  refuse: async () => {
    throw new InputError('no', { where: 'here', fix: 'go' })
  },
  wait: (_: undefined, tell: (what: string) => void, signal: AbortSignal) => {
    tell('begun')
    return new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('stopped'), { once: true }))
  },
} as const

/** Page and worker in one thread; messages arrive later, as between threads. */
function connected() {
  const listeners: { toPage?: (event: { data: FromWorker }) => void; toWorker?: (event: { data: ToWorker }) => void } = {}
  serve(tasks, {
    postMessage: (data) => queueMicrotask(() => listeners.toPage!({ data: structuredClone(data) })),
    addEventListener: (_, listener) => (listeners.toWorker = listener),
  })
  return assistant<typeof tasks>({
    postMessage: (data) => queueMicrotask(() => listeners.toWorker!({ data: structuredClone(data) })),
    addEventListener: (type: string, listener: never) => type === 'message' && (listeners.toPage = listener),
    terminate: () => {},
  })
}

test('answers, with what is told on the way', async () => {
  const events: number[] = []
  expect(await connected().ask('double', 21, { onEvent: (share) => events.push(share) })).toBe(42)
  expect(events).toEqual([0.5])
})

test('a refusal is an error that says what to do, and the worker goes on', async () => {
  const page = connected()
  await expect(page.ask('refuse', undefined as never)).rejects.toThrow('here: no; go')
  expect(await page.ask('double', 1)).toBe(2)
})

test('what was asked for can be stopped, also while it waits for its turn', async () => {
  const page = connected()
  const [first, second] = [new AbortController(), new AbortController()]
  const one = page.ask('wait', undefined, { signal: first.signal, onEvent: () => first.abort() })
  const two = page.ask('double', 1, { signal: second.signal })
  second.abort()
  await expect(two).rejects.toThrow(/abort/i)
  expect(await one).toBe('stopped')
})
