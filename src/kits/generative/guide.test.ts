import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as data from '../../data/index.ts'
import * as generative from './index.ts'

const guide = readFileSync(new URL('../../../docs/diffusion/metrics.md', import.meta.url), 'utf8')
const [block] = [...guide.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code)
const asynchronous = (async () => {}).constructor as new (...code: string[]) => (...values: unknown[]) => Promise<void>

test('the example of docs/diffusion/metrics.md prints what it says', async () => {
  const names = [...block.matchAll(/^import \{([^}]*)\} from/gm)].flatMap(([, list]) => list.split(',').map((name) => name.trim()))
  const known: Record<string, unknown> = { ...data, ...generative }
  const printed: unknown[][] = []
  const console = { log: (...values: unknown[]) => printed.push(values) }
  const code = block.replace(/^import .*$/gm, '')
  await new asynchronous('console', ...names, code)(console, ...names.map((name) => known[name]))
  expect(printed[0].join(' ')).toBe(/console\.log\(n.*\/\/ (.*)$/m.exec(block)![1])
  expect(printed[1][0]).toMatch(/^mlp of 196 → 64, trained on 10 classes, [0-9a-f]{12}$/)
})
