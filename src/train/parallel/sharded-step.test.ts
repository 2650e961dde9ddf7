import { expect, test } from 'vitest'
import {
  add,
  buffer,
  cast,
  fold,
  key,
  mapTree,
  matmul,
  mean,
  mul,
  type NDArray,
  ndarray,
  random,
  scalar,
  square,
  sub,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from '../../engine/index.ts'
import { crossEntropy, mlp } from '../../nn/index.ts'
import { adam, type Optimizer, sgd } from '../../optim/index.ts'
import { toArrays, trainStep } from '../index.ts'
import { onRanks } from '../testing/in-process.ts'
import { agree, type Communicator } from './communicator.ts'
import type { DataParallel } from './sharded-step.ts'

const model = mlp({ sizes: [12, 9, 4] })
type Params = ReturnType<typeof model.init>

async function batchOf(rows: number, seed: number): Promise<{ x: NDArray; y: NDArray }> {
  const x = await random.normal(key(seed), [rows, 12]).ndarray()
  return {
    x,
    y: ndarray(
      Int32Array.from({ length: rows }, (_, i) => (x.data[i * 12] > 0 ? 3 : i % 3)),
      [rows],
      'int32',
    ),
  }
}

/** Weights and losses after some steps on batches of these sizes. */
async function trained(sizes: readonly number[], parallel?: DataParallel) {
  const step = trainStep((params: Params, { x, y }) => crossEntropy(model.apply(params, x), y), adam({ learningRate: 0.01 }), parallel)
  let state = step.init(model.init(key(0)))
  const losses: number[] = []
  for (const [i, size] of sizes.entries()) {
    const next = await step(state, await batchOf(size, i))
    losses.push(next.loss)
    state = { params: next.params, optimizer: next.optimizer }
  }
  const weights = Object.values(await toArrays(state)).flatMap(({ data }) => [...data])
  return { losses, weights }
}

// Full batches, one that the shards do not divide, and one of fewer rows than shards.
const sizes = [32, 32, 27, 32, 5]

const largestDifference = (a: readonly number[], b: readonly number[]) => Math.max(...a.map((x, i) => Math.abs(x - b[i])))

test('on 1, 2, 4 and 8 ranks all have the same weights and losses, bit for bit', async () => {
  const alone = await trained(sizes, { shards: 8 })
  for (const ranks of [2, 4, 8])
    for (const found of await onRanks(ranks, (communicator) => trained(sizes, { shards: 8, communicator }))) expect(found).toEqual(alone)
})

test('shards change only the order of sums: weights and losses are those of the ordinary step', async () => {
  const ordinary = await trained(sizes)
  const sharded = await trained(sizes, { shards: 8 })
  // Adam divides by a root of squares: a gradient's last digit can turn up in the fifth of an update of 0.01.
  expect(largestDifference(sharded.losses, ordinary.losses)).toBeLessThan(1e-5)
  expect(largestDifference(sharded.weights, ordinary.weights)).toBeLessThan(1e-4)
  expect(sharded.weights).not.toEqual(ordinary.weights)
})

test('the fast mode takes any number of ranks and is close, but not the same', async () => {
  const ordinary = await trained(sizes)
  const three = await onRanks(3, (communicator) => trained(sizes, { shards: 'fast', communicator }))
  for (const found of three) expect(found).toEqual(three[0])
  expect(largestDifference(three[0].weights, ordinary.weights)).toBeLessThan(1e-4)
  const two = await onRanks(2, (communicator) => trained(sizes, { shards: 'fast', communicator }))
  expect(two[0].weights).not.toEqual(three[0].weights)
})

/** One step of plain descent on a weight in each of two dtypes, from a batch with a key and a scalar. */
async function stochastic(parallel?: DataParallel) {
  type Mixed = { single: Tensor; double: Tensor }
  const step = trainStep<Mixed, { x: NDArray; key: Tensor; scale: Tensor }>(
    ({ single, double }, { x, key, scale }) => {
      const noisy = mul(add(x, random.normal(key, x.shape)), scale)
      return add(mean(square(sub(matmul(noisy, single), 1))), cast(mean(square(sub(double, 2))), 'float32'))
    },
    sgd({ learningRate: 0.1 }),
    parallel,
  )
  let state = step.init({ single: zeros([3]), double: zeros([2], 'float64') })
  for (let i = 0; i < 3; i++) {
    const x = await random.normal(key(i), [16, 3]).ndarray()
    state = await step(state, { x, key: fold(key(9), i), scale: scalar(0.5) })
  }
  return Object.fromEntries(Object.entries(await toArrays(state.params)).map(([path, { dtype, data }]) => [path, [dtype, ...data]]))
}

test('randomness is the shard’s, wherever it is: noise is the same on any number of ranks, and differs between shards', async () => {
  const alone = await stochastic({ shards: 4 })
  for (const found of await onRanks(4, (communicator) => stochastic({ shards: 4, communicator }))) expect(found).toEqual(alone)
  const one = await stochastic({ shards: 1 })
  // float64 leaves see no noise: 2 (1 - 0.8³).
  expect(alone.double[1]).toBeCloseTo(one.double[1] as number, 12)
  expect(alone.single).not.toEqual(one.single)
})

test('running statistics are the rows’ mean of what shards make of them; counts are counted once', async () => {
  type Normed = { weight: Tensor; seen: { mean: Tensor; count: Tensor } }
  const train = async (communicator?: Communicator) => {
    const step = trainStep<Normed, { x: NDArray }>(
      (params, { x }) => [
        mean(square(mul(params.weight, x))),
        { ...params, seen: { mean: add(mul(params.seen.mean, 0.5), mul(mean(x), 0.5)), count: add(params.seen.count, 1) } },
      ],
      adam({ learningRate: 0.1 }),
      { shards: 4, communicator },
    )
    const count = tensor([0], { dtype: 'int32', shape: [] })
    let state = step.init({ weight: scalar(1), seen: { mean: buffer(scalar(0)), count: buffer(count) } })
    // Seven rows: shards of 1, 2, 2 and 2.
    for (const shift of [0, 1])
      state = await step(state, {
        x: ndarray(
          Float32Array.from({ length: 7 }, (_, i) => i + shift),
          [7],
          'float32',
        ),
      })
    const { seen } = state.params
    return [await seen.mean.item(), await seen.count.item()]
  }
  const [running, count] = await train()
  expect(running).toBeCloseTo(3 / 4 + 4 / 2, 5)
  expect(count).toBe(2)
  for (const found of await onRanks(2, train)) expect(found).toEqual([running, count])
})

test('a batch that is not finite is explained at every rank, whoever has the row', async () => {
  const step = async (communicator: Communicator) => {
    const batch = await batchOf(16, 0)
    batch.x.data[15 * 12] = Number.NaN
    const train = trainStep((params: Params, { x, y }) => crossEntropy(model.apply(params, x), y), adam({ learningRate: 0.01 }), {
      shards: 4,
      communicator,
    })
    return train(train.init(model.init(key(0))), batch).catch((error: Error) => error.message)
  }
  for (const message of await onRanks(2, step)) expect(message).toMatch(/batch 'x' holds NaN at element 180/)
})

test.each([
  [{ shards: 6 }, 1, /6 shards are no power of two/],
  [{ shards: 4 }, 3, /3 ranks cannot share 4 shards out evenly; start 1, 2, 4 ranks/],
  [{ shards: 4 }, 8, /8 ranks cannot share 4 shards out evenly/],
] as const)('%o on %i ranks is refused', async (options, ranks, message) => {
  for (const outcome of await onRanks(ranks, (communicator) => trained([8], { ...options, communicator }).catch(String)))
    expect(outcome).toMatch(message)
})

test('tensors of a batch that do not have the same rows are refused', async () => {
  const { x, y } = await batchOf(8, 0)
  const step = trainStep((params: Params, { x, y }) => crossEntropy(model.apply(params, x), y), adam({ learningRate: 0.01 }), { shards: 2 })
  const wrong = { x, y: ndarray(y.data.subarray(0, 7), [7], 'int32') }
  await expect(step(step.init(model.init(key(0))), wrong)).rejects.toThrow(/its tensors have x 8, y 7 rows; give each/)
})

test('ranks that train different things are told so', async () => {
  const outcomes = await onRanks(4, (communicator) =>
    agree(communicator, communicator.rank === 2 ? '8 weights' : '9 weights').catch(String),
  )
  expect(outcomes.map(Boolean)).toEqual([false, false, true, false])
  expect(outcomes[2]).toMatch(/rank 2 trains 8 weights, and rank 0 9 weights/)
})

test('an optimizer that bends the loss is refused', () => {
  const bent: Optimizer = {
    ...sgd({ learningRate: 0.1 }),
    name: 'bent',
    differentiate: (loss, { params }) => {
      const { value, gradient } = valueAndGrad(loss)(params)
      return { value, gradient: mapTree(gradient, (g: Tensor) => mul(g, value)) as typeof params, aux: undefined }
    },
  }
  expect(() => trainStep((w: Tensor) => mean(square(w)), bent, { shards: 2 })).toThrow(/bent differentiates in a way of its own/)
})
