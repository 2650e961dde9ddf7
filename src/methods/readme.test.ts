import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { methods } from './index.ts'

test('the README lists the methods, in the words of their cards', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const listed = readme.split('\n').filter((line) => line.includes('](src/methods/'))
  const rows = methods.map(
    ({ number, name, arxiv, summary }) =>
      `| ${number} | [\`${name}\`](src/methods/${name}/README.md) | [${arxiv}](https://arxiv.org/abs/${arxiv}) | ${summary.en} |`,
  )
  expect(listed).toEqual(rows)
})
