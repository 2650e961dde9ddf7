import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as engine from './index.ts'

const guide = readFileSync(new URL('../../docs/engine.md', import.meta.url), 'utf8')
const blocks = [...guide.matchAll(/```js\nimport \{([^}]*)\} from 'quire'\n([\s\S]*?)```/g)]
const exported = new Map<string, unknown>(Object.entries(engine))
const asynchronous = (async () => {}).constructor as new (...code: string[]) => (...values: unknown[]) => Promise<void>

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

test('the guide has examples', () => {
  expect(blocks.length).toBeGreaterThanOrEqual(5)
})

test.each(blocks.map(([, names, code], i) => ({ i, names: names.split(',').map((name) => name.trim()), code })))(
  'example $i of docs/engine.md prints what it says',
  async ({ names, code }) => {
    const said = [...code.matchAll(/^console\.log\(.*\/\/ (.*)$/gm)].map(([, line]) => line)
    const printed: string[] = []
    const console = { log: (...values: unknown[]) => printed.push(values.map(text).join(' ')) }
    await new asynchronous('console', ...names, code)(console, ...names.map((name) => exported.get(name)))
    expect(printed).toEqual(said)
  },
)
