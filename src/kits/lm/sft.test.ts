import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromArray } from '../../engine/index.ts'
import { completionScorer } from './completion-score.ts'
import { forward } from './decoder.ts'
import { ignored, languageLoss } from './loss.ts'
import { families, modelOf } from './peft/testing/models.ts'
import { encodeExamples, promptFormats, sftBatch, sftSchedule, shuffledPairs } from './sft.ts'
import { byteTokenizer } from './tokenizers/bytes.ts'

const pairs = [
  { id: 'a', prompt: 'sort `x`', completion: 'x.sort()' },
  { id: 'b', prompt: 'one more', completion: 'x += 1' },
  { id: 'c', prompt: 'nothing', completion: '' },
  { id: 'd', prompt: 'länge', completion: 'len(x)' },
]
const { examples, cut, skipped } = encodeExamples(pairs, byteTokenizer, { maxPrompt: 6, maxCompletion: 6 })

test('the end is part of the completion; what is long is cut and counted, what is empty left out', () => {
  expect(skipped).toEqual(['c'])
  expect(cut).toEqual({ prompts: 2, completions: 1 })
  const [a, , d] = examples
  expect(byteTokenizer.decode(a.ids)).toBe('### Instruction:\nsort `\n### Response:\nx.sort<|end|>')
  expect(byteTokenizer.decode(a.ids.subarray(a.start))).toBe('x.sort<|end|>')
  expect(a.bytes).toBe(7)
  expect(byteTokenizer.decode(d.ids.subarray(0, d.start))).toBe(promptFormats.alpaca('länge'))
})

test('labels are the tokens that follow, of the completion and its end alone', () => {
  const { ids, labels } = sftBatch(examples, 60)
  for (const [row, { ids: own, start }] of examples.entries()) {
    const at = (x: { data: ArrayLike<number> }) => Array.from({ length: 60 }, (_, k) => x.data[60 * row + k])
    const scored = at(labels).flatMap((label, k) => (label === ignored ? [] : [[k, label]]))
    expect(scored.map(([, label]) => label)).toEqual([...own.subarray(start)])
    expect(scored.map(([k]) => at(ids)[k])).toEqual([...own.subarray(start - 1, own.length - 1)])
  }
})

describe.each(Object.entries(families))('%s', (_, config) => {
  const { params } = modelOf(config)

  test('padding left and right give the same loss, and each completion its own bits', async () => {
    const loss = (side: 'left' | 'right') => {
      const { labels, ...batch } = sftBatch(examples, 60, { side })
      const [ids, segments, positions] = [batch.ids, batch.segments, batch.positions].map((x) => x && fromArray(x))
      return languageLoss(forward(config, params, { ids: ids!, segments, positions }), fromArray(labels)).item()
    }
    const [left, right] = [await loss('left'), await loss('right')]
    expect(left).toBeCloseTo(right, 5)
    const bits = await completionScorer(config)(params, examples, { buckets: [48, 60], batch: 2 })
    const tokens = examples.reduce((sum, { ids, start }) => sum + ids.length - start, 0)
    expect(bits.reduce((sum, value) => sum + value, 0) / tokens).toBeCloseTo(right / Math.LN2, 4)
    for (const [i, own] of examples.entries()) {
      const { labels, ids } = sftBatch([own], 60)
      const alone = await languageLoss(forward(config, params, { ids: fromArray(ids) }), fromArray(labels)).item()
      expect(bits[i]).toBeCloseTo((alone / Math.LN2) * (own.ids.length - own.start), 3)
    }
  })
})

test('an epoch reads every example, each batch full, in the least row that holds it', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 99 }), (own, size, seed) => {
      const encoded = own.map((length, id) => ({ id, ids: new Int32Array(length + 1), start: 1, bytes: 1 }))
      const schedule = sftSchedule(encoded, { size, buckets: [8, 16, 32], seed })
      for (const epoch of [0, 1]) {
        const steps = Array.from({ length: schedule.stepsPerEpoch }, (_, k) => schedule.at(epoch * schedule.stepsPerEpoch + k))
        expect(new Set(steps.flatMap(({ indices }) => indices)).size).toBe(own.length)
        for (const { indices, length } of steps) {
          expect(indices).toHaveLength(size)
          expect(Math.max(...indices.map((i) => own[i]))).toBeLessThanOrEqual(length)
        }
      }
      expect(schedule.at(0)).toEqual(sftSchedule(encoded, { size, buckets: [8, 16, 32], seed }).at(0))
    }),
  )
})

test('an example longer than every row is named', () => {
  expect(() => sftSchedule(examples, { size: 2, buckets: [20], seed: 0 })).toThrow(/example a has 44 tokens, the longest row 20/)
  expect(() => sftSchedule([], { size: 2, buckets: [20], seed: 0 })).toThrow(/no examples/)
})

test('shuffled pairs keep the prompts, and all completions', () => {
  const shuffled = shuffledPairs(pairs, 3)
  expect(shuffled.map(({ prompt }) => prompt)).toEqual(pairs.map(({ prompt }) => prompt))
  expect(shuffled.map(({ completion }) => completion).sort()).toEqual(pairs.map(({ completion }) => completion).sort())
})
