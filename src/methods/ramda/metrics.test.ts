import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ndarray } from '../../engine/index.ts'
import type { ClaimContext, UnitRecord } from '../../experiment/index.ts'
import { claims } from './claims.ts'
import { groupLasso } from './regularizer.ts'
import { structureReport } from './structure.ts'

const measureOf = (id: string) => claims.find((claim) => claim.id === id)!.measure

const unit = (more: Partial<UnitRecord>): UnitRecord => ({
  unit: 'u',
  arm: 'u',
  seed: 0,
  measurements: { sparsity: 1 },
  series: {},
  seconds: 0,
  peakBytes: 0,
  ...more,
})
const context = (baseline: UnitRecord): ClaimContext => ({ seed: 0, baseline, unit: () => baseline })

const weight = fc.constantFrom(0, 0, 0, -0, 1, -2)

test('the twin of structureReport counts the weights that lie in columns of zeros', () => {
  const layer = fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
    .chain(([outputs, inputs]) =>
      fc.array(fc.array(weight, { minLength: inputs, maxLength: inputs }), { minLength: outputs, maxLength: outputs }),
    )
  fc.assert(
    fc.property(fc.array(layer, { minLength: 1, maxLength: 3 }), (layers) => {
      const arrays = layers.map((rows, i) => [
        `layers.${i}.weight`,
        ndarray(Float32Array.from(rows.flat()), [rows.length, rows[0].length], 'float32'),
      ])
      const weights = layers.flatMap((rows) => rows.flatMap((row) => row.map((_, input) => rows.every((other) => other[input] === 0))))
      const { sparsity } = structureReport(Object.fromEntries(arrays), groupLasso(1, { by: 'input' }))
      expect(sparsity).toBeCloseTo(weights.filter(Boolean).length / weights.length, 12)
    }),
  )
})

test('the twins of recall and precision look for each group of the one in the other', () => {
  const groups = fc.uniqueArray(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 10 })
  fc.assert(
    fc.property(groups, groups, (own, truth) => {
      const [found, minimizer] = [own, truth].map((zeroGroups) => unit({ details: { zeroGroups } }))
      const common = own.filter((group) => truth.includes(group)).length
      expect(measureOf('identification-recall')(found, context(minimizer))).toBeCloseTo(common / truth.length, 12)
      expect(measureOf('identification-precision')(found, context(minimizer))).toBeCloseTo(common / own.length, 12)
    }),
  )
  // 3 of the 4 relevant are found, among 5.
  const [found, minimizer] = [
    [1, 2, 3, 8, 9],
    [1, 2, 3, 4],
  ].map((zeroGroups) => unit({ details: { zeroGroups } }))
  expect(measureOf('identification-recall')(found, context(minimizer))).toBe(0.75)
  expect(measureOf('identification-precision')(found, context(minimizer))).toBe(0.6)
})

test('the twin of the stability of a pattern sums squares of differences of all pairs', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.integer({ min: 0, max: 100 }).map((n) => n / 100),
        { minLength: 5, maxLength: 9 },
      ),
      (y) => {
        const last = y.slice(-5)
        const pairs = last.flatMap((a) => last.map((b) => (a - b) ** 2))
        const twin = Math.sqrt(pairs.reduce((sum, square) => sum + square, 0) / pairs.length / 2)
        const own = unit({ series: { sparsity: { x: y.map((_, i) => i), y } } })
        expect(measureOf('stable-pattern')(own, context(own))).toBeCloseTo(twin, 10)
      },
    ),
  )
})
