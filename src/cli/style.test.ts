import { expect, test } from 'vitest'
import { aligned, painter, wrapped } from './style.ts'

test('columns are aligned, without blanks at the end', () =>
  expect(
    aligned([
      ['a', 'b', 'c'],
      ['long', '', 'd'],
      ['x', 'y', ''],
    ]),
  ).toEqual(['a     b  c', 'long     d', 'x     y']))
test('no rows', () => expect(aligned([])).toEqual([]))
test('wraps at words', () => expect(wrapped('one two three', 7, '> ')).toEqual(['> one two', '> three']))
test('a dumb terminal gets no colours', () => expect(painter({ outIsTty: true, env: { TERM: 'dumb' } })('red', 'x')).toBe('x'))
