import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { key, mul, random, type Tensor, tensor } from '../../../engine/index.ts'
import { forward } from '../decoder.ts'
import type { LanguageModel } from '../model.ts'
import { families, stirred } from '../testing/families.ts'
import { type Beam, beamSearch } from './beam.ts'
import { type BeamSettings, type Hypothesis, searchBeams } from './beam-search.ts'
import { generate } from './generate.ts'
import { letters } from './testing/letters.ts'

/** A Markov chain over V tokens, of which the last ends a text: log p(next | token), row V for the first token. */
function chain(weights: readonly number[], size: number): Float32Array[] {
  return Array.from({ length: size + 1 }, (_, row) => {
    const own = weights.slice(row * size, (row + 1) * size)
    const total = own.reduce((a, b) => a + b, 0)
    return Float32Array.from(own, (w) => Math.log(w / total))
  })
}

const size = 3
const endId = size - 1
const chains = fc
  .array(fc.integer({ min: 1, max: 1000 }), { minLength: size * (size + 1), maxLength: size * (size + 1) })
  .map((weights) => chain(weights, size))

function search(table: readonly Float32Array[], settings: Partial<BeamSettings>): Promise<Hypothesis[]> {
  const all = { beams: 2, maxNewTokens: 4, lengthPenalty: 1, earlyStopping: false, end: new Set([endId]), ...settings }
  return searchBeams(async (step) => (step ? step.ids.map((id) => table[id]) : new Array(all.beams).fill(table[size])), all)
}

/** All texts of at most so many tokens, with their scores, best first. */
function everything(table: readonly Float32Array[], most: number, lengthPenalty: number): { ids: number[]; score: number }[] {
  const found: { ids: number[]; score: number }[] = []
  const visit = (ids: number[], logprob: number) => {
    const row = table[ids.at(-1) ?? size]
    for (let id = 0; id < size; id++) {
      const [next, sum] = [[...ids, id], logprob + row[id]]
      if (id === endId) found.push({ ids, score: sum / next.length ** lengthPenalty })
      else if (next.length === most) found.push({ ids: next, score: sum / next.length ** lengthPenalty })
      else visit(next, sum)
    }
  }
  visit([], 0)
  return found.sort((a, b) => b.score - a.score)
}

describe('beam search on a Markov chain', () => {
  test('with a beam for every text finds the best of all, by trying all', async () => {
    await fc.assert(
      fc.asyncProperty(chains, fc.constantFrom(0.5, 1, 2), async (table, lengthPenalty) => {
        // 2³ running texts of 3 tokens: nothing is cut off. Before the last step 7 texts end, too few for an early end.
        const beams = 16
        const [best] = await search(table, { beams, lengthPenalty })
        const [expected] = everything(table, 4, lengthPenalty)
        expect(best.score).toBeCloseTo(expected.score, 5)
      }),
    )
  })

  test('with one beam is greedy', async () => {
    await fc.assert(
      fc.asyncProperty(chains, async (table) => {
        const [{ ids, logprob }] = await search(table, { beams: 1, maxNewTokens: 6, lengthPenalty: 0 })
        const greedy: number[] = []
        let sum = 0
        for (let at = size; greedy.length < 6; ) {
          const id = table[at].indexOf(Math.max(...table[at]))
          sum += table[at][id]
          if (id === endId) break
          greedy.push(id)
          at = id
        }
        expect(ids).toEqual(greedy)
        expect(logprob).toBeCloseTo(sum, 5)
      }),
    )
  })

  /** 0 is likelier than 1 at first, but whatever follows it is improbable. */
  const deceptive = [
    [0.34, 0.33, 0.33],
    [0.01, 0.01, 0.98],
    [0.3, 0.3, 0.4],
    [0.5, 0.4, 0.1],
  ].map((row) => Float32Array.from(row, Math.log))

  test('finds what greedy decoding misses; the control with one beam does not', async () => {
    const best = { ids: [1], score: Math.log(0.4 * 0.98) / 2 }
    expect(await search(deceptive, {})).toMatchObject([{ ids: [1], finish: 'stop' }, {}])
    expect((await search(deceptive, {}))[0].score).toBeCloseTo(best.score, 6)
    expect((await search(deceptive, { beams: 1 }))[0].ids).not.toEqual([1])
  })

  test('early stopping ends with the first hypotheses, a length penalty prefers long ones', async () => {
    // p(end) is 0.45 at each step: short texts are likelier, long ones lose less for each token.
    const table = new Array(4).fill(Float32Array.of(Math.log(0.54), Math.log(0.01), Math.log(0.45)))
    const ids = async (settings: Partial<BeamSettings>) => (await search(table, { maxNewTokens: 8, ...settings }))[0].ids.length
    expect(await ids({ lengthPenalty: 0 })).toBe(0)
    expect(await ids({ lengthPenalty: 1 })).toBe(8)
    expect(await ids({ lengthPenalty: 1, earlyStopping: true })).toBeLessThan(3)
  })
})

const model: LanguageModel = { config: { ...families.llama, special: { end: [] } }, params: stirred(families.llama), tokenizer: letters }

/** log p of the tokens after a prompt, from the whole text. */
async function logprobOf({ config, params }: LanguageModel, prompt: readonly number[], { ids }: Beam): Promise<number> {
  const text = [...prompt, ...ids]
  const batch: Tensor = tensor(Int32Array.from(text), { shape: [1, text.length], dtype: 'int32' })
  const logits = await forward(config, params, { ids: batch }).data()
  return ids.reduce((sum, id, k) => {
    const row = logits.subarray((prompt.length + k - 1) * 40, (prompt.length + k) * 40) as Float32Array
    return sum + row[id] - Math.log(row.reduce((total, x) => total + Math.exp(x), 0))
  }, 0)
}

describe('beam search with a model', () => {
  const tuned = { ...model, params: { ...model.params, prompt: mul(random.normal(key(1), [3, 32]), 0.5) } }

  test.each([
    ['plain', model],
    ['with virtual tokens', tuned],
  ])('the beams have the log-probabilities of the whole texts: %s', async (_, own) => {
    const prompt = [3, 1, 4]
    const found = await beamSearch(own, prompt, { beams: 3, maxNewTokens: 5, numReturnSequences: 3 })
    expect(new Set(found.map(({ text }) => text)).size).toBe(3)
    for (const beam of found) {
      expect(beam.logprob).toBeCloseTo(await logprobOf(own, prompt, beam), 3)
      expect(beam.score).toBeCloseTo(beam.logprob / 5, 6)
    }
    const [{ tokens }] = await generate(own, [prompt], { maxNewTokens: 5 })
    const [single] = await beamSearch(own, prompt, { beams: 1, maxNewTokens: 5 })
    expect(single.ids).toEqual(tokens.map(({ id }) => id))
    expect(found[0].logprob).toBeGreaterThanOrEqual(single.logprob - 1e-5)
  })

  test('refuses more sequences than beams', async () => {
    await expect(beamSearch(model, [1], { beams: 2, numReturnSequences: 3 })).rejects.toThrow(
      /numReturnSequences is 3, not .* 1 to the 2 beams/,
    )
  })
})
