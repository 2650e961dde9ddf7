import { expect, test } from 'vitest'
import { parameterCount } from '../../kits/lm/config.ts'
import { config } from './config.ts'
import { stagesOf, twoStages } from './curriculum.ts'
import experiment from './experiment.ts'
import { starcoderConfig } from './models.ts'

const total = (weights: Readonly<Record<string, number>>) => Object.values(weights).reduce((sum, weight) => sum + weight, 0)

test('the paper’s model has its published number of parameters, and its steps the declared tokens', async () => {
  expect(parameterCount(starcoderConfig)).toBe(15_517_456_384)
  const paper = config.parse(experiment.presets.paper.config)
  const tokens = paper.steps.continual * paper.batch * paper.context
  expect(tokens).toBe(436_207_616_000)
  const [cap, cat] = stagesOf(paper)
  expect([cap.steps, cat.steps]).toEqual([90_000, 14_000])
  const { flops } = await experiment.estimate({ arm: experiment.arms(paper)[0], config: paper })
  // 6 N T of 435 billion tokens is 4.05e22; attention comes on top.
  expect(flops).toBeGreaterThan(4.05e22)
  expect(flops).toBeLessThan(4.4e22)
})

test('the curriculum’s stages and shares', () => {
  const [cap, cat] = stagesOf(config.parse({}))
  expect([cap.steps, cat.steps]).toEqual([217, 33])
  expect(cap.weights).toEqual({ fin: 0.2, hin: 0.2, jpn: 0.2, vie: 0.2, eng: 0.1, code: 0.1 })
  expect(cat.weights).toEqual({ fin: 0.1, hin: 0.1, jpn: 0.1, vie: 0.1, eng: 0.3, code: 0.3 })
  // Over both stages about as much replay as the arm with one mixture has.
  expect((0.2 * 217 + 0.6 * 33) / 250).toBeCloseTo(0.25, 2)
})

test('every arm’s weights sum to 1; wrong replay has the same share of the wrong text', () => {
  for (const curriculum of ['capCat', 'naive', 'replay', 'wrongReplay', 'joint'] as const)
    for (const { weights } of stagesOf(config.parse({ curriculum }))) expect(total(weights)).toBeCloseTo(1, 12)
  expect(twoStages(250, 0.133, ['shakespeare']).map(({ weights }) => weights.shakespeare)).toEqual([0.2, 0.6])
})

test('the joint arm reads what base and continual training read together', () => {
  const [{ steps, weights }] = stagesOf(config.parse({ curriculum: 'joint' }))
  expect(steps).toBe(650)
  expect(weights.shakespeare).toBeCloseTo((400 * 0.1) / 650, 12)
  expect(weights.hin).toBeCloseTo((250 * 0.75) / 4 / 650, 12)
})
