import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratch } from '../testing/comparable.ts'
import { openMetrics, readMetrics, seriesOf, trimMetrics } from './metrics.ts'

const fresh = () => join(scratch(), 'metrics.jsonl')

test('one line an observation', () => {
  const path = fresh()
  const log = openMetrics(path)
  log.append('a', 1, { loss: 2, accuracy: 0.5 })
  log.close()
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toMatchObject([
    { unit: 'a', step: 1, name: 'loss', value: 2 },
    { unit: 'a', step: 1, name: 'accuracy', value: 0.5 },
  ])
  expect(lines[0].time).toBeGreaterThan(1.6e12)
})

test('a torn last line is skipped, and dropped before more is logged', () => {
  const path = fresh()
  const log = openMetrics(path)
  log.append('a', 1, { loss: 2 })
  log.close()
  appendFileSync(path, '{"unit":"a","step":2,"na')
  expect(readMetrics(path)).toHaveLength(1)
  trimMetrics(path, () => 9)
  const again = openMetrics(path)
  again.append('a', 2, { loss: 1 })
  again.close()
  expect(readMetrics(path).map(({ value }) => value)).toEqual([2, 1])
})

test('trimming keeps the first so many observations of each unit, wherever they stand', () => {
  const path = fresh()
  const log = openMetrics(path)
  for (const [unit, step] of [
    ['a', 1],
    ['b', 1],
    ['a', 2],
    ['b', 2],
    ['a', 3],
  ] as const)
    log.append(unit, step, { x: step })
  log.close()
  trimMetrics(path, (unit) => ({ a: 2, b: 0 })[unit] ?? 0)
  expect(readMetrics(path).map(({ unit, step }) => [unit, step])).toEqual([
    ['a', 1],
    ['a', 2],
  ])
})

test('lines of garbage are no observations', () => {
  const path = fresh()
  appendFileSync(path, 'null\n3\n{"unit":1}\n\n{"unit":"a","step":1,"name":"x","value":4,"time":1}\n')
  expect(readMetrics(path)).toHaveLength(1)
})

test('values without JSON become null, and NaN in a curve', () => {
  const path = fresh()
  const log = openMetrics(path)
  log.append('a', 1, { x: Number.NaN })
  log.append('a', 2, { x: Number.POSITIVE_INFINITY })
  log.close()
  expect(readMetrics(path).map(({ value }) => value)).toEqual([null, null])
  expect(seriesOf(readMetrics(path), 'a').x.y).toEqual([Number.NaN, Number.NaN])
})

test('curves of one unit', () => {
  const observation = (unit: string, step: number, name: string, value: number) => ({ unit, step, name, value, time: 0 })
  const all = [observation('a', 1, 'x', 5), observation('b', 1, 'x', 6), observation('a', 2, 'x', 7), observation('a', 2, 'y', 8)]
  expect(seriesOf(all, 'a')).toEqual({ x: { x: [1, 2], y: [5, 7] }, y: { x: [2], y: [8] } })
})

test('long curves are thinned, and keep both ends', () => {
  const all = Array.from({ length: 9999 }, (_, step) => ({ unit: 'a', step, name: 'x', value: step, time: 0 }))
  const { x } = seriesOf(all, 'a').x
  expect(x.length).toBeLessThanOrEqual(2001)
  expect([x[0], x.at(-1)]).toEqual([0, 9998])
})

test('no file is no observations', () => expect(readMetrics(join(scratch(), 'none'))).toEqual([]))
