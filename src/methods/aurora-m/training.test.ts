import { expect, test } from 'vitest'
import { evaluate, key, mul, ndarray, scalar, square, sub, sum, type Tensor, tensor } from '../../engine/index.ts'
import type { Checkpoint, Snapshot } from '../../experiment/index.ts'
import { llamaConfig } from '../../kits/lm/config.ts'
import { initDecoder } from '../../kits/lm/init.ts'
import { mixtureSampler } from '../../kits/lm/mixture.ts'
import type { DecoderParams } from '../../kits/lm/params.ts'
import { learningRateAt, sgd } from '../../optim/index.ts'
import { toArrays, trainStep } from '../../train/index.ts'
import { anchored, averaged } from './remedies.ts'
import { continualRate } from './schedule.ts'
import { domainScorer } from './scores.ts'
import { type Method, trainBy } from './training-methods.ts'

const at = async (rate: ReturnType<typeof continualRate>, step: number) => learningRateAt(rate, scalar(step)).item()

test('one schedule runs through both stages; re-warming begins again; a peak of 0 stays 0', async () => {
  const one = continualRate({ stages: [80, 20], peak: 1e-2, warmup: 10 })
  const again = continualRate({ stages: [80, 20], peak: 1e-2, warmup: 10, kind: 'rewarm' })
  expect(await at(one, 10)).toBeCloseTo(1e-2, 7)
  expect(await at(one, 55)).toBeCloseTo((1e-2 + 1e-3) / 2, 6)
  expect(await at(one, 100)).toBeCloseTo(1e-3, 7)
  expect(await at(again, 79)).toBeLessThan(1.01e-3)
  expect(await at(again, 90)).toBeCloseTo(1e-2, 7)
  // The paper's cosine ends after its training does.
  const longer = continualRate({ stages: [90, 14], peak: 1e-2, minimum: 1e-3, warmup: 2, totalSteps: 120 })
  expect(await at(longer, 104)).toBeGreaterThan(1.2e-3)
  expect(await at(continualRate({ stages: [10], peak: 0 }), 5)).toBe(0)
})

test('the anchor adds the gradient of λ ‖θ − θ_base‖²: gradient descent settles between', async () => {
  // ½ (w − 4)² + λ (w − 1)² from w = 1 has its minimum at (4 + 2 λ) / (1 + 2 λ).
  const lambda = 0.75
  const step = trainStep(({ w }: { w: Tensor }, { x }) => mul(sum(square(sub(w, x))), 0.5), anchored(sgd({ learningRate: 0.3 }), lambda))
  let state = step.init({ w: tensor([1]) })
  for (let k = 0; k < 60; k++)
    state = await step(state, { x: ndarray(Float32Array.of(4), [1], 'float32'), y: ndarray(Float32Array.of(0), [1], 'float32') })
  expect((await state.params.w.data())[0]).toBeCloseTo((4 + 2 * lambda) / (1 + 2 * lambda), 4)
})

test('averaging is the straight line between two models', async () => {
  const [base, trained] = [{ w: tensor([1, 2]) }, { w: tensor([3, 6]) }]
  expect(await averaged(base, trained, 0.25).w.array()).toEqual([2.5, 5])
  expect(await averaged(base, trained, 1).w.array()).toEqual([1, 2])
})

const config = llamaConfig({ width: 16, layers: 3, heads: 2, hidden: 24, context: 64 })
const corpora = {
  a: new TextEncoder().encode('the rain falls on the roof. '.repeat(30)),
  b: new TextEncoder().encode('x = [y + 1 for y in z]\n'.repeat(30)),
}
const sampler = mixtureSampler({ corpora, stages: [{ name: 'CAP', steps: 24, weights: { a: 3, b: 1 } }], batch: 4, context: 16, seed: 5 })
const start = () => evaluate(initDecoder(config, key(2)))

const options = async (more: { steps?: number; checkpoint?: Checkpoint; peak?: number } = {}) => ({
  config,
  start: await start(),
  rate: continualRate({ stages: [24], peak: more.peak ?? 1e-2, warmup: 4 }),
  anchor: 0,
  seed: 1,
  steps: more.steps ?? 24,
  batchAt: sampler.at,
  checkpoint: more.checkpoint,
  progress: async () => {},
})

const scoreOf = async (params: DecoderParams) => (await domainScorer(config, { context: 16, batch: 4 })(params, { a: corpora.a })).a

/** Keeps the state of one step and dies after it. */
function dying(step: number): Checkpoint & { kept?: Snapshot } {
  const checkpoint: Checkpoint & { kept?: Snapshot } = {
    due: () => true,
    async save(at, tensors, meta) {
      if (at > step) throw new Error('killed')
      checkpoint.kept = {
        step: at,
        tensors: Object.fromEntries(Object.entries(tensors).map(([name, own]) => [name, { ...own, data: own.data.slice() }])),
        meta,
      }
    },
    latest: async () => checkpoint.kept,
    forget: async () => {},
  }
  return checkpoint
}

/** Adapters begin by changing nothing, and move slowly. */
const methods: readonly (readonly [method: Method, part: number])[] = [
  ['full', 0.9],
  ['lora', 0.98],
  ['lisa', 0.9],
]

test.each(methods)(
  '%s learns, and goes on exactly after a crash',
  async (method, part) => {
    const before = await scoreOf(await start())
    const { trained } = await trainBy(method, await options())
    expect(await scoreOf(trained)).toBeLessThan(part * before)
    const whole = await toArrays(trained)
    const checkpoint = dying(13)
    await expect(trainBy(method, await options({ checkpoint }))).rejects.toThrow('killed')
    const resumed = await trainBy(
      method,
      await options({ checkpoint: { ...checkpoint, due: () => false, latest: async () => checkpoint.kept } }),
    )
    expect(await toArrays(resumed.trained)).toEqual(whole)
  },
  60_000,
)

test('without a learning rate nothing moves', async () => {
  const { trained } = await trainBy('full', await options({ peak: 0, steps: 3 }))
  expect(await toArrays(trained)).toEqual(await toArrays(await start()))
})

test('layers by turns: what is not drawn stays as it was', async () => {
  const { trained } = await trainBy('lisa', await options({ steps: 5 }))
  const [before, after] = [await toArrays(await start()), await toArrays(trained)]
  const moved = [0, 1, 2].map((block) => {
    const name = `blocks.${block}.network.up.weight`
    return before[name].data.some((value, i) => value !== after[name].data[i])
  })
  expect(moved.filter(Boolean).length).toBe(2)
})
