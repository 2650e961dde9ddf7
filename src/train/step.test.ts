import { expect, test } from 'vitest'
import {
  add,
  buffer,
  exp,
  isBuffer,
  key,
  mapTree,
  mul,
  type NDArray,
  ndarray,
  random,
  scalar,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  zipTrees,
} from '../engine/index.ts'
import { crossEntropy, mlp } from '../nn/index.ts'
import { adam, type Optimizer } from '../optim/index.ts'
import { fromArrays, toArrays, trainStep } from './index.ts'

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

test('buffers follow the loss, not the optimizer, and keep their mark and place', async () => {
  // A running mean of the inputs beside one weight; weight decay would shrink the mean if the optimizer saw it.
  type Params = { weight: Tensor; seen: { mean: Tensor; count: Tensor } }
  const train = trainStep<Params, { x: NDArray }>(
    (params, { x }) => {
      const mean = add(mul(params.seen.mean, 0.5), mul(sum(x), 0.5))
      return [square(sub(mul(params.weight, sum(x)), mean)), { ...params, seen: { mean, count: add(params.seen.count, 1) } }]
    },
    adam({ learningRate: 0.1, weightDecay: 0.5 }),
  )
  const count = tensor([0], { dtype: 'int32', shape: [] })
  let state = train.init({ weight: scalar(1), seen: { mean: buffer(scalar(0)), count: buffer(count) } })
  for (const x of [2, 4, 8]) state = await train(state, { x: ndarray(Float32Array.of(x), [1], 'float32') })
  const { weight, seen } = state.params
  expect(await seen.mean.item()).toBeCloseTo((2 / 4 + 4 / 2 + 8) / 2, 6)
  expect(await seen.count.item()).toBe(3)
  expect([seen.mean, seen.count].every(isBuffer)).toBe(true)
  expect(isBuffer(weight)).toBe(false)
  expect(await weight.item()).not.toBe(1)
  const restored = fromArrays(await toArrays(state.params), state.params)
  expect([restored.seen.mean, restored.seen.count].every(isBuffer)).toBe(true)
  const forgets = trainStep<Params, { x: NDArray }>(
    (params) => [square(params.weight), { weight: params.weight } as Params],
    adam({ learningRate: 0.1 }),
  )
  await expect(forgets(forgets.init(state.params), { x: ndarray(Float32Array.of(1), [1], 'float32') })).rejects.toThrow(
    /^buffer 'seen\.mean' has no next value; return the model’s whole tree/,
  )
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

test('an optimizer may differentiate in its own way, from its own state', async () => {
  // Twice the gradient, and a step that the state counts: the parameters fall by twice the rate.
  const doubled: Optimizer<Tensor> = {
    name: 'doubled',
    differentiate: (loss, { params, state }) => {
      const { value, gradient } = valueAndGrad(loss)(params)
      return { value: add(value, mul(state, 100)), gradient: mapTree(gradient, (g: Tensor) => mul(g, 2)) as typeof params, aux: undefined }
    },
    init: () => scalar(0),
    update: ({ gradients, state, params }) => ({
      params: zipTrees([params, gradients], (w: Tensor, g: Tensor) => sub(w, mul(g, 0.1))) as typeof params,
      state: add(state, 1),
    }),
  }
  const train = trainStep<{ w: Tensor }, { x: NDArray }>(({ w }, { x }) => sum(mul(w, x)), doubled as Optimizer)
  const batch = { x: ndarray(Float32Array.of(1, 2), [2], 'float32') }
  let state = train.init({ w: tensor([1, 1]) })
  const first = await train(state, batch)
  state = await train(first, batch)
  expect(first.loss).toBe(3)
  const [w0, w1] = (await state.params.w.array()) as number[]
  expect(w0).toBeCloseTo(1 - 0.4, 6)
  expect(w1).toBeCloseTo(1 - 0.8, 6)
  expect((state as unknown as { loss: number }).loss).toBeCloseTo(0.8 + 2 * 0.6 + 100, 4)
})
