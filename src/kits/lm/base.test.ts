import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generateText } from '../../data/index.ts'
import { toArrays } from '../../train/index.ts'
import { baseModel, baseRecipe } from './base.ts'
import { streamScorer } from './evaluate.ts'

const text = (seed: number) => ({ train: new TextEncoder().encode(generateText({ length: 20_000, seed })) })
const corpora = { eng: text(1), code: text(2), shakespeare: text(3) }
const recipe = baseRecipe({
  size: 'tiny',
  stages: [
    { steps: 30, batch: 8, context: 32 },
    { steps: 5, batch: 2, context: 64 },
  ],
})

test('a base model is trained once, kept, and read again; another recipe or text is another model', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'base-'))
  const losses: number[] = []
  const options = { cache, progress: (_: number, __: number, loss: number) => void losses.push(loss) }
  const first = await baseModel(recipe, corpora, options)
  expect(losses).toHaveLength(35)
  expect(losses.at(-1)!).toBeLessThan(losses[0] - 1)
  const second = await baseModel(recipe, corpora, options)
  expect(losses).toHaveLength(35)
  expect(await toArrays(second.params)).toEqual(await toArrays(first.params))
  expect(second.sha256).toBe(first.sha256)
  const score = streamScorer(first.config, { context: 32 })
  const { bits, tokens } = await score(second.params, corpora.eng.train)
  expect(bits / tokens).toBeLessThan(6.5)
  const others = [await baseModel({ ...recipe, seed: 1 }, corpora, options), await baseModel(recipe, { ...corpora, eng: text(4) }, options)]
  expect(new Set([first, ...others].map(({ sha256 }) => sha256)).size).toBe(3)
  expect(readdirSync(cache)).toHaveLength(3)
})

test('a cache that cannot be written costs nothing but time', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'base-')), 'file')
  writeFileSync(file, '')
  const lines: string[] = []
  const quick = { ...recipe, stages: [{ steps: 2, batch: 2, context: 16 }] }
  await baseModel(quick, corpora, { cache: join(file, 'inside'), log: (line) => lines.push(line) })
  expect(lines.at(-1)).toMatch(/could not be kept/)
})
