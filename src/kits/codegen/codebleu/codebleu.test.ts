import { describe, expect, test } from 'vitest'
import { chrf } from '../chrf.ts'
import fixture from '../testing/code-pairs.json' with { type: 'json' }
import { type CodeBleu, codeBleu } from './codebleu.ts'

/* The fixture's values are those of the packages codebleu and sacrebleu: interop/code_metrics.py. */

const references = fixture.pairs.map(([reference]) => reference)
const predictions = fixture.pairs.map(([, prediction]) => prediction)

describe('CodeBLEU and chrF are those of the packages', () => {
  test.each(fixture.pairs.map(([reference, prediction], i) => [reference, prediction, fixture.single[i]] as const))(
    '%s',
    async (reference, prediction, theirs) => {
      const ours = await codeBleu([reference], [prediction])
      for (const part of ['bleu', 'astMatch', 'dataFlowMatch'] as const) expect(ours[part], part).toBeCloseTo(theirs[part], 10)
    },
  )

  test('of a corpus, its weighted match without a penalty for brevity', async () => {
    const ours = await codeBleu(references, predictions)
    for (const part of ['bleu', 'astMatch', 'dataFlowMatch'] as const) expect(ours[part], part).toBeCloseTo(fixture.corpus[part], 10)
    expect((await codeBleu(references, predictions, { mode: 'official' })).weightedMatch).toBeCloseTo(fixture.corpus.weightedMatch, 10)
    expect(chrf(predictions, references)).toBeCloseTo(fixture.chrf, 8)
    expect(chrf(predictions, references, { wordOrder: 2 })).toBeCloseTo(fixture.chrfWords, 8)
  })
})

const all = (value: number): CodeBleu => ({ codebleu: value, bleu: value, weightedMatch: value, astMatch: value, dataFlowMatch: value })

test('the same code has 1 everywhere; nothing has 0 but the empty module that both are', async () => {
  const code = 'def add(a, b):\n    c = a + b\n    return c'
  expect(await codeBleu([code], [code])).toEqual(all(1))
  const empty = await codeBleu([code], [''])
  expect(empty).toMatchObject({ bleu: 0, weightedMatch: 0, dataFlowMatch: 0 })
  expect(empty.astMatch).toBe(0)
})

test('other names of variables change no flow; another flow does', async () => {
  const flow = async (prediction: string) => (await codeBleu(['a = f(x)\nb = a + x'], [prediction])).dataFlowMatch
  expect(await flow('u = f(v)\nw = u + v')).toBe(1)
  expect(await flow('a = f(x)\nb = x')).toBeLessThan(1)
})

test('in one line, programs of several lines are no Python: the quirk costs subtrees', async () => {
  const code = 'def f(n):\n    if n:\n        return 1\n    return 2'
  expect((await codeBleu([code], [code])).astMatch).toBe(1)
  expect((await codeBleu([code], [code], { mode: 'official' })).astMatch).toBeLessThan(1)
})

test('comments do not count', async () => {
  expect((await codeBleu(['x = 1 + y'], ['x = 1 + y  # sum'])).astMatch).toBe(1)
})
