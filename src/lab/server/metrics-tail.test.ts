import { appendFileSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scratch } from '../../experiment/testing/comparable.ts'
import { beginning, idOf, nextBatch, type Place, placeOf } from './metrics-tail.ts'

const file = () => join(scratch(), 'metrics.jsonl')
const line = (step: number, value: number | null = step / 10, unit = 'a--seed-0', name = 'loss') =>
  `${JSON.stringify({ unit, step, name, value, time: 1 })}\n`

/** All steps that a reader finds from a place on, and where it is then. */
function readAll(path: string, from: Place = beginning): { steps: number[]; place: Place; anew: number } {
  const steps: number[] = []
  let [place, anew] = [from, 0]
  for (let batch = nextBatch(path, place); batch !== undefined; batch = nextBatch(path, place)) {
    if (batch === 'anew') anew++
    else steps.push(...batch.series.flatMap((series) => series.steps))
    place = batch === 'anew' ? beginning : batch.place
  }
  return { steps, place, anew }
}

test('observations come as columns, one a unit and name', () => {
  const path = file()
  expect(nextBatch(path, beginning)).toBeUndefined()
  writeFileSync(path, line(1) + line(1, 5, 'b--seed-1') + line(2) + line(2, null, 'a--seed-0', 'accuracy'))
  expect(nextBatch(path, beginning)).toMatchObject({
    series: [
      { unit: 'a--seed-0', name: 'loss', steps: [1, 2], values: [0.1, 0.2] },
      { unit: 'b--seed-1', name: 'loss', steps: [1], values: [5] },
      { unit: 'a--seed-0', name: 'accuracy', steps: [2], values: [null] },
    ],
  })
})

test('however the file grows, each line is read once, and never before it is whole', () => {
  const text = Array.from({ length: 40 }, (_, i) => line(i, i, `ünït--seed-${i % 3}`)).join('')
  const bytes = Buffer.from(text)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 }), (cuts) => {
      const path = file()
      const ends = [...cuts, bytes.length].sort((a, b) => a - b)
      const steps: number[] = []
      let [place, from]: [Place, number] = [beginning, 0]
      for (const end of ends) {
        appendFileSync(path, bytes.subarray(from, end))
        from = end
        const read = readAll(path, placeOf(idOf(place)))
        steps.push(...read.steps)
        place = read.place
      }
      expect(steps.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i))
      expect(place.offset).toBe(bytes.length)
    }),
    { numRuns: 50, seed: 1 },
  )
})

describe('a reader begins anew', () => {
  const path = file()
  const read = (() => {
    writeFileSync(path, line(1) + line(2) + line(3))
    return readAll(path)
  })()

  test('where the file was cut', () => {
    truncateSync(path, line(1).length)
    expect(readAll(path, read.place)).toMatchObject({ anew: 1, steps: [1] })
  })

  test('where it was replaced, even by one with a line that ends at the very place', () => {
    writeFileSync(`${path}.tmp`, [4, 5, 6, 7].map((step) => line(step)).join(''))
    renameSync(`${path}.tmp`, path)
    expect(nextBatch(path, { offset: read.place.offset })).toMatchObject({ series: [{ steps: [7] }] })
    expect(readAll(path, read.place)).toMatchObject({ anew: 1, steps: [4, 5, 6, 7] })
  })

  test('where it is gone', () => {
    expect(nextBatch(file(), { offset: 5 })).toBe('anew')
  })

  test('where somebody names a place within a line', () => {
    const own = file()
    writeFileSync(own, line(1) + line(2))
    expect(nextBatch(own, { offset: 7 })).toBe('anew')
    expect(nextBatch(own, { offset: line(1).length })).toMatchObject({ series: [{ steps: [2] }] })
  })
})

test('lines that nobody of ours has written are passed over', () => {
  const path = file()
  const odd = ['', 'null', '[]', '{', '{"unit":1,"name":"a","step":1,"value":1}', '{"unit":"a","name":"a","step":"1"}', '\0\0', '<script>']
  writeFileSync(path, `${odd.join('\n')}\n${line(1)}${'x'.repeat(3 << 20)}\n${line(2)}{"unit":"a","name":"b","step":3,"value":"1e3"}\n`)
  const { steps } = readAll(path)
  expect(steps).toEqual([1, 2, 3])
})

test('ten thousand observations come in pieces of a megabyte at most', () => {
  const path = file()
  writeFileSync(path, Array.from({ length: 30_000 }, (_, i) => line(i)).join(''))
  const first = nextBatch(path, beginning)
  expect(first !== 'anew' && first!.place.offset).toBeLessThanOrEqual(1 << 20)
  expect(readAll(path).steps).toHaveLength(30_000)
})

test('a link is no file', () => {
  const path = file()
  writeFileSync(`${path}.real`, line(1))
  symlinkSync(`${path}.real`, path)
  expect(nextBatch(path, beginning)).toBeUndefined()
})

test.each([undefined, '', 'abc', '-1', '1e9', '1.5', '99999999999999999999', '5-', '5-x', '5-6-7', ' 5'])(
  'the id %j is the beginning',
  (id) => {
    expect(placeOf(id)).toEqual(beginning)
  },
)
