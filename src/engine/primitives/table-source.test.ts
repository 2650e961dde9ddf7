import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { primitiveTable } from './table.ts'

test('the table holds every primitive that the source defines', () => {
  const folder = new URL('..', import.meta.url).pathname
  const source = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /(?<!\.test)\.ts$/.test(path))
  const defined = source.flatMap((path) => {
    const text = readFileSync(`${folder}/${path}`, 'utf8')
    const objects = [...text.matchAll(/^export const (\w+)Primitive\b/gm)].map(([, name]) => name)
    const elementwise = [...text.matchAll(/^export const (\w+)[^=\n]*=[^=]*?\belementwise<[\s\S]*?>\(\{\s*name: '(\w+)'/gm)].map(
      ([, , name]) => name,
    )
    return [...objects, ...elementwise]
  })
  const names = primitiveTable.map(({ name }) => (name === 'broadcastTo' ? 'broadcast' : name))
  expect(new Set(names).size).toBe(names.length)
  expect(names.toSorted()).toEqual([...new Set(defined)].toSorted())
})
