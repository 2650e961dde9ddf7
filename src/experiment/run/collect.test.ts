import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { collect, collectNowAndThen } from './collect.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
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

test('now and then is at most once a second', async () => {
  vi.advanceTimersByTime(1000)
  collectNowAndThen()
  const left = await garbage()
  vi.advanceTimersByTime(999)
  collectNowAndThen()
  expect(await isThere(left)).toBe(true)
  vi.advanceTimersByTime(1)
  collectNowAndThen()
  expect(await isThere(left)).toBe(false)
})
