import { describe, expect, test } from 'vitest'
import { concat, key, random, reshape, type Tensor, tensor } from '../../../engine/index.ts'
import type { DecoderConfig } from '../config.ts'
import { forward } from '../decoder.ts'
import type { LanguageModel } from '../model.ts'
import type { DecoderParams } from '../params.ts'
import { families, stirred } from '../testing/families.ts'
import { generate } from './index.ts'
import { compiled, Rows } from './rows.ts'
import { letters } from './testing/letters.ts'

const ids = (values: readonly number[]): Tensor => tensor(Int32Array.from(values), { shape: [1, values.length], dtype: 'int32' })

/** Logits of the next token, from the whole text at once. */
async function nextLogits(config: DecoderConfig, params: DecoderParams, text: readonly number[]): Promise<Float32Array> {
  const logits = await forward(config, params, { ids: ids(text) }).data()
  return (logits as Float32Array).slice(-config.vocabulary)
}

const prompts = [[1, 2, 3], [30, 7, 7, 12, 5, 39, 2], [9]]
const modelOf = (config: DecoderConfig, params = stirred(config)): LanguageModel => ({ config, params, tokenizer: letters })

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((worst: number, value, i) => Math.max(worst, Math.abs(value - b[i])), 0)

describe.each(Object.entries(families))('%s', (_, config) => {
  const model = modelOf(config)

  test('the rows of a batch have the logits of the whole texts, at every step', async () => {
    const rows = new Rows(await compiled(model), prompts.length)
    const texts = prompts.map((prompt) => [...prompt])
    for (const [row, prompt] of prompts.entries()) {
      const { logits } = await rows.add([prompt])
      expect(largest(logits, await nextLogits(config, model.params, texts[row]))).toBeLessThan(1e-4)
    }
    for (let step = 0; step < 4; step++) {
      const next = texts.map((text) => (text.at(-1)! * 7 + step) % 40)
      const { logits } = await rows.step(next)
      for (const [row, text] of texts.entries()) {
        text.push(next[row])
        const own = logits.subarray(row * 40, (row + 1) * 40)
        expect(largest(own, await nextLogits(config, model.params, text))).toBeLessThan(1e-4)
      }
    }
  })
})
