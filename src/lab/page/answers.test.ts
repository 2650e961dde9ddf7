import { expect, test } from 'vitest'
import { Answers } from './answers.ts'

test('an answer is there when somebody comes back, and is the same object while the server says the same', () => {
  const answers = new Answers(2)
  const said = answers.add('/api/runs', '[1]')
  expect(answers.get('/api/runs')).toBe(said)
  expect(answers.add('/api/runs', '[1]')).toBe(said)
  expect(answers.add<number[]>('/api/runs', '[1,2]').data).toEqual([1, 2])
  answers.forget('/api/runs')
  expect(answers.get('/api/runs')).toBeUndefined()
})

test('only so many are kept, those that were asked for last', () => {
  const answers = new Answers(2)
  for (const path of ['a', 'b', 'a', 'c']) answers.add(path, '0')
  expect(['a', 'b', 'c'].map((path) => answers.get(path)?.path)).toEqual(['a', undefined, 'c'])
})
