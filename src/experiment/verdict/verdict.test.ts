import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Bar, judge, passes } from './verdict.ts'

const atLeast = (threshold: number, more: Partial<Bar> = {}): Bar => ({ threshold, direction: 'atLeast', ...more })

describe('three outcomes', () => {
  test('holds where the whole interval passes', () => expect(judge([0.58, 0.578, 0.577], atLeast(0.5)).verdict).toBe('holds'))
  test('fails where the whole interval does not', () =>
    expect(judge([0.1, 0.11, 0.12], atLeast(0.5))).toMatchObject({ verdict: 'fails', reason: 'wrongSide' }))
  test('is undecided where the interval straddles', () =>
    expect(judge([0.3, 0.5, 0.8], atLeast(0.5))).toMatchObject({ verdict: 'undecided', reason: 'straddles' }))
  test('the bar itself passes', () => {
    expect(judge([0.5, 0.5, 0.5], atLeast(0.5)).verdict).toBe('holds')
    expect(judge([0.5, 0.5, 0.5], { threshold: 0.5, direction: 'atMost' }).verdict).toBe('holds')
  })
  test('just beside the bar fails', () => expect(judge(Array(3).fill(0.5 - 1e-12), atLeast(0.5)).verdict).toBe('fails'))
})

describe('seeds', () => {
  test.each([[[0.9]], [[0.9, 0.9]]])('%j is too few', (values) =>
    expect(judge(values, atLeast(0.5))).toMatchObject({ verdict: 'undecided', reason: 'tooFewSeeds' }),
  )
  test('two seeds still have an interval to show', () => expect(judge([0.9, 0.8], atLeast(0.5)).ci95).toBeDefined())
  test('one is enough for what is deterministic', () => {
    expect(judge([0.9], atLeast(0.5, { single: true }))).toMatchObject({ verdict: 'holds', ci95: [0.9, 0.9] })
    expect(judge([0.4], atLeast(0.5, { single: true })).verdict).toBe('fails')
  })
  test('but not if it turns out not to be', () => expect(judge([0.9, 0.8], atLeast(0.5, { single: true })).verdict).toBe('undecided'))
  test('none at all', () => expect(judge([], atLeast(0.5))).toMatchObject({ verdict: 'undecided', reason: 'missing' }))
})

describe('every seed', () => {
  const values = [0.6, 0.61, 0.62, 0.6, 0.61, 0.62, 0.6, 0.61, 0.499]
  test('one that does not pass leaves it undecided, though the mean passes', () => {
    expect(judge(values, atLeast(0.5)).verdict).toBe('holds')
    expect(judge(values, atLeast(0.5, { judge: 'everySeed' }))).toMatchObject({ verdict: 'undecided', reason: 'seedBelow' })
  })
  test('all passing is not enough where the interval straddles', () =>
    expect(judge([0.51, 0.9, 0.52], atLeast(0.5, { judge: 'everySeed' })).verdict).toBe('undecided'))
})

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%d fails', (value) =>
  expect(judge([0.9, 0.9, value], atLeast(0.5))).toMatchObject({ verdict: 'fails', reason: 'notFinite' }),
)

const finite = fc.double({ min: -10, max: 10, noNaN: true })
const direction = fc.constantFrom('atLeast' as const, 'atMost' as const)
const bars = fc.record({ threshold: finite, direction, judge: fc.constantFrom('interval' as const, 'everySeed' as const) })
const samples = fc.array(finite, { minLength: 3, maxLength: 7 })

describe('properties', () => {
  test('a verdict other than undecided means that the interval does not straddle', () => {
    fc.assert(
      fc.property(samples, bars, (values, bar) => {
        const { verdict, ci95 } = judge(values, bar)
        const ends = ci95!.map((end) => passes(end, bar))
        if (verdict === 'holds') expect(ends).toEqual([true, true])
        if (verdict === 'fails') expect(ends).toEqual([false, false])
        if (ends[0] !== ends[1]) expect(verdict).toBe('undecided')
      }),
    )
  })

  test('every seed is never more lenient', () => {
    fc.assert(
      fc.property(samples, bars, (values, bar) => {
        const strict = judge(values, { ...bar, judge: 'everySeed' }).verdict
        const plain = judge(values, { ...bar, judge: 'interval' }).verdict
        expect([plain, 'undecided']).toContain(strict)
        if (strict === 'holds') expect(values.every((value) => passes(value, bar))).toBe(true)
      }),
    )
  })

  test('at least and at most mirror each other', () => {
    fc.assert(
      fc.property(samples, finite, (values, threshold) => {
        const mirrored = judge(
          values.map((value) => -value),
          { threshold: -threshold, direction: 'atMost' },
        ).verdict
        expect(mirrored).toBe(judge(values, atLeast(threshold)).verdict)
      }),
    )
  })

  test('a lower bar never turns a claim that holds', () => {
    fc.assert(
      fc.property(samples, finite, fc.double({ min: 0, max: 5, noNaN: true }), (values, threshold, lower) => {
        if (judge(values, atLeast(threshold)).verdict === 'holds') expect(judge(values, atLeast(threshold - lower)).verdict).toBe('holds')
      }),
    )
  })
})
