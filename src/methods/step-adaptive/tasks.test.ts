import { expect, test } from 'vitest'
import { macs, parameterCount, processOf } from '../../kits/diffusion/index.ts'
import { config } from './config.ts'
import { splitOf } from './data.ts'
import { planGroups } from './groups.ts'
import { allTimes, modelConfig, retainedOf, stepsOf, tasks } from './tasks.ts'
import { totalSteps } from './train-arm.ts'

const defaults = config.parse({})
const groups = (count: number) => planGroups(processOf(modelConfig('digits7').process), { count, by: 'uniform' })

test('the networks are those of the experiment', () => {
  expect(macs(tasks.digits7.network, tasks.digits7.shape)).toBe(7296 + 256 * 64)
  expect(parameterCount(tasks.digits28.network, tasks.digits28.shape)).toBe(262_081)
})

test('stage 2 takes 1200, 600, 600, 600, 400 steps, from little noise to much; k is 0.5', () => {
  expect(stepsOf(groups(5), 3400, true)).toEqual([1200, 600, 600, 600, 400])
  expect(stepsOf(groups(5), 3200, false)).toEqual([640, 640, 640, 640, 640])
  expect(retainedOf(defaults)).toBeCloseTo(0.5, 12)
})

test.each([1, 2, 3, 7])('%i groups take all steps together, whatever their number', (count) => {
  for (const total of [7, 100, 3401]) expect(stepsOf(groups(count), total, true).reduce((sum, steps) => sum + steps, 0)).toBe(total)
})

test('every arm that is compared has the same training samples, but those of the equal recipe, which have fewer', () => {
  const of = (settings: object) => totalSteps(config.parse(settings))
  for (const training of ['uniform', 'two-stage', 'groups', 'scratch']) expect(of({ training })).toBe(8200)
  expect(of({ recipe: 'equal' })).toBe(8000)
  expect(allTimes(defaults, 8200)).toMatchObject({ batch: 256, learningRate: 3e-3, warmup: 50, ema: 0.995 })
})

test('seven of ten digits are trained on, by index', () => {
  const { train, heldOut } = splitOf(10_000)
  expect([train.length, heldOut.length]).toEqual([7000, 3000])
  expect(heldOut.slice(0, 4)).toEqual([0, 3, 6, 10])
})
