import { expect, test } from 'vitest'
import { formatBytes, formatFlops, formatInterval, formatNumber, formatSeconds, shellCommand } from './format.ts'

test.each([
  [0.57812, '0.5781'],
  [0.5, '0.5'],
  [20, '20'],
  [0, '0'],
  [-0.0075838, '-0.007584'],
  [123456, '123456'],
  [12345.678, '12346'],
  [1234567, '1.235e6'],
  [1e6, '1e6'],
  [2.5e-7, '2.5e-7'],
  [Number.NaN, 'NaN'],
  [null, 'NaN'],
  [Number.NEGATIVE_INFINITY, '-∞'],
])('%d is %s', (value, text) => expect(formatNumber(value)).toBe(text))

test('intervals', () => {
  expect(formatInterval([0.1, 0.25])).toBe('[0.1, 0.25]')
  expect(formatInterval(null)).toBe('')
})

test.each([
  [0.0312, '0.031 s'],
  [12.3, '12 s'],
  [75, '1 min 15 s'],
  [7260, '2 h 1 min'],
  [864000, '10 days'],
])('%d seconds are %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text))

test('sizes', () => {
  expect(formatBytes(1.5 * 2 ** 30)).toBe('1.5 GiB')
  expect(formatBytes(0)).toBe('0 B')
  expect(formatFlops(2.1e12)).toBe('2.1 TFLOP')
})

test('commands can be pasted', () => expect(shellCommand(['quire', 'run', '--out', "it's here"])).toBe("quire run --out 'it'\\''s here'"))
