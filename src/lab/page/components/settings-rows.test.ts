import { expect, test } from 'vitest'
import { settingRows } from './settings-rows.ts'

test('keys of all, with what each has for them, and whether that differs', () => {
  const rows = settingRows([
    { epochs: 5, logreg: { rate: 0.1, sizes: [1, 2] } },
    { epochs: 5, logreg: { rate: 0.2, sizes: [1, 2] }, extra: 'a=b' },
  ])
  expect(rows).toEqual([
    { key: 'epochs', values: ['5', '5'], differs: false },
    { key: 'logreg.rate', values: ['0.1', '0.2'], differs: true },
    { key: 'logreg.sizes', values: ['[1,2]', '[1,2]'], differs: false },
    { key: 'extra', values: [undefined, 'a=b'], differs: true },
  ])
  expect(settingRows([])).toEqual([])
})
