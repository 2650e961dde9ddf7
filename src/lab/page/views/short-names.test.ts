import { expect, test } from 'vitest'
import { shortNames } from './short-names.ts'

test.each([
  ['the ends of generated ids', ['ramda/20261126-101112-0a1b2c', 'ramda/20261126-101112-3d4e5f'], ['0a1b2c', '3d4e5f']],
  ['ids that somebody gave', ['walk/lr-0.1-batch-64', 'walk/lr-0.2-batch-64'], ['lr-0.1-batch-64', 'lr-0.2-batch-64']],
  [
    'ends that are the same',
    ['a/20261126-101112-0a1b2c', 'a/20261127-101112-0a1b2c'],
    ['20261126-101112-0a1b2c', '20261127-101112-0a1b2c'],
  ],
  ['ids that are the same', ['ramda/mine', 'lisa/mine', 'lisa/yours'], ['ramda/mine', 'lisa/mine', 'yours']],
])('%s tell runs apart', (_, paths, names) => {
  expect([...shortNames(paths).values()]).toEqual(names)
})
