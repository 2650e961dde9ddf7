import { expect, test } from 'vitest'
import { type NDArray, ndarray } from '../../engine/index.ts'
import type { Checkpoint, Snapshot } from '../../experiment/index.ts'
import { toArrays } from '../../train/index.ts'
import { denoiserConfig, denoiserRecipe, denoiserTraining, trainModels } from './models.ts'

const x: NDArray = ndarray(
  Float32Array.from({ length: 32 * 9 }, (_, k) => Math.sin(k)),
  [32, 9],
  'float32',
)
const wanted = () =>
  [0, 1].map((seed) => ({
    name: `model${seed}`,
    steps: 6,
    keep: [2, 4],
    trainer: denoiserTraining(denoiserConfig([9], 8), denoiserRecipe(6), x, seed),
  }))

const never: Checkpoint = { due: () => false, save: async () => {}, latest: async () => undefined, forget: async () => {} }
const train = (checkpoint: Checkpoint, progress: (done: number) => Promise<void> = async () => {}) =>
  trainModels(wanted(), { checkpoint, progress, log: () => {} })

const numbers = async (params: unknown): Promise<number[]> => Object.values(await toArrays(params)).flatMap(({ data }) => Array.from(data))

test('what is kept stays as it was when training goes on', async () => {
  const models = await train(never)
  const all = await Promise.all([2, 4, 6].map((step) => numbers(models('model0', step))))
  expect(all[0]).not.toEqual(all[1])
  expect(all[1]).not.toEqual(all[2])
  // A training that ends at step 4 of the same schedule has those numbers.
  const shorter = await trainModels([{ ...wanted()[0], steps: 4, keep: [] }], {
    checkpoint: never,
    progress: async () => {},
    log: () => {},
  })
  expect(await numbers(shorter('model0', 4))).toEqual(all[1])
})

test('a training that is broken off goes on to the same bits, with what it had kept', async () => {
  let saved: Snapshot | undefined
  const checkpoint: Checkpoint = {
    due: () => true,
    save: async (step, tensors, meta) => {
      const copies = Object.entries(tensors).map(([name, array]) => [name, { ...array, data: array.data.slice() }])
      saved = { step, tensors: Object.fromEntries(copies), meta: JSON.parse(JSON.stringify(meta)) }
    },
    latest: async () => saved,
    forget: async () => {},
  }
  const whole = await train(never)
  for (const at of [3, 9]) {
    saved = undefined
    const broken = train(checkpoint, async (done) => {
      if (done === at) throw new Error('broken off')
    })
    await expect(broken).rejects.toThrow('broken off')
    const again = await train(checkpoint)
    for (const [name, step] of [
      ['model0', 2],
      ['model0', 6],
      ['model1', 4],
      ['model1', 6],
    ] as const)
      expect(await numbers(again(name, step))).toEqual(await numbers(whole(name, step)))
  }
})
