import { expect, test } from 'vitest'
import { exp, key, mul, ndarray, random, sum, type Tensor, tensor } from '../engine/index.ts'
import { crossEntropy, mlp } from '../nn/index.ts'
import { adam } from '../optim/index.ts'
import { trainStep } from './index.ts'

const model = mlp({ sizes: [784, 128, 64, 10] })
const makeBatch = async () => {
  const x = await random.normal(key(5), [128, 784]).ndarray()
  const y = ndarray(
    Int32Array.from({ length: 128 }, (_, i) => (x.data[i * 784] > 0 ? 1 : 0)),
    [128],
    'int32',
  )
  return { x, y }
}

test('a step lowers the loss and leaves the first parameters as they were', async () => {
  const batch = await makeBatch()
  const train = trainStep(
    (params: ReturnType<typeof model.init>, { x, y }) => crossEntropy(model.apply(params, x), y),
    adam({ learningRate: 1e-3 }),
  )
  const start = model.init(key(0))
  const before = Float32Array.from(await start.layers[0].weight.data())
  let state = train.init(start)
  const losses: number[] = []
  for (let i = 0; i < 30; i++) {
    const next = await train(state, batch)
    losses.push(next.loss)
    state = next
  }
  expect(losses.at(-1)!).toBeLessThan(losses[0] / 4)
  expect(await start.layers[0].weight.data()).toEqual(before)
})

test('a batch that is not finite stops training and is named', async () => {
  const batch = await makeBatch()
  batch.x.data[7] = Number.NaN
  const train = trainStep(
    (params: ReturnType<typeof model.init>, { x, y }) => crossEntropy(model.apply(params, x), y),
    adam({ learningRate: 1e-3 }),
  )
  await expect(train(train.init(model.init(key(0))), batch)).rejects.toThrow("batch 'x' holds NaN at element 7")
})

test('an operation that overflows is named with its line, and the state given is still whole', async () => {
  const train = trainStep((w: Tensor, { x }) => sum(exp(mul(w, x))), adam({ learningRate: 1e-3 }))
  const state = train.init(tensor([1, 2]))
  const harmless = ndarray(Float32Array.of(1, 2), [2], 'float32')
  const harmful = ndarray(Float32Array.of(1, 1000), [2], 'float32')
  await expect(train(state, { x: harmful, y: harmless })).rejects.toThrow(
    /the loss is Infinity; exp is the first to give Infinity, in 1 elements of float32 \[2\] \(at .*step\.test\.ts:\d+\)/,
  )
  expect((await train(state, { x: harmless, y: harmless })).loss).toBeCloseTo(Math.E + Math.exp(4), 3)
})
