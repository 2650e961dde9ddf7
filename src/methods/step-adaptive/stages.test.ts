import { describe, expect, test } from 'vitest'
import { key, type NDArray, ndarray, random, snapshot } from '../../engine/index.ts'
import {
  bundleDenoiser,
  type DiffusionConfig,
  type DiffusionModel,
  denoiserOf,
  denoisingLoss,
  diffusionTrainer,
  gaussian,
  processOf,
  sample,
} from '../../kits/diffusion/index.ts'
import { average } from '../../kits/metrics/index.ts'
import { toArrays } from '../../train/index.ts'
import { importanceAdvisor } from './advisors.ts'
import { boundaryJumps } from './boundaries.ts'
import { bundleOf } from './bundle.ts'
import { planGroups } from './groups.ts'
import { type GroupTask, type SpecialiseOptions, specialise, trainBase } from './stages.ts'
import { killedAfter, openSession } from './testing/session.ts'

const config: DiffusionConfig = {
  network: { kind: 'mlp', width: 16, hidden: [16, 16], embedding: 8, embed: 'input' },
  process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
  predict: 'eps',
  skip: true,
  shape: [1, 2, 2],
}
const process = processOf(config.process)
const images = async (): Promise<NDArray> => random.normal(key(3), [64, 1, 2, 2]).ndarray()
const recipe = { batch: 16, learningRate: 3e-3, warmup: 2, ema: 0.9 }

const numbersOf = async ({ params }: DiffusionModel) =>
  Object.fromEntries(Object.entries(await toArrays(params)).map(([path, { data }]) => [path, Array.from(data)]))

const tasksOf = (count: number, share: (i: number) => number, steps: number): GroupTask[] =>
  planGroups(process, { count, by: 'uniform', minWidth: 1 }).map((group, i) => ({ ...group, share: share(i), steps }))

async function options(groups: readonly GroupTask[], more: Partial<SpecialiseOptions> = {}): Promise<SpecialiseOptions> {
  return { groups, fineTuning: recipe, advisor: importanceAdvisor('magnitude'), rounds: 1, data: { x: await images() }, seed: 7, ...more }
}

async function baseFor() {
  const session = await openSession({ x: await images() })
  return trainBase(session, 'base', config, { ...recipe, steps: 6 }, 0)
}

test('one group that keeps all is plain fine-tuning, bit for bit', async () => {
  const base = await baseFor()
  const x = await images()
  const [specialist] = await specialise(await openSession({ x }), base, await options(tasksOf(1, () => 1, 8)))
  const trainer = diffusionTrainer(config, { ...recipe, steps: 8 }, { x }, 7)
  let state = trainer.start(base.params)
  for (let k = 0; k < 8; k++) state = (await trainer.step(state, k)).state
  expect(await numbersOf(specialist.model)).toEqual(await numbersOf({ config, params: await snapshot(state.ema) }))
})

test('copies that are the base give the base’s samples, and no jump where they hand over', async () => {
  const base = await baseFor()
  const copies = await specialise(await openSession({ x: await images() }), base, await options(tasksOf(4, () => 1, 0)))
  const asked = { sampler: { kind: 'ddim', eta: 1 }, steps: 10, count: 5, seed: 1 } as const
  const [own, routed] = [await sample(denoiserOf(base), asked), await sample(bundleDenoiser(bundleOf(copies)), asked)]
  expect(Array.from(routed.x.data)).toEqual(Array.from(own.x.data))
  expect(await boundaryJumps(copies, await images())).toEqual([0, 0, 0])
})

test('each step of a chain is served by the model of its group', async () => {
  const base = await baseFor()
  const groups = tasksOf(4, (i) => 1 - 0.1 * i, 0)
  const copies = await specialise(await openSession({ x: await images() }), base, await options(groups))
  const denoiser = bundleDenoiser(bundleOf(copies))
  const servers = groups.map(({ from, to }) => new Set(Array.from({ length: to - from }, (_, i) => denoiser.at(from + i))))
  expect(servers.map(({ size }) => size)).toEqual([1, 1, 1, 1])
  expect(new Set(servers.flatMap((all) => [...all])).size).toBe(4)
  expect(copies.map(({ macs }) => macs)).toEqual([...copies.map(({ macs }) => macs)].sort((a, b) => b - a))
})

