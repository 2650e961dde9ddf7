import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ndarray } from '../engine/array.ts'
import { duplicateNotices, refuseLeaks, type Split, splitRecords, splitsOf } from './splits.ts'

const split = (name: string, ids: readonly (string | number)[], more: Partial<Split> = {}): Split => ({ name, by: 'patient', ids, ...more })
const refusal = (...splits: Split[]): string => {
  try {
    refuseLeaks(splits, 'coughs')
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

describe('a split that leaks is refused', () => {
  test('by the name of the id, both splits and how many more', () => {
    expect(refusal(split('train', ['ann', 'bob', 'ann']), split('test', ['eve', 'bob']))).toBe(
      'coughs: the split leaks: patient "bob" is in train and in test; keep each patient on one side (groupSplit of quire/data does)',
    )
    expect(refusal(split('train', [1, 2, 3, 4]), split('test', [2, 3, 3]))).toContain(
      'patient "2" is in train and in test, and so is 1 more;',
    )
    expect(refusal(split('train', [1, 2, 3, 4]), split('test', [2, 3, 4]))).toContain('and so are 2 more;')
  })
  test('between any two of three', () =>
    expect(refusal(split('train', [1]), split('validation', [2]), split('test', [3, 2]))).toContain('in validation and in test'))
  test('numbers and their texts are one id', () => expect(refusal(split('train', [7]), split('test', ['7']))).toContain('patient "7"'))
  test('where it cannot be told', () =>
    expect(refusal(split('train', [1]), split('test', [2], { by: 'row' }))).toContain('train is split by patient, test by row'))
  test('two of one name', () => expect(refusal(split('train', [1]), split('train', [2]))).toContain('two splits are called train'))
  test('parts of different data sets may share ids', () =>
    expect(refusal(split('train', [1], { of: 'a' }), split('test', [1], { of: 'b' }))).toBe(''))

  test('exactly where some id is in two', () => {
    const ids = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 8 })
    fc.assert(
      fc.property(ids, ids, (one, other) => {
        const shared = new Set(one.filter((id) => other.includes(id)))
        const message = refusal(split('train', one), split('test', other))
        expect(message !== '').toBe(shared.size > 0)
        if (shared.size > 1) expect(message).toContain(`${shared.size - 1} more`)
      }),
    )
  })
})

test('the record counts examples and groups, and hashes the ids in their order', () =>
  expect(splitRecords([split('train', ['ann', 'bob', 'ann'])])[0]).toEqual({
    name: 'train',
    by: 'patient',
    size: 3,
    groups: 2,
    // printf 'ann\nbob\nann' | sha256sum
    sha256: '58fb41e4ad061662b7c2ecb74d1dfc88de6db26a21c14b9d005a5496df1f1437',
  }))

test('equal examples under different ids are said with their number', () => {
  const x = (...rows: number[][]) => ndarray(Float32Array.from(rows.flat()), [rows.length, 2], 'float32')
  const parts = { train: { ids: [0, 1], x: x([1, 2], [3, 4]) }, test: { ids: [2, 3, 4], x: x([3, 4], [4, 3], [3, 4]) } }
  const noticed = (...splits: Split[]) => duplicateNotices(splitRecords(splits))
  const once = splitsOf('coughs', 'row', parts)
  expect(noticed(...once)).toEqual(['2 of 3 examples of test of coughs equal one of train in every value'])
  expect(splitRecords(once).map(({ duplicates }) => duplicates)).toEqual([undefined, { train: 2 }])
  expect(noticed(...splitsOf('coughs', 'row', { ...parts, test: { ids: [2] } }))).toEqual([])
  const other = { ...parts, test: { ids: [2], x: x([1, 2]) } }
  expect(noticed(...splitsOf('coughs', 'row', parts, 0), ...splitsOf('coughs', 'row', other, 1))).toEqual([
    '1 to 2 of 1 to 3 examples of test of coughs equal one of train in every value',
  ])
})

test('splits of different seeds are no splits of each other', () => {
  const seeds = [0, 1].flatMap((seed) => splitsOf('coughs', 'row', { train: { ids: [seed] }, test: { ids: [1 - seed] } }, seed))
  expect(refusal(...seeds)).toBe('')
  expect(refusal(...seeds, ...splitsOf('coughs', 'row', { more: { ids: [1] } }, 1))).toContain(
    'row "1" is in train of coughs, seed 1 and in more',
  )
})
