import { afterEach, expect, test, vi } from 'vitest'
import { atMostEvery, collect } from './collect.ts'

afterEach(() => void vi.useRealTimers())

/** Until it is over, what was made or looked at in this job is taken to be held. */
const job = () => new Promise((resolve) => setImmediate(resolve))

async function garbage(): Promise<WeakRef<object>> {
  const left = new WeakRef({})
  await job()
  return left
}

async function isThere(left: WeakRef<object>): Promise<boolean> {
  const found = left.deref() !== undefined
  await job()
  return found
}

test('what nobody holds is freed', async () => {
  const left = await garbage()
  expect(await isThere(left)).toBe(true)
  collect()
  expect(await isThere(left)).toBe(false)
})

test('what is done at most every second is done at once, and again when a second is over', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const act = vi.fn()
  const nowAndThen = atMostEvery(1000, act)
  nowAndThen()
  expect(act).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(999)
  nowAndThen()
  expect(act).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1)
  nowAndThen()
  expect(act).toHaveBeenCalledTimes(2)
})
