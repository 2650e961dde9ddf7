import { expect, test } from 'vitest'
import { type Tensor, tensor } from '../../../engine/index.ts'
import { forward } from '../decoder.ts'
import type { LanguageModel } from '../model.ts'
import { families, stirred } from '../testing/families.ts'
import { multipleChoice, tokenLogprobs } from './score.ts'
import { letters } from './testing/letters.ts'

const model: LanguageModel = { config: families.gpt2, params: stirred(families.gpt2), tokenizer: letters }

/** The same from one text alone, through the forward pass of training. */
async function alone({ config, params }: LanguageModel, text: readonly number[]): Promise<number[]> {
  const ids: Tensor = tensor(Int32Array.from(text), { shape: [1, text.length], dtype: 'int32' })
  const logits = (await forward(config, params, { ids }).data()) as Float32Array
  return text.slice(1).map((id, k) => {
    const row = logits.subarray(k * 40, (k + 1) * 40)
    return row[id] - Math.log(row.reduce((total, x) => total + Math.exp(x), 0))
  })
}

test('texts of unlike length together have the log-probabilities of each alone', async () => {
  const texts = ['hello', 'ab', 'themodelreadsthis', 'zzz'].map((text) => letters.encode(text))
  const found = await tokenLogprobs(model, texts)
  for (const [i, text] of texts.entries()) {
    const expected = await alone(model, text)
    expect(found[i]).toHaveLength(expected.length)
    for (const [k, value] of expected.entries()) expect(found[i][k]).toBeCloseTo(value, 4)
  }
  await expect(tokenLogprobs(model, ['a'])).rejects.toThrow(/nothing to score/)
  await expect(tokenLogprobs(model, [new Array(65).fill(1)])).rejects.toThrow(/65 tokens; the context of 64 does not hold them/)
})

test('a choice by its sum, or by its sum for each token', async () => {
  const choices = ['a', 'bcd', 'qq']
  const sums = await Promise.all(
    choices.map(async (choice) => (await alone(model, letters.encode(`once${choice}`))).slice(3).reduce((a, b) => a + b, 0)),
  )
  const bySum = await multipleChoice(model, 'once', choices)
  const byLength = await multipleChoice(model, 'once', choices, { by: 'length' })
  for (const [i, sum] of sums.entries()) {
    expect(bySum.scores[i]).toBeCloseTo(sum, 4)
    expect(byLength.scores[i]).toBeCloseTo(sum / choices[i].length, 4)
  }
  expect(bySum.best).toBe(sums.indexOf(Math.max(...sums)))
  await expect(multipleChoice(model, 'once', [''])).rejects.toThrow(/choice 1 has no token/)
})
