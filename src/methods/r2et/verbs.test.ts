import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Verb } from '../method.ts'
import { explainVerb } from './verb-explain.ts'
import { trainVerb } from './verb-train.ts'

const folder = mkdtempSync(join(tmpdir(), 'quire-r2et-'))
afterAll(() => rmSync(folder, { recursive: true }))

const run = (verb: Verb, options: Record<string, unknown>) =>
  verb.run({
    options: verb.options.parse(options),
    signal: new AbortController().signal,
    log: () => {},
    out: () => {},
    progress: async () => {},
  })

test('a model trained on a table explains its rows by their columns', async () => {
  const table = join(folder, 'credit.csv')
  const line = (i: number) => [(i * 7) % 11, (i * 5) % 13, ['red', 'green'][i % 2], (i * 3) % 5, (i * 7) % 11 > 5 ? 'yes' : 'no']
  writeFileSync(table, `debt,age,colour,children,default\n${Array.from({ length: 200 }, (_, i) => line(i).join(',')).join('\n')}\n`)
  const model = join(folder, 'model')
  const settings = { data: table, k: 2, epochs: 40, again: 2, points: 10, batch: 32, hidden: [8], out: model }
  const trained = (await run(trainVerb, settings)).json as { after: { accuracy: number; worst: number } }
  expect(trained.after.accuracy).toBeGreaterThan(0.9)
  expect(trained.after.worst).toBeGreaterThan(0)
  const picture = join(folder, 'why.svg')
  const told = (await run(explainVerb, { model, data: table, row: 3, picture })).json as { top: { feature: string }[]; predicted: string }
  // The class follows from the debt alone.
  expect(told.top[0].feature).toBe('debt')
  expect(told.predicted).toBe(line(3)[4])
  expect(readFileSync(picture, 'utf8')).toContain('>debt</text>')
  await expect(run(explainVerb, { model, data: table, row: 200, picture })).rejects.toThrow('there is no row 200 among 200')
  const other = join(folder, 'other.csv')
  writeFileSync(other, 'debt,age,colour,children,default\n1,2,blue,3,yes\n1,2,red,3,no\n')
  await expect(run(explainVerb, { model, data: other, picture })).rejects.toThrow('the model was not trained on "colour=blue"')
})
