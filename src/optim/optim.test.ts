import { expect, test } from 'vitest'
import { evaluate, mul, sum, tensor } from '../engine/index.ts'
import { adam, type Optimizer, sgd, stepDecay } from './index.ts'

const target = [3, -2, 0.5]
const gradientAt = (w: readonly number[]) => w.map((value, i) => 2 * (value - target[i]) * (i + 1))

/** Runs an optimizer on a quadratic, with the gradients worked out by hand. */
async function path(optimizer: Optimizer, steps: number): Promise<number[][]> {
  let params = { w: tensor([1, 1, 1]) }
  let state = optimizer.init(params)
  const visited: number[][] = []
  for (let i = 0; i < steps; i++) {
    const gradients = { w: tensor(gradientAt((await params.w.array()) as number[])) }
    ;({ params, state } = await evaluate(optimizer.update({ gradients, state, params })))
    visited.push((await params.w.array()) as number[])
  }
  return visited
}

const expectClose = (actual: readonly number[], expected: readonly number[]) => {
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 4)
  })
}

test('Adam follows the formulas of its paper', async () => {
  const [rate, b1, b2, epsilon] = [0.1, 0.9, 0.999, 1e-8]
  for (const weightDecay of [0, 0.05]) {
    const visited = await path(adam({ learningRate: rate, weightDecay }), 12)
    let [w, m, v] = [
      [1, 1, 1],
      [0, 0, 0],
      [0, 0, 0],
    ]
    visited.forEach((actual, i) => {
      const g = gradientAt(w)
      m = m.map((old, k) => b1 * old + (1 - b1) * g[k])
      v = v.map((old, k) => b2 * old + (1 - b2) * g[k] ** 2)
      w = w.map(
        (old, k) =>
          old * (1 - rate * weightDecay) - (rate * m[k]) / (1 - b1 ** (i + 1)) / (Math.sqrt(v[k] / (1 - b2 ** (i + 1))) + epsilon),
      )
      expectClose(actual, w)
    })
  }
})

test('SGD with momentum, weight decay and milestones follows its recursion', async () => {
  const visited = await path(sgd({ learningRate: stepDecay(0.05, { milestones: [3, 6] }), momentum: 0.9, weightDecay: 0.01 }), 9)
  let [w, velocity] = [
    [1, 1, 1],
    [0, 0, 0],
  ]
  visited.forEach((actual, i) => {
    const rate = 0.05 * (i >= 6 ? 0.01 : i >= 3 ? 0.1 : 1)
    velocity = velocity.map((old, k) => 0.9 * old + gradientAt(w)[k] + 0.01 * w[k])
    w = w.map((old, k) => old - rate * velocity[k])
    expectClose(actual, w)
  })
})

test('optimizers keep structure and dtype', async () => {
  const params = { a: tensor(new Float64Array([1, 2])), b: [tensor([3])] }
  const optimizers: Optimizer[] = [adam({ learningRate: 0.1 }), sgd({ learningRate: 0.1 })]
  for (const optimizer of optimizers) {
    const next = optimizer.update({ gradients: params, state: optimizer.init(params), params })
    expect(next.params.a.dtype).toBe('float64')
    expect(await sum(mul(next.params.b[0], 1)).item()).toBeLessThan(3)
  }
})

test.each([
  ['learningRate is -1', () => adam({ learningRate: -1 })],
  ['beta2 is 1', () => adam({ learningRate: 1, beta2: 1 })],
  ['epsilon is -1', () => adam({ learningRate: 1, epsilon: -1 })],
  ['weightDecay is -1', () => adam({ learningRate: 1, weightDecay: -1 })],
  ['learningRate is 0', () => sgd({ learningRate: 0 })],
  ['momentum is 1', () => sgd({ learningRate: 1, momentum: 1 })],
  ['weightDecay is NaN', () => sgd({ learningRate: 1, weightDecay: Number.NaN })],
])('refused: %s', (message, make) => {
  expect(make).toThrow(message)
})
