import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadTabularOrImages, parseCsv } from '../../data/index.ts'
import { ownExamples } from './index.ts'

/** Visits of patients; `mark` tells the patient in the features, so that the parts can be looked into. */
const visits = (patients: readonly number[]): string =>
  [
    'patient,mark,value,sick',
    ...patients.map((patient, i) => `P-${patient},${patient},${i % 7},${Math.floor(i / 3) % 2 ? 'yes' : 'no'}`),
  ].join('\n')

function fileOf(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'quire-test-')), 'visits.csv')
  writeFileSync(path, text)
  return path
}

const patients = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 10, maxLength: 40 }).filter((all) => new Set(all).size > 2)

describe('data with groups', () => {
  test('no patient is on both sides, whatever the table', async () => {
    await fc.assert(
      fc.asyncProperty(patients, async (all) => {
        const table = await parseCsv(visits(all), { group: 'patient' })
        expect(table.groups).toEqual(all.map((patient) => `P-${patient}`))
        expect(table.featureNames).toEqual(['mark', 'value'])
        const own = { ...table, provenance: { name: '', real: true, source: '', sha256: '' } }
        // Unscaled, so that the mark is still the patient's number.
        const { train, test } = ownExamples(own, { table: 'none' })
        const marks = ({ x }: typeof train) => new Set([...x.data].filter((_, i) => i % 2 === 0))
        expect([...marks(train)].filter((mark) => marks(test).has(mark))).toEqual([])
        expect(train.y.shape[0] + test.y.shape[0]).toBe(all.length)
      }),
      { numRuns: 40 },
    )
  })

  test('a fifth is tested on', async () => {
    const own = await loadTabularOrImages(fileOf(visits(Array.from({ length: 100 }, (_, i) => i % 50))), { group: 'patient' })
    expect(ownExamples(own).test.y.shape[0]).toBe(20)
  })

  test.each<[string, string, object, string]>([
    ['a column that is not there', visits([1, 2]), { group: 'pacient' }, 'there is no column "pacient"; did you mean "patient"?'],
    ['the target', visits([1, 2]), { group: 'sick' }, 'the group "sick" is the target; name the column of the class with --target'],
    [
      'a missing group',
      'patient,a,y\n,1,b\nP-1,2,c',
      { group: 'patient' },
      'line 2, column "patient": the group is missing; remove the row',
    ],
  ])('refuses %s', async (_, text, options, message) => expect(loadTabularOrImages(fileOf(text), options)).rejects.toThrow(message))

  test('refuses one patient', async () => {
    const own = await loadTabularOrImages(fileOf(visits(new Array(12).fill(3))), { group: 'patient' })
    expect(() => ownExamples(own, { where: 'visits.csv' })).toThrow(
      'visits.csv: 1 group cannot be split into train, test; give rows of at least 2 groups',
    )
  })

  test('refuses what has no columns', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quire-test-'))
    // Two images of 1 × 1, and their labels beside them.
    const images = join(folder, 'train-images-idx3-ubyte')
    writeFileSync(images, Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 9))
    writeFileSync(join(folder, 'train-labels-idx1-ubyte'), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 0, 1))
    await expect(loadTabularOrImages(images, { group: 'patient' })).rejects.toThrow(
      'there is no column "patient": only a CSV file has columns',
    )
  })
})

test('rows that the parts have in common are said, with their number', async () => {
  const rows = Array.from({ length: 20 }, (_, i) => `${i < 10 ? 1 : i},2,${i % 2}`)
  const own = await loadTabularOrImages(fileOf(['a,b,y', ...rows].join('\n')))
  const said: string[] = []
  ownExamples(own, { log: (line) => said.push(line) })
  // Rows 0, 5, 10 and 15 are tested on; the first two equal eight of the others.
  expect(said).toEqual(['2 of 4 examples to test on equal one to train on in every value'])
  said.length = 0
  ownExamples({ ...own, groups: rows.map((row) => row.split(',')[0]) }, { log: (line) => said.push(line) })
  expect(said).toEqual([])
})
