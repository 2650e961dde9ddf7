import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { InputError } from '../../engine/errors.ts'
import type { Experiment, Findings } from '../definition.ts'
import type { ItemColumns } from '../items.ts'
import { makeReport } from '../report/report.ts'
import type { Split } from '../splits.ts'
import { scratch } from '../testing/comparable.ts'
import { mend } from '../testing/faults.ts'
import { walk } from '../testing/walk.ts'
import { itemLimits, readItems, storeItems } from './items.ts'
import { runExperiment } from './run.ts'

afterEach(mend)

const store = (columns: ItemColumns) => {
  const folder = scratch()
  const [file] = storeItems(folder, 'arm--seed-0', { test: columns })
  return { folder, file, text: readFileSync(join(folder, file.path), 'utf8') }
}

describe('a file of items', () => {
  test('has one object a line, and says what it holds', () => {
    const { file, text } = store({
      id: ['a', 'b'],
      label: Int32Array.of(1, 0),
      margin: Float32Array.of(0.1, -2.5),
      loss: [0.25, Number.NaN],
    })
    expect(text).toBe('{"id":"a","label":1,"margin":0.1,"loss":0.25}\n{"id":"b","label":0,"margin":-2.5,"loss":null}\n')
    expect(file).toEqual({
      name: 'test',
      path: 'items/arm--seed-0/test.jsonl',
      rows: 2,
      columns: ['id', 'label', 'margin', 'loss'],
      bytes: text.length,
      // printf '{"id":"a","label":1,"margin":0.1,"loss":0.25}\n{"id":"b","label":0,"margin":-2.5,"loss":null}\n' | sha256sum
      sha256: '0ddfca55c5f0221b2f897b3dc6ebedada7f881efc2b8ea69415ead6bcb7b2f8d',
    })
  })

  test('gives single and double precision back to the bit', () => {
    const numbers = { noNaN: true, noDefaultInfinity: true }
    const both = fc.array(fc.tuple(fc.float(numbers), fc.double(numbers)), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(both, (rows) => {
        const { folder, file } = store({ single: Float32Array.from(rows, ([a]) => a), double: rows.map(([, b]) => b) })
        const items = readItems(folder, file)
        // JSON has no negative zero.
        expect([...Float32Array.from(items.numbers('single'))]).toEqual(rows.map(([a]) => a + 0))
        expect(items.numbers('double')).toEqual(rows.map(([, b]) => b + 0))
      }),
      { numRuns: 40 },
    )
  })

  test.each<[string, ItemColumns, RegExp]>([
    ['columns of different lengths', { a: [1, 2], b: [1] }, /column b has 1 rows, column a has 2/],
    ['no columns', {}, /they have no columns/],
    ['more rows than are kept', { a: new Uint8Array(itemLimits.rows + 1) }, /there are 100001, at most 100000 are kept; keep fewer items/],
    ['more bytes than are kept', { a: Array.from({ length: 100 }, () => 'x'.repeat(2 ** 17)) }, /bytes, at most 8388608 are kept/],
  ])('refuses %s', (_, columns, message) => expect(() => store(columns)).toThrow(message))
  test('refuses a name that leaves the folder', () =>
    expect(() => storeItems(scratch(), 'unit', { '../x': { a: [1] } })).toThrow(/'..\/x' is no name for items/))
  test('of no rows is none', () => expect(storeItems(scratch(), 'unit', { test: { a: [] } })).toEqual([]))
})

/** A walk whose speed is the mean of its steps, item by item. */
function measuredWalk(change: (findings: Findings) => Findings = (same) => same, splits?: readonly Split[]): Experiment {
  const plain = walk()
  return {
    ...plain,
    data: async (context) => ({ ...(await plain.data(context)), splits }),
    async unit(context) {
      const found = await plain.unit(context)
      const { steps } = context.config as { steps: number }
      const each = Array.from({ length: steps }, () => found.measurements.place / steps)
      return change({ ...found, items: { steps: { id: each.map((_, i) => i), length: each } } })
    },
    from: {
      steps: (items) => ({ speed: items.numbers('length').reduce((sum, length) => sum + length, 0) / items.count }),
    },
  }
}

const run = (definition: Experiment) => runExperiment(definition, { preset: 'small', folder: join(scratch(), 'run') })
const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => '',
    (error) => {
      expect(error).toBeInstanceOf(InputError)
      return error.message
    },
  )

describe('a measurement and its items', () => {
  test('that agree are stored, and the report lists every file', async () => {
    const { folder, report } = await run(measuredWalk())
    expect(report.items).toHaveLength(10)
    for (const { path, unit } of report.items) {
      expect(path).toBe(`items/${unit}/steps.jsonl`)
      expect(existsSync(join(folder, path))).toBe(true)
    }
  })

  test('that do not agree end the run, by name', async () => {
    const lying = measuredWalk((found) => ({ ...found, measurements: { ...found.measurements, speed: found.measurements.speed + 0.01 } }))
    expect(await messageOf(run(lying))).toMatch(
      /^unit straight_walk--seed-0, items\/straight_walk--seed-0\/steps.jsonl: 'speed' is 1\.\d+, but its items give 0\.9\d+; one of the two is wrong/,
    )
  })

  test('with another name are an error, not a check that is left out', async () => {
    const misspelt = { ...measuredWalk(), from: { steps: () => ({ sped: 1 }) } }
    expect(await messageOf(run(misspelt))).toContain("its items give 'sped', which is none of its measurements")
  })

  test('are looked at again when the report is made again', async () => {
    const { folder } = await run(measuredWalk())
    const unit = join(folder, 'units', 'straight_walk--seed-1.json')
    const stored = JSON.parse(readFileSync(unit, 'utf8'))
    writeFileSync(unit, JSON.stringify({ ...stored, measurements: { ...stored.measurements, speed: 2 } }))
    expect(await messageOf(makeReport(measuredWalk(), folder))).toContain("'speed' is 2, but its items give")
  })

  test('that were changed or lost after the run are found', async () => {
    const { folder, report } = await run(measuredWalk())
    const path = join(folder, report.items[3].path)
    appendFileSync(path, '{"id":99,"length":1}\n')
    expect(await messageOf(makeReport(measuredWalk(), folder))).toContain('it is not what the run stored (another sha256)')
    rmSync(path)
    expect(await messageOf(makeReport(measuredWalk(), folder))).toContain('the file is missing; restore it, or start a new run')
  })
})

describe('splits of a run', () => {
  const parts = (test: number[]): Split[] => [
    { name: 'train', by: 'walker', ids: [1, 1, 2] },
    { name: 'test', by: 'walker', ids: test },
  ]

  test('are kept in short in run.json and report.json', async () => {
    const { folder, report } = await run(measuredWalk(undefined, parts([3])))
    const record = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))
    expect(record.splits).toMatchObject([
      { name: 'train', by: 'walker', size: 3, groups: 2 },
      { name: 'test', by: 'walker', size: 1, groups: 1 },
    ])
    expect(report.splits).toEqual(record.splits)
  })

  test('that leak end the run before anything is trained', async () => {
    let trained = 0
    const counting = (found: Findings) => {
      trained++
      return found
    }
    expect(await messageOf(run(measuredWalk(counting, parts([2]))))).toContain('walk: the split leaks: walker "2" is in train and in test')
    expect(trained).toBe(0)
  })
})
