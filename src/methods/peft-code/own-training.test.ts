import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { key } from '../../engine/index.ts'
import { byteTokenizer, encodeExamples, initAdapter, initDecoder, llamaConfig } from '../../kits/lm/index.ts'
import { toArrays } from '../../train/index.ts'
import { type EncodedParts, encodedParts, longestOf, trainOwn } from './own-training.ts'

const config = llamaConfig({ width: 16, layers: 2, heads: 2, hidden: 24, context: 64 })
const base = { config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }
const adapter = initAdapter({ kind: 'lora', rank: 2, dropout: 0 }, base, key(1))

const pairs = Array.from({ length: 12 }, (_, i) => ({ id: i, prompt: `set x to ${i}`, completion: `x = ${i}` }))
const { examples } = encodeExamples(pairs, byteTokenizer, { format: (prompt) => `${prompt}\n` })
const parts: EncodedParts = { train: examples.slice(0, 8), validation: examples.slice(8), buckets: [32] }

const options = {
  format: 'alpaca',
  maxPrompt: 20,
  maxCompletion: 20,
  epochs: 4,
  batch: 2,
  optimizer: 'adamw',
  weightDecay: 0,
  recompute: false,
  seed: 0,
} as const

/** Trains in a folder, saving after each step; it is killed after so many. */
async function trained(folder: string, dies = Number.POSITIVE_INFINITY, named = 'tiny') {
  // Each look at the clock is a minute later than the one before.
  let now = 0
  vi.spyOn(Date, 'now').mockImplementation(() => (now += 60_000))
  return trainOwn(
    base,
    adapter,
    parts,
    { ...options, base: named, learningRate: 1e-2 },
    {
      folder,
      async progress(done) {
        if (done >= dies) throw new Error('killed')
      },
    },
  )
}

afterEach(() => void vi.restoreAllMocks())

const folder = () => mkdtempSync(join(tmpdir(), 'own-training-'))

test('what is killed ends with the adapter, the losses and all validation losses of what is not', async () => {
  const whole = await trained(folder())
  expect(whole.validation.length).toBeGreaterThan(5)
  const broken = folder()
  for (const dies of [7, 12]) await expect(trained(broken, dies)).rejects.toThrow('killed')
  const resumed = await trained(broken)
  expect(resumed.resumedAt).toBe(12)
  expect(resumed.losses).toEqual(whole.losses)
  expect(resumed.validation).toEqual(whole.validation)
  expect(await toArrays(resumed.adapter.params)).toEqual(await toArrays(whole.adapter.params))
})

test('the training of another base is not gone on with, be it of the same shape', async () => {
  const broken = folder()
  await expect(trained(broken, 3)).rejects.toThrow('killed')
  await expect(trained(broken, 9, 'another')).rejects.toThrow(/unfinished training with other options or data/)
})

test('150,000 pairs are as good as a few', () => {
  const many = Array.from({ length: 150_000 }, (_, id) => ({ id, prompt: 'p', completion: 'c' }))
  const { train, buckets } = encodedParts(base, many, many.slice(0, 1), { format: 'plain', maxPrompt: 20, maxCompletion: 20 }, () => {})
  expect(train).toHaveLength(150_000)
  expect(buckets.at(-1)).toBe(2)
  expect(longestOf(train)).toBe(2)
})
