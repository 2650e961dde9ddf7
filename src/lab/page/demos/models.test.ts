import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { headerBytes } from '../../../engine/safetensors-header.ts'
import { explainer, mostSalient, readClassifier } from './digit/explain.ts'
import { outcomeOf } from './digit/outcome.ts'
import { halved } from './drawing/ink.ts'
import { decodeDigits, type ModelList } from './models.ts'
import { candidatesAfter, complete, promptTokens, readTextModel } from './text/complete.ts'
import { tokenText } from './text/show.ts'
import { nearestLevel } from './u-turn/frames.ts'
import { readDenoiser, turner } from './u-turn/turn.ts'
import { readWeights } from './weights.ts'

const folder = join(import.meta.dirname, '..', 'public', 'models')
const file = (name: string) => new Uint8Array(readFileSync(join(folder, name)))
const list = JSON.parse(readFileSync(join(folder, 'models.json'), 'utf8')) as ModelList
const examples = JSON.parse(readFileSync(join(folder, 'digits.json'), 'utf8')) as { labels: number[]; pixels: string }
const digits = decodeDigits(examples.pixels)

test('the list says of every file how large it is, and all together are small', () => {
  const models = [...list.digit.models, ...list['u-turn'].models, ...list.text.models]
  for (const { file, bytes } of models) expect(statSync(join(folder, file)).size).toBe(bytes)
  expect(models.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(5.5e6)
  expect(existsSync(join(folder, 'digits.json'))).toBe(true)
})

test('whole numbers times the scale of their row', () => {
  const layout = [
    { name: 'w:scale', format: 'F32', shape: [2] },
    { name: 'w', format: 'I8', shape: [2, 2] },
  ]
  const body = [new Uint8Array(Float32Array.of(0.5, 2).buffer), new Uint8Array(Int8Array.of(1, -127, 3, 4).buffer)]
  const bytes = Uint8Array.from([...headerBytes(layout, {}), ...body[0], ...body[1]])
  expect(readWeights(bytes, 'test').tensors).toEqual({ w: { shape: [2, 2], dtype: 'float32', data: Float32Array.of(0.5, -63.5, 6, 8) } })
})

describe('explanations', () => {
  const of = (name: string) => explainer(readClassifier(file(name), name))

  test('the networks know the digits that a reader can begin with', async () => {
    const { explain } = of('digits-ten-robust.safetensors')
    let right = 0
    for (const [i, picture] of digits.entries()) {
      const { label, probabilities, map } = await explain(picture)
      right += Number(label === examples.labels[i])
      expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 4)
      expect(map).toHaveLength(784)
    }
    expect(right).toBeGreaterThanOrEqual(17)
  })

  test('a change stays in its ball and in the range of pictures, keeps the decision, and spares the robust explanation', async () => {
    const picture = digits[8]
    const [fragile, robust] = [of('digits-ten-fragile.safetensors'), of('digits-ten-robust.safetensors')]
    const [one, other] = [await fragile.perturb(picture, { eps: 0.5, steps: 60 }), await robust.perturb(picture, { eps: 0.5, steps: 60 })]
    for (const { pixels, distance, after } of [one, other]) {
      expect(distance).toBeLessThanOrEqual(0.5 + 1e-4)
      expect(pixels.every((value) => value >= 0 && value <= 1)).toBe(true)
      expect(after.label).toBe(4)
    }
    expect(outcomeOf(one.kept, other.kept, 50)).toBe('flips')
  })

  test('parity is told of one logit', async () => {
    const { label, probabilities } = await of('digits-parity-fragile.safetensors').explain(digits[6])
    expect(probabilities).toHaveLength(2)
    expect(label).toBe(examples.labels[6] % 2)
  })

  test('the most salient come first; of equal ones the first', () => {
    expect(mostSalient([1, 3, 3, 2], 3)).toEqual([1, 2, 3])
  })

  test.each([
    [23, 45, 'flips'],
    [40, 49, 'steadier'],
    [46, 48, 'alike'],
    [45, 30, 'reverse'],
  ] as const)('%i and %i of 50 are told as they are', (fragile, robust, outcome) => {
    expect(outcomeOf(fragile, robust, 50)).toBe(outcome)
  })
})

test('a small σ brings the digit back, a large one another; frames lead there and back', async () => {
  const turn = turner(readDenoiser(file('u-turn.safetensors'), 'u-turn.safetensors'))
  const image = halved(digits[7])
  const request = { image, samples: 4, seed: 0, sampler: 'churn' } as const
  const [small, large] = [await turn({ ...request, sigma: 0.24 }), await turn({ ...request, sigma: 10.6 })]
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  expect(mean(small.correlations)).toBeGreaterThan(0.7)
  expect(mean(large.correlations)).toBeLessThan(0.5)
  const { frames, back } = large
  expect(frames[0].x.subarray(0, 196)).toEqual(image)
  const turning = frames.findIndex(({ way }) => way === 'back')
  expect(frames[turning].sigma).toBe(10.6)
  for (const [i, value] of frames[turning].x.entries()) expect(frames[turning - 1].x[i]).toBeCloseTo(value, 3)
  expect(frames.at(-1)!.x).toEqual(back)
  expect(nearestLevel([0.5, 2, 8], 3)).toBe(1)
})

describe.each(['lisa', 'aurora-m'])('completions of %s', (name) => {
  const model = readTextModel(file(`text-${name}.safetensors`), name)
  const written = async (options: { temperature: number; seed: number; length?: number }) => {
    let text = ''
    for await (const piece of complete(model, { prompt: 'The king', length: 24, ...options })) text += piece.text
    return text
  }

  test('the same seed writes the same text, another one another', async () => {
    const first = await written({ temperature: 1, seed: 1 })
    expect(await written({ temperature: 1, seed: 1 })).toBe(first)
    expect(await written({ temperature: 1, seed: 2 })).not.toBe(first)
  })

  test('candidates are the most probable first, and the first is taken at temperature 0', async () => {
    const candidates = await candidatesAfter(model, 'The king')
    const probabilities = candidates.map(({ probability }) => probability)
    expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a))
    expect(await written({ temperature: 0, seed: 0, length: 1 })).toBe(candidates[0].text)
  })

  test('a text goes on beyond a window', async () => {
    const text = await written({ temperature: 0, seed: 0, length: model.window + 10 })
    expect(model.tokenizer.encode(text).length).toBeGreaterThan(model.window)
  })

  test('an empty prompt is a line’s end', () => expect(promptTokens(model, '')).toEqual([10]))
})

test('blanks and parts of characters are shown by signs', () => {
  const shown = [
    [10, '\n'],
    [300, ' the'],
    [65, 'A'],
    [0xe4, '\ufffd'],
    [258, ''],
  ] as const
  expect(shown.map(([id, text]) => tokenText(id, text))).toEqual(['↵', '␣the', 'A', '0xE4', '⟨end⟩'])
})

test('a file that holds something else is refused by its name', () => {
  expect(() => readTextModel(file('u-turn.safetensors'), 'text.safetensors')).toThrow(
    'text.safetensors: holds no language model of this page',
  )
})
