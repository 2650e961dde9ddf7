import { expect, test } from 'vitest'
import { claimAxis } from './claim-axis.ts'

const claim = { threshold: 0.5, direction: 'atLeast' as const, estimate: 0.6, interval: [0.55, 0.65] as const, values: [0.58, 0.62] }

test('what is right of the bar is drawn right of it, in order', () => {
  const { bar, interval, estimate, values, passes } = claimAxis(claim)
  const order = [0, bar, interval![0], values[0], estimate!, values[1], interval![1], 1]
  expect(order).toEqual([...order].sort((a, b) => a - b))
  expect(passes).toEqual([bar, 1])
  expect(claimAxis({ ...claim, direction: 'atMost' }).passes).toEqual([0, bar])
})

test('distances are in proportion', () => {
  const { interval, estimate, bar } = claimAxis(claim)
  expect((interval![1] - interval![0]) / (estimate! - bar)).toBeCloseTo(1, 9)
})

test('a control next to the claim is on the axis; one far away is at its end, and the claim keeps its room', () => {
  const near = claimAxis({ ...claim, control: { estimate: 0.4, interval: [0.35, 0.45] } })
  expect(near.control!.outside).toBeUndefined()
  expect(near.control!.estimate).toBeLessThan(near.bar)
  const far = claimAxis({ ...claim, control: { estimate: -900, interval: [-910, -890] } })
  expect(far.control).toMatchObject({ estimate: 0, outside: 'left' })
  expect(far.interval![1] - far.interval![0]).toBeGreaterThan(0.3)
})

test('what was not measured is not drawn; a deterministic value has its room', () => {
  const empty = claimAxis({ threshold: 1, direction: 'atLeast', estimate: null, interval: null, values: [null, Number.NaN] })
  expect(empty.bar).toBeCloseTo(0.5, 12)
  expect(empty.values).toEqual([])
  expect(empty.estimate).toBeUndefined()
  const exact = claimAxis({ threshold: 2, direction: 'atMost', estimate: 2, interval: [2, 2], values: [2] })
  expect(exact.estimate).toBe(exact.bar)
  expect(claimAxis({ threshold: 0, direction: 'atMost', estimate: 0, interval: null, values: [] }).bar).toBe(0.5)
})