test('a session that is killed at any step ends with the same bits', async () => {
  const x = await images()
  const walk = async (saving: ReturnType<typeof killedAfter> | undefined) => {
    const session = await openSession({ x }, saving)
    const base = await trainBase(session, 'base', config, { ...recipe, steps: 4 }, 0)
    return specialise(session, base, await options(tasksOf(2, (i) => 1 - 0.2 * i, 3)))
  }
  const whole = await walk(undefined)
  for (const steps of [2, 5, 8]) {
    const saving = killedAfter(steps)
    await expect(walk(saving)).rejects.toThrow('killed')
    const again = await walk(saving)
    for (const [i, { model }] of again.entries()) expect(await numbersOf(model)).toEqual(await numbersOf(whole[i].model))
  }
})

test('a session leaves nothing of a training that is kept elsewhere, killed or not, and what it saved of the next one stays', async () => {
  const x = await images()
  const saving = killedAfter(100)
  const session = await openSession({ x }, saving)
  const base = await trainBase(session, 'base', config, { ...recipe, steps: 4 }, 0)
  expect((await saving.latest())?.meta).toMatchObject({ name: 'base' })
  const resumed = await openSession({ x }, saving)
  await session.forget('base')
  expect(await saving.latest()).toBeUndefined()
  await resumed.train({ name: 'next', config, recipe: { ...recipe, steps: 2 }, seed: 1, start: base.params })
  await resumed.forget('base')
  expect((await saving.latest())?.meta).toMatchObject({ name: 'next' })
})

test('a group whose training goes to infinity keeps the base, and says so', async () => {
  const base = await baseFor()
  const x = ndarray(new Float32Array(64 * 4).fill(3e38), [64, 1, 2, 2], 'float32')
  const groups = tasksOf(2, (i) => (i === 0 ? 0.9 : 1), 2)
  const [first] = await specialise(await openSession({ x }), base, await options(groups))
  expect(first.flagged).toMatch(/training stopped at step 0/)
  expect(await numbersOf(first.model)).toEqual(await numbersOf(base))
  expect(first.macs).toBe((await specialise(await openSession({ x }), base, await options(tasksOf(1, () => 1, 0))))[0].macs)
})

describe('Gaussian data, whose best denoiser is known', () => {
  const variances = [1.5, 0.4]
  const flat: DiffusionConfig = { ...config, network: { ...config.network, kind: 'mlp', width: 16, hidden: [16] } as never, shape: [2] }
  /** The least mean squared error of ε at a step: the mean over axes of ᾱλ / (ᾱλ + 1 − ᾱ). */
  const leastAt = (time: number) => {
    const { signal, noise } = process.at(time)
    return average(variances.map((lambda) => (signal ** 2 * lambda) / (signal ** 2 * lambda + noise ** 2)))
  }
  const exact = gaussian({ process, mean: [0, 0], covariance: variances })

  test('the best denoiser has the loss of the closed form in each group', async () => {
    const heldOut = exact.draw(4000, 1)
    const times = [5, 35, 65, 95]
    const losses = await denoisingLoss(exact, { x: heldOut }, times)
    losses.forEach(({ eps }, i) => {
      expect(Math.abs(eps / leastAt(times[i]) - 1)).toBeLessThan(0.06)
    })
  })

  test('a specialist comes near to it on its own times, and none goes below', async () => {
    const x = exact.draw(4000, 2)
    const session = await openSession({ x })
    const tuned = { batch: 128, learningRate: 1e-2, warmup: 10, ema: 0.95 }
    const base = await trainBase(session, 'base', flat, { ...tuned, steps: 150 }, 0)
    const groups = tasksOf(2, () => 1, 250)
    const specialists = await specialise(session, base, await options(groups, { fineTuning: tuned, data: { x } }))
    const heldOut = exact.draw(4000, 3)
    for (const { from, to, model } of specialists) {
      const times = [0.2, 0.5, 0.8].map((share) => Math.round(from + share * (to - from)))
      const found = await denoisingLoss(denoiserOf(model), { x: heldOut }, times)
      const best = await denoisingLoss(exact, { x: heldOut }, times)
      const ratio = average(found.map(({ eps }) => eps)) / average(best.map(({ eps }) => eps))
      expect(ratio).toBeGreaterThan(0.99)
      expect(ratio).toBeLessThan(1.15)
    }
  })
})
