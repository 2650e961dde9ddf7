import fc from 'fast-check'
import { expect, test } from 'vitest'
import { key, type NDArray, ndarray, random } from '../../engine/index.ts'
import { copyDetector } from '../../kits/generative/index.ts'
import { autocorrelation, meanSquare, scoreNorm, uTurnCorrelation } from './correlations.ts'
import { chanceAgreement, crossing, memorisationTime, speciationTime } from './critical-times.ts'
import { dependence } from './independence.ts'
import { provenanceOf, shiftedRows } from './pairs.ts'

const array = (rows: readonly (readonly number[])[]): NDArray =>
  ndarray(Float32Array.from(rows.flat()), [rows.length, rows[0].length], 'float32')

test('independent samples: centred 0, raw the mean’s share', async () => {
  const shifted = async (seed: number) => {
    const z = await random.normal(key(seed), [4000, 8]).ndarray()
    return ndarray(
      z.data.map((value) => value + 3),
      z.shape,
      'float32',
    )
  }
  const { centred, raw } = uTurnCorrelation(await shifted(0), await shifted(1), new Float64Array(8).fill(3))
  expect(Math.abs(centred)).toBeLessThan(0.03)
  expect(Math.abs(raw - 9 / 10)).toBeLessThan(0.02)
})

test('is linear in what came back, and 1 with itself', () => {
  const values = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 6, maxLength: 6 })
  fc.assert(
    fc.property(values, fc.double({ min: -3, max: 3, noNaN: true }), (own, factor) => {
      fc.pre(own.some((value) => Math.abs(value) > 0.1))
      const x = ndarray(Float32Array.from(own), [2, 3], 'float32')
      const scaled = ndarray(
        x.data.map((value) => value * factor),
        [2, 3],
        'float32',
      )
      expect(uTurnCorrelation(x, x, [0, 0, 0]).raw).toBeCloseTo(1, 5)
      expect(uTurnCorrelation(x, scaled, [0, 0, 0]).raw).toBeCloseTo(factor, 4)
    }),
  )
  expect(() => uTurnCorrelation(array([[1]]), array([[1, 2]]), [0])).toThrow('are no pairs')
})

test('along a trajectory: with the first state or the last', () => {
  const states = [array([[4, 0]]), array([[2, 2]]), array([[0, 4]])]
  expect(autocorrelation(states, 'forward')).toEqual([1, 0.5, 0])
  expect(autocorrelation(states, 'reverse')).toEqual([0, 0.5, 1])
  expect(autocorrelation(states, 'reverse', [0, 3])[0]).toBe(-3)
})

test('the score’s norm is 1 where x is noise and the estimate 0', async () => {
  const z = await random.normal(key(5), [200, 100]).ndarray()
  const x = ndarray(
    z.data.map((value) => 7 * value),
    z.shape,
    'float32',
  )
  expect(Math.abs(scoreNorm(x, ndarray(new Float32Array(20_000), z.shape, 'float32'), 7) - 1)).toBeLessThan(0.01)
  expect(
    meanSquare(
      array([
        [3, 4],
        [0, 1],
      ]),
    ),
  ).toBe(13)
})

test('critical times: between the levels, in ln σ; NaN where nothing is crossed', () => {
  expect(crossing({ sigmas: [1, 4], values: [1, 0] }, 0.5)).toBeCloseTo(2)
  expect(memorisationTime({ sigmas: [0.1, 1, 10], values: [1, 0.5, 0] })).toBeCloseTo(1)
  expect(memorisationTime({ sigmas: [0.1, 1], values: [0.2, 0.1] })).toBeNaN()
  expect(memorisationTime({ sigmas: [0.1, 1], values: [1, 0.9] })).toBeNaN()
  expect(speciationTime({ sigmas: [1, 9], values: [1, 0.1] }, 0.1)).toBeCloseTo(3)
  expect(speciationTime({ sigmas: [1, 9], values: [1, Number.NaN] }, 0.1)).toBeNaN()
  expect(chanceAgreement([0, 0, 1, 2])).toBeCloseTo(6 / 16)
})

test('dependence is the worst of three, each in its bar', () => {
  const evidence = { correlation: 0.05, self: 0, sameClass: 0.1 }
  expect(dependence(evidence, 0.1)).toBeCloseTo(1)
  expect(dependence({ ...evidence, sameClass: 0.16 }, 0.1)).toBeCloseTo(2)
  expect(dependence({ ...evidence, self: 0.02 }, 0.1)).toBeCloseTo(4)
  expect(dependence({ ...evidence, sameClass: Number.NaN }, Number.NaN)).toBeCloseTo(1)
})

test('copies are found with their starts, and not in shifted pairs', async () => {
  const real = await random.normal(key(6), [40, 5]).ndarray()
  const started = Array.from({ length: 40 }, (_, i) => i)
  const detector = await copyDetector(real)
  // Another array: what is the detector's own is not looked for in itself.
  const same = ndarray(real.data.slice(), real.shape, 'float32')
  expect(await provenanceOf(same, detector, started)).toEqual({ self: 1, copyRate: 1, authenticity: 0 })
  const shifted = shiftedRows(real)
  expect([...shifted.data.subarray(5, 10)]).toEqual([...real.data.subarray(0, 5)])
  expect([...shifted.data.subarray(0, 5)]).toEqual([...real.data.subarray(195)])
  expect(await provenanceOf(shifted, detector, started)).toMatchObject({ self: 0, copyRate: 1 })
})
