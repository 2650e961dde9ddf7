import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layerNaming } from './layers.ts'
import { layerSampler, type Sampler } from './sampler.ts'
import { readSchedule, scheduleText } from './schedule-log.ts'

const [layers, active, intervals] = [6, 2, 10_000]
const drawn = (sampler: Sampler, seed = 1) => {
  const blocksOf = layerSampler({ sampler, layers, active, seed })
  return Array.from({ length: intervals }, (_, interval) => blocksOf(interval))
}

/** Within four standard deviations of a binomial count. */
const expectCount = (count: number, p: number) =>
  expect(Math.abs(count - intervals * p)).toBeLessThan(4 * Math.sqrt(intervals * p * (1 - p)))

test('uniform: blocks and pairs appear as often as random subsets of two of six have them', () => {
  const all = drawn('uniform')
  expect(all.every((blocks) => blocks.length === 2 && blocks[0] < blocks[1])).toBe(true)
  for (let i = 0; i < layers; i++) {
    expectCount(all.filter((blocks) => blocks.includes(i)).length, active / layers)
    for (let j = i + 1; j < layers; j++)
      expectCount(all.filter(([a, b]) => a === i && b === j).length, (active * (active - 1)) / (layers * (layers - 1)))
  }
  // The test can fail: a sampler that never draws the last block.
  expect(() => expectCount(0, active / layers)).toThrow()
})

test('intervals are independent: what was drawn does not tell what is drawn next', () => {
  const all = drawn('uniform')
  const again = all.filter((blocks, i) => i > 0 && blocks.includes(0) && all[i - 1].includes(0)).length
  expectCount(again, (active / layers) ** 2)
})

test('weights: draws without replacement, in proportion', () => {
  const all = drawn({ weights: [3, 1, 1, 1, 0, 0] })
  expect(all.flat().some((block) => block > 3)).toBe(false)
  // P(0 is drawn) = 3/6 + 3 · 1/6 · 3/5
  expectCount(all.filter((blocks) => blocks.includes(0)).length, 0.5 + 3 * (1 / 6) * (3 / 5))
})

test('cyclic: from the top in turn', () => {
  const blocksOf = layerSampler({ sampler: 'cyclic', layers: 6, active: 2, seed: 0 })
  expect([0, 1, 2, 3].map(blocksOf)).toEqual([
    [4, 5],
    [2, 3],
    [0, 1],
    [4, 5],
  ])
})

describe('any sampler', () => {
  const anySampler = fc.constantFrom<Sampler>('uniform', 'cyclic', 'shuffled-epochs')
  const size = fc.integer({ min: 1, max: 9 }).chain((layers) => fc.tuple(fc.constant(layers), fc.integer({ min: 0, max: layers })))

  test('gives exactly γ distinct blocks, the same for the same seed', () => {
    fc.assert(
      fc.property(anySampler, size, fc.nat(99), fc.nat(40), (sampler, [layers, active], seed, interval) => {
        const blocks = layerSampler({ sampler, layers, active, seed })(interval)
        expect(new Set(blocks).size).toBe(active)
        expect(blocks.every((block) => block >= 0 && block < layers)).toBe(true)
        expect(layerSampler({ sampler, layers, active, seed })(interval)).toEqual(blocks)
      }),
      { seed: 7, numRuns: 200 },
    )
  })

  test('in turn: after n intervals no block was visited twice more than another', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Sampler>('cyclic', 'shuffled-epochs'),
        size,
        fc.nat(99),
        fc.integer({ min: 1, max: 25 }),
        (sampler, [layers, active], seed, n) => {
          const blocksOf = layerSampler({ sampler, layers, active, seed })
          const counts = new Array<number>(layers).fill(0)
          for (let k = 0; k < n; k++) for (const block of blocksOf(k)) counts[block]++
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(layers % Math.max(active, 1) === 0 ? 1 : 2)
        },
      ),
      { seed: 7, numRuns: 100 },
    )
  })

  test('other seeds, other schedules', () => {
    for (const sampler of ['uniform', 'shuffled-epochs'] as const)
      expect(drawn(sampler, 1).slice(0, 20)).not.toEqual(drawn(sampler, 2).slice(0, 20))
  })
})

test('a schedule is written and read', () => {
  const schedule = [[0, 3], [], [2]]
  const text = scheduleText(schedule.map((blocks, i) => ({ step: 10 * i, active: blocks })))
  expect(text).toBe('step,active_layers\n0,0 3\n10,\n20,2\n')
  expect(readSchedule(text, 10)).toEqual(schedule)
  expect(() => readSchedule('0,1\n', 10)).toThrow("the first line is not 'step,active_layers'")
  expect(() => readSchedule('step,active_layers\n0,1;2\n', 10)).toThrow("line 2 is '0,1;2'")
  expect(() => readSchedule(text, 20)).toThrow('line 3 is of step 10, where an interval of 20 begins at 20')
})

test('blocks are found in the names of known models', () => {
  expect(layerNaming(['model.layers.3.mlp.up_proj.weight'])('model.layers.12.x')).toBe(12)
  expect(layerNaming(['wte.weight', 'h.0.ln_1.weight'])('transformer.h.7.ln_1.weight')).toBe(7)
  expect(layerNaming(['gpt_neox.layers.1.x'])('gpt_neox.final_layer_norm.weight')).toBe(null)
  expect(() => layerNaming(['encoder.stage1.weight'])).toThrow(/no parameter is named after its block: encoder\.stage1\.weight/)
})
