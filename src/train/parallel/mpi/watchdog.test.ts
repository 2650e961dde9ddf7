import { expect, test } from 'vitest'
import { type Beat, Watchdog } from './watchdog.ts'

const working: Beat = { done: 1, waiting: false }
const waits: Beat = { done: 1, waiting: true }

/** Looks each second up to `seconds`, with what the others say then; the first failure and when. */
function watch(seconds: number, own: (second: number) => Beat, others: Record<number, (second: number) => Beat | undefined>) {
  let now = 0
  const watchdog = new Watchdog(Object.keys(others).map(Number), 10_000, () => own(now), 0)
  for (now = 1; now <= seconds; now++) {
    for (const [rank, says] of Object.entries(others)) {
      const beat = says(now)
      if (beat) watchdog.heard(Number(rank), beat, now * 1000)
    }
    const failure = watchdog.look(now * 1000)
    if (failure) return { ...failure, now }
  }
  return undefined
}

test('a rank that says nothing more for the timeout has stalled', () => {
  const silent = (second: number) => (second <= 5 ? working : undefined)
  expect(watch(60, () => waits, { 1: () => waits, 2: silent, 3: () => waits })).toEqual({ rank: 2, kind: 'stalled', seconds: 10, now: 16 })
})

test('ranks that work as long as they like, and are heard of, have not', () => {
  expect(watch(600, () => waits, { 1: () => waits, 2: () => working })).toBeUndefined()
})

test('all of them waiting, none of them getting on, is a deadlock', () => {
  expect(watch(60, () => waits, { 1: () => waits, 2: () => waits })).toMatchObject({ kind: 'deadlock', now: 12 })
  const gettingOn = (second: number): Beat => ({ done: second, waiting: true })
  expect(watch(600, gettingOn, { 1: gettingOn, 2: gettingOn })).toBeUndefined()
})

test('who was busy itself for longer than the timeout blames nobody for it', () => {
  const watchdog = new Watchdog([1], 10_000, () => working, 0)
  watchdog.heard(1, working, 0)
  for (const at of [60_000, 64_000, 68_000]) expect(watchdog.look(at)).toBeUndefined()
  expect(watchdog.look(72_000)).toMatchObject({ rank: 1, kind: 'stalled' })
})
