import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { methods } from './index.ts'

test.each([
  ['README.md', 'en'],
  ['README.zh-CN.md', 'zh'],
] as const)('%s lists the methods, in the words of their cards', (file, language) => {
  const readme = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  const listed = readme.split('\n').filter((line) => line.includes('](src/methods/'))
  const rows = methods.map(
    ({ number, name, arxiv, summary }) =>
      `| ${number} | [\`${name}\`](src/methods/${name}/README.md) | [${arxiv}](https://arxiv.org/abs/${arxiv}) | ${summary[language]} |`,
  )
  expect(listed).toEqual(rows)
})
