import { describe, expect, test } from 'vitest'
import type { RunRecord } from '../../experiment/run/run-folder.ts'
import { progressOf } from './progress.ts'
import type { UnitState } from './units.ts'

const start = Date.parse('2026-01-01T00:00:00Z')
const run = { started: '2026-01-01T00:00:00Z', resumed: [] as readonly string[] } as RunRecord
const unit = (flops: number, state: UnitState['state'], finished?: { seconds: number; at: number }, seconds?: number): UnitState => ({
  planned: { unit: '', arm: '', seed: 0, parameters: 1, bytes: 1, flops, ...(seconds !== undefined && { seconds }) },
  state,
  ...(finished && { seconds: finished.seconds, finished: start + finished.at * 1000 }),
})
const at = (seconds: number) => start + seconds * 1000
const unknown = () => undefined

describe('progress', () => {
  test('counts units by their work, and goes on as they went', () => {
    // 100 operations took 10 s; the next 300 began 15 s ago and take 30 s; 100 more wait.
    const states = [unit(100, 'finished', { seconds: 10, at: 10 }), unit(300, 'training'), unit(100, 'waiting')]
    expect(progressOf(run, states, at(25), unknown)).toEqual({ done: (100 + 150) / 500, left: 25 })
  })

  test('of several units at a time: each began when a place was free', () => {
    // Two places. The first two ended after 10 s and 20 s; the third began at 10 s, the fourth at 20 s; each takes 20 s.
    const states = [
      unit(100, 'finished', { seconds: 10, at: 10 }),
      unit(200, 'finished', { seconds: 20, at: 20 }),
      unit(200, 'training'),
      unit(200, 'training'),
    ]
    // After 25 s the third is at 15/20, the fourth at 5/20: 300 + 150 + 50 of 700, and 200 operations are left for two, at 10 a second each.
    expect(progressOf(run, states, at(25), unknown)).toEqual({ done: 0.7143, left: 10 })
  })

  test('before the first unit has ended comes from an earlier run, or is not known', () => {
    const states = [unit(100, 'training'), unit(100, 'waiting')]
    expect(progressOf(run, states, at(5), () => 10)).toEqual({ done: 0.25, left: 15 })
    expect(progressOf(run, states, at(5), unknown)).toEqual({ done: 0 })
  })

  test('takes estimates in seconds at their word until units have told better', () => {
    const before = [unit(1, 'training', undefined, 20), unit(1, 'waiting', undefined, 60)]
    expect(progressOf(run, before, at(10), unknown)).toEqual({ done: 0.125, left: 70 })
    const after = [unit(1, 'finished', { seconds: 10, at: 10 }, 20), unit(1, 'training', undefined, 60)]
    expect(progressOf(run, after, at(10), unknown)).toEqual({ done: 0.25, left: 30 })
  })

  test('never says that a unit is done before it is', () => {
    const { done, left } = progressOf(run, [unit(100, 'training')], at(1e6), () => 10)
    expect(done).toBe(0.97)
    expect(left).toBeGreaterThanOrEqual(0)
  })

  test('of a run that was taken up again counts from then', () => {
    const states = [unit(100, 'finished', { seconds: 10, at: 10 }), unit(100, 'training')]
    const resumed = { ...run, resumed: ['2026-01-01T01:00:00Z'] }
    expect(progressOf(resumed, states, at(3605), unknown)).toEqual({ done: 0.75, left: 5 })
  })

  test('without estimates units are alike; without units nothing is done', () => {
    expect(progressOf(run, [unit(0, 'finished', { seconds: 1, at: 1 }), unit(0, 'waiting')], at(2), unknown)).toEqual({ done: 0.5 })
    expect(progressOf(run, [], at(2), unknown)).toEqual({ done: 0 })
  })

  test('is a number whatever the clocks say', () => {
    const states = [unit(100, 'finished', { seconds: 0, at: 1e9 }), unit(100, 'training')]
    for (const now of [0, at(-1e6), at(1e12)]) {
      const { done, left = 0 } = progressOf(run, states, now, () => 10)
      expect(done >= 0 && done <= 1 && Number.isFinite(left) && left >= 0).toBe(true)
    }
  })
})
