import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ndarray } from '../engine/array.ts'
import { InputError } from '../engine/errors.ts'
import { batchAt, batches, batchIndices, createBatcher, stepsPerEpoch } from './batches.ts'
import { countOf, rows, splitBy, take } from './dataset.ts'

const dataset = (count: number) => ({
  x: ndarray(
    Float32Array.from({ length: 2 * count }, (_, i) => i),
    [count, 2],
    'float32',
  ),
  y: ndarray(
    Int32Array.from({ length: count }, (_, i) => i),
    [count],
    'int32',
  ),
})

const sizes = fc.record({
  count: fc.integer({ min: 1, max: 60 }),
  size: fc.integer({ min: 1, max: 70 }),
  seed: fc.nat(),
  epoch: fc.nat(1000),
})

test('an epoch visits every example once (keep), with the beginning again (wrap), or without the end (drop)', () => {
  const property = fc.property(sizes, (options) => {
    const keep = batchIndices({ ...options, last: 'keep' }).flatMap((batch) => [...batch])
    expect([...keep].sort((a, b) => a - b)).toEqual(Array.from({ length: options.count }, (_, i) => i))
    const wrap = batchIndices(options)
    expect(wrap.every((batch) => batch.length === options.size)).toBe(true)
    expect(wrap.flatMap((batch) => [...batch])).toEqual(
      Array.from({ length: wrap.length * options.size }, (_, i) => keep[i % options.count]),
    )
    if (options.size > options.count) return
    const drop = batchIndices({ ...options, dropLast: true })
    expect(drop.flatMap((batch) => [...batch])).toEqual(keep.slice(0, drop.length * options.size))
    expect(batchIndices(options)).toEqual(wrap)
  })
  fc.assert(property, { numRuns: 300 })
})

test('seeds and epochs give different orders', () => {
  const orders = [0, 1, 2 ** 32, 2 ** 32 + 1].flatMap((seed) =>
    [0, 1, 2].map((epoch) => batchIndices({ count: 50, size: 50, seed, epoch })[0].join()),
  )
  expect(new Set(orders).size).toBe(12)
})

test('orders are fair: each of the 24 orders of 4 comes up in 1/24 of 6000 epochs', () => {
  const counts = new Map<string, number>()
  for (let epoch = 0; epoch < 6000; epoch++) {
    const order = batchIndices({ count: 4, size: 4, seed: 3, epoch })[0].join()
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - 250) ** 2 / 250, 0)
  expect(counts.size).toBe(24)
  expect(chiSquare).toBeLessThan(49.7) // the 99.9 % quantile with 23 degrees of freedom
})

test('the order is pinned: a change would break every resumed run', () => {
  expect([...batchIndices({ count: 10, size: 10, seed: 0, epoch: 0 })[0]]).toEqual([9, 8, 0, 1, 4, 3, 7, 2, 6, 5])
})

test('a walk may be entered at any step and gives the same batches', () => {
  const data = dataset(10)
  const options = { size: 4, seed: 5 }
  const walked = [...batches(data, { ...options, start: 0, steps: 8 })]
  expect([...batches(data, { ...options, start: 5, steps: 3 })]).toEqual(walked.slice(5))
  expect([...batches(data, { ...options, epoch: 1 })]).toEqual(walked.slice(3, 6))
  expect(walked.map((_, step) => batchAt(data, options, step))).toEqual(walked)
  const batcher = createBatcher(data, options)
  expect([7, 0, 4].map((step) => batcher.at(step))).toEqual([7, 0, 4].map((step) => walked[step]))
})

test('8000 images in batches of 128 make 63 steps, the last of 64 images when kept', () => {
  expect(stepsPerEpoch(8000, { size: 128 })).toBe(63)
  expect(stepsPerEpoch(8000, { size: 128, dropLast: true })).toBe(62)
  expect(batchIndices({ count: 8000, size: 128, seed: 0, epoch: 0, last: 'keep' })[62].length).toBe(64)
})

test('buffers are reused on request, with the same content', () => {
  for (const last of ['wrap', 'keep'] as const) {
    const fresh = [...batches(dataset(10), { size: 4, seed: 1, last })].map(({ y }) => [...y.data])
    const buffers = new Set<unknown>()
    const reused: number[][] = []
    for (const { y } of batches(dataset(10), { size: 4, seed: 1, last, reuse: true })) {
      buffers.add(y.data)
      reused.push([...y.data])
    }
    expect(reused).toEqual(fresh)
    expect(buffers.size).toBe(last === 'wrap' ? 1 : 2)
  }
})

test('without shuffling the order is that of the data', () => {
  const walked = [...batches(dataset(5), { size: 2, seed: 0, shuffle: false, last: 'keep' })]
  expect(walked.map(({ y }) => [...y.data])).toEqual([[0, 1], [2, 3], [4]])
})

test('what cannot be batched is refused', () => {
  expect(() => batchIndices({ count: 5, size: 0, seed: 0, epoch: 0 })).toThrow('batch size 0')
  expect(() => batchIndices({ count: 5, size: 6, seed: 0, epoch: 0, last: 'drop' })).toThrow('larger than the data set')
  expect(() => batchIndices({ count: 5, size: 2, seed: -1, epoch: 0 })).toThrow('seed -1')
  expect(() => batchIndices({ count: 5, size: 2, seed: 0, epoch: 0.5 })).toThrow('epoch 0.5')
  expect(() => createBatcher(dataset(0), { size: 2, seed: 0 })).toThrow('is empty')
  expect(() => batchAt(dataset(3), { size: 2, seed: 0 }, -1)).toThrow('step -1')
  expect(() => [...batches(dataset(3), { size: 2, seed: 0, steps: Number.NaN })]).toThrow(InputError)
})

test('rows, take and splitBy keep columns together', () => {
  const data = dataset(6)
  expect(rows(data, [4, 4, 0]).x).toEqual(ndarray(Float32Array.of(8, 9, 8, 9, 0, 1), [3, 2], 'float32'))
  expect([...take(data, 2).y.data]).toEqual([0, 1])
  expect(take(data, 9).x.shape).toEqual([6, 2])
  const { train, test } = splitBy(data, (i) => (i % 5 === 0 ? 'test' : 'train'))
  expect([...test.y.data, ...train.y.data]).toEqual([0, 5, 1, 2, 3, 4])
  expect(train.x.shape).toEqual([4, 2])
  expect(() => rows(data, [6])).toThrow('there is no row 6 among 6')
  expect(() => rows(data, [0], data)).toThrow('buffer for column "x"')
  expect(() => countOf({ ...data, z: ndarray(new Float32Array(5), [5], 'float32') })).toThrow('column "z" has 5 rows, column "x" has 6')
  expect(() => countOf({})).toThrow(InputError)
  expect(() => take(data, -1)).toThrow(InputError)
})
