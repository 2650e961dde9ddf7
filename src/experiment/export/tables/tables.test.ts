import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { scratch } from '../../testing/comparable.ts'
import { readExportedRun } from '../exported-run.ts'
import { quietControl } from '../testing/control.ts'
import { sampleObservations, sampleRun } from '../testing/sample-run.ts'
import { exportTables, type TablesRequest } from './export-tables.ts'
import { formats } from './format.ts'

let [folder, target] = ['', '']

beforeEach(() => {
  folder = sampleRun(join(scratch(), 'run'))
  target = join(scratch(), 'tables')
})

const exportIt = (changes: Partial<TablesRequest> = {}) =>
  exportTables({ runs: [readExportedRun(folder)], format: 'csv', target, out: () => {}, ...changes }, quietControl())

const rowsOf = (name: string): Record<string, string>[] =>
  parse(readFileSync(join(target, name)), { columns: true, record_delimiter: '\r\n' })

describe('csv', () => {
  test('a folder gets every table', async () => {
    await exportIt()
    expect(readdirSync(target).sort()).toEqual(['claims.csv', 'controls.csv', 'curves.csv', 'items.csv', 'measurements.csv', 'metrics.csv'])
  })

  test('metrics: every observation, in full precision', async () => {
    await exportIt()
    expect(
      rowsOf('metrics.csv').map(({ unit, step, name, value, time }) => ({
        unit,
        step: Number(step),
        name,
        value: Number(value),
        time: Date.parse(time),
      })),
    ).toEqual(sampleObservations.map((line) => ({ ...line, value: line.value ?? Number.NaN })))
    expect(rowsOf('metrics.csv')[0]).toMatchObject({ method: 'walk', run: '20260102-030405-abc123', arm: 'straight/walk', seed: '0' })
  })

  test('claims, controls, measurements, curves and items', async () => {
    await exportIt()
    expect(rowsOf('claims.csv')).toMatchObject([
      { claim: 'moves', mean: '1.1', low: '1', high: '1.2', verdict: 'fails', reason: 'wrongSide', baseline: '' },
    ])
    expect(rowsOf('controls.csv')).toMatchObject([{ control: 'no-drift', claim: 'moves', fails_as_it_should: 'yes' }])
    expect(rowsOf('measurements.csv').map(({ seed, name, value }) => [seed, name, value])).toEqual([
      ['0', 'speed', '1'],
      ['1', 'speed', '1.1'],
    ])
    expect(
      rowsOf('curves.csv')
        .filter(({ name }) => name === 'turns')
        .map(({ x, value }) => [x, value]),
    ).toEqual([
      ['1', '0.5'],
      ['2', 'NaN'],
    ])
    expect(rowsOf('items.csv').map(({ set, item, name, value }) => [set, item, name, value])).toEqual([
      ['way', '0', 'id', 'a'],
      ['way', '0', 'length', '1.5'],
      ['way', '1', 'id', "'@b"],
      ['way', '1', 'length', 'NaN'],
    ])
  })

  test('a text that a spreadsheet would run begins with an apostrophe; negative numbers are numbers', async () => {
    await exportIt()
    expect(rowsOf('claims.csv')[0].statement).toBe(`'=The walk moves, "fast"`)
    expect(formats.csv.line(['a', 'b', 'c'], ['-1', -1, '+cmd|x'])).toBe("'-1,-1,'+cmd|x\r")
  })

  test('any cells come back through a CSV parser', () =>
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: fc.constantFrom(...'ab"\'=+-@,\r\n\t成'), maxLength: 5 }), fc.double()), {
          minLength: 2,
          maxLength: 6,
        }),
        (cells) => {
          const [back] = parse(`${formats.csv.line([], cells)}\n`, { record_delimiter: '\r\n' }) as string[][]
          for (const [i, cell] of cells.entries())
            if (typeof cell === 'number') expect(Number(back[i])).toBe(cell === 0 ? 0 : cell)
            else if (/^[=+\-@\t\r]/.test(cell)) expect(back[i]).toBe(`'${cell}`)
            else expect(back[i]).toBe(cell)
        },
      ),
    ))
})

describe('where to', () => {
  test('a file of one table, and standard output', async () => {
    const lines: string[] = []
    await exportIt({ target: undefined, out: (text) => lines.push(text) })
    expect(lines.join('\n').split('\n')).toHaveLength(1 + sampleObservations.length)
    mkdirSync(target)
    await exportIt({ target: join(target, 'mine.csv'), table: 'claims' })
    expect(readdirSync(target)).toEqual(['mine.csv'])
    expect(rowsOf('mine.csv')).toHaveLength(1)
  })

  test('again: its own files are replaced, one of another kind is not', async () => {
    await exportIt()
    await exportIt()
    expect(rowsOf('metrics.csv')).toHaveLength(sampleObservations.length)
    writeFileSync(join(target, 'claims.csv'), 'my,own,table\r\n')
    await expect(exportIt()).rejects.toThrow(/no earlier export/)
    expect(readFileSync(join(target, 'claims.csv'), 'utf8')).toBe('my,own,table\r\n')
  })

  test('two runs in one table', async () => {
    const other = sampleRun(join(scratch(), 'run'), { id: 'other' })
    await exportIt({ runs: [readExportedRun(folder), readExportedRun(other)] })
    expect(rowsOf('metrics.csv').map(({ run }) => run)).toEqual([
      ...sampleObservations.map(() => '20260102-030405-abc123'),
      ...sampleObservations.map(() => 'other'),
    ])
  })
})

test('jsonl: an object a line', async () => {
  await exportIt({ format: 'jsonl' })
  const lines = readFileSync(join(target, 'metrics.jsonl'), 'utf8').trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line).value)).toEqual(sampleObservations.map(({ value }) => value))
})
