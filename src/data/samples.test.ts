import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadTabularOrImages, sampleNames, writeSample } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'quire-samples-'))

test('every sample is data that the reader of people’s own takes, and is the same each time', async () => {
  for (const name of sampleNames) await writeSample(name, folder)
  const [pictures, table, credit] = await Promise.all(
    [['digits/'], ['digits.csv', 'class'], ['credit.csv', 'default']].map(([name, target]) =>
      loadTabularOrImages(join(folder, name), { target }),
    ),
  )
  expect([pictures.x.shape, table.x.shape]).toEqual([
    [600, 1, 28, 28],
    [600, 64],
  ])
  expect(pictures.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  expect(credit.classes).toEqual(['no', 'yes'])
  const share = [...credit.y.data].filter((label) => label === 1).length / 400
  expect(share).toBeGreaterThan(0.3)
  expect(share).toBeLessThan(0.7)
  const again = mkdtempSync(join(tmpdir(), 'quire-samples-'))
  await writeSample('credit.csv', again)
  expect(readFileSync(join(again, 'credit.csv'))).toEqual(readFileSync(join(folder, 'credit.csv')))
})

test('the table and the pictures are the same digits', async () => {
  const pictures = await loadTabularOrImages(join(folder, 'digits/'))
  const table = await loadTabularOrImages(join(folder, 'digits.csv'), { target: 'class' })
  const counts = (labels: ArrayLike<number>) =>
    Array.from(labels).reduce((all, label) => all.with(label, all[label] + 1), new Array<number>(10).fill(0))
  expect(counts(pictures.y.data)).toEqual(counts(table.y.data))
})

test('nothing is overwritten', async () => {
  await expect(writeSample('credit.csv', folder)).rejects.toThrow(/credit\.csv: is there already/)
})
