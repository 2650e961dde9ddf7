import { expect, test } from 'vitest'
import {
  evaluate,
  fold,
  grad,
  iota,
  key,
  leaves,
  mapTree,
  mean,
  mul,
  norm,
  random,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  vmap,
} from '../../engine/index.ts'
import { crossEntropy, mlp } from '../../nn/index.ts'
import type { Optimizer } from '../../optim/index.ts'
import { activityForwardGradient } from './activity.ts'
import { keyedDirections } from './directions.ts'
import { follow, type Procedure } from './follow.ts'
import { forwardFrankWolfe } from './forward-frank-wolfe.ts'

const network = mlp({ sizes: [5, 4, 3], activation: tanh })
const x = random.normal(key(1), [6, 5])
const y = tensor(Int32Array.of(0, 1, 2, 0, 1, 2))
const loss = (p: ReturnType<typeof network.init>) => crossEntropy(network.apply(p, x), y)

test('activity-perturbed gradients have the mean ∇f, and the loss is the loss', async () => {
  const params = await evaluate(network.init(key(0)))
  const draws = 10_000
  const one = (n: Tensor) => activityForwardGradient(params, { x, y }, { key: fold(key(3), n) }).gradient
  const estimates = vmap(one)(iota(draws, 'uint32'))
  const means = leaves(await evaluate(mapTree(estimates, (g: Tensor) => mean(g, { axes: 0 })))) as Tensor[]
  const spreads = leaves(
    await evaluate(mapTree(estimates, (g: Tensor) => mean(square(sub(g, mean(g, { axes: 0, keepDims: true }))), { axes: 0 }))),
  ) as Tensor[]
  const exact = leaves(await evaluate(grad(loss)(params))) as Tensor[]
  for (const [i, g] of exact.entries()) {
    const [values, own, spread] = [await g.data(), await means[i].data(), await spreads[i].data()]
    values.forEach((value, j) => {
      expect(Math.abs(own[j] - value)).toBeLessThan(4.5 * Math.sqrt(spread[j] / draws) + 1e-6)
    })
  }
  const { value } = activityForwardGradient(params, { x, y }, { key: key(9) })
  expect(await value.item()).toBeCloseTo(await loss(params).item(), 5)
})

test('with a control variate the average finds a gradient that stands still, which it never does without', async () => {
  const g = tensor(Float64Array.of(2, -1, 0.5, 3))
  const error = async (controlVariate: boolean) => {
    const options = { constraints: { kind: 'none' }, averaging: { momentum: 0.9 }, controlVariate, seed: 1 } as const
    const procedure: Procedure<Tensor> = {
      loss: (w) => sum(mul(w, g)),
      optimizer: (estimation) => forwardFrankWolfe(options, estimation) as Optimizer,
      directionsAt: (k, params) => keyedDirections(k, params),
    }
    const { optimizer } = await follow(procedure, { start: g, steps: 200, chunk: 100, shared: {}, onChunk: async () => {} })
    const { average } = (optimizer as { inner: { average: Tensor } }).inner
    return norm(sub(average, g)).item()
  }
  expect(await error(true)).toBeLessThan(1e-3)
  expect(await error(false)).toBeGreaterThan(0.1)
})
