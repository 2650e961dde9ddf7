import { expect, test } from 'vitest'
import type { UnitRecord } from '../definition.ts'
import { agreement } from './agreement.ts'

const unit = (name: string, measurements: Record<string, number>, y: readonly number[] = []): UnitRecord => ({
  unit: name,
  arm: name,
  seed: 0,
  measurements,
  series: y.length ? { loss: { x: y.map((_, i) => i + 1), y } } : {},
  seconds: Math.random(),
  peakBytes: Math.random(),
})

test('seconds and memory may differ, and NaN is NaN again', () => {
  const make = () => [unit('a', { x: 0.1, n: Number.NaN }, [1, 2]), unit('b', { x: 2 })]
  expect(agreement(make(), make())).toEqual({ identical: true, numbers: 5, differences: [], onlyBefore: [], onlyNow: [] })
})

test('the last bit is a difference, and so is the sign of zero; the largest ratio comes first', () => {
  const { identical, differences } = agreement(
    [unit('a', { x: 0.3, y: 0, z: 4 }, [1, 2])],
    [unit('a', { x: 0.1 + 0.2, y: -0, z: 5 }, [1, 2.5])],
  )
  expect(identical).toBe(false)
  expect(differences.map(({ name, relative }) => [name, relative])).toEqual([
    ['a: z', 0.25],
    ['a: loss at 2', 0.25],
    ['a: x', (0.1 + 0.2 - 0.3) / 0.3],
    ['a: y', 0],
  ])
})

test('what only one of them has', () =>
  expect(agreement([unit('a', { x: 1 }), unit('b', { x: 1 })], [unit('a', { x: 1, y: 2 }), unit('c', {})])).toMatchObject({
    identical: false,
    numbers: 1,
    onlyBefore: ['b: x'],
    onlyNow: ['a: y'],
  }))
