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
import { forwardFrankWolfe } from './forward-frank-wolfe.ts'

const network = mlp({ sizes: [5, 4, 3], activation: tanh })
const x = random.normal(key(1), [6, 5])
const y = tensor(Int32Array.of(0, 1, 2, 0, 1, 2))
const loss = (p: ReturnType<typeof network.init>) => crossEntropy(network.apply(p, x), y)

test('activity-perturbed gradients have the mean ∇f, and the loss is the loss', async () => {
  const params = await evaluate(network.init(key(0)))
  const draws = 20_000
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
  const f = (w: Tensor) => sum(mul(w, g))
  const error = async (controlVariate: boolean) => {
    const optimizer = forwardFrankWolfe({
      constraints: { kind: 'none' },
      averaging: { momentum: 0.9 },
      controlVariate,
      seed: 1,
    }) as Optimizer<{ inner: { average: Tensor } }>
    let state = optimizer.init(g)
    for (let k = 0; k < 150; k++) {
      const { gradient } = optimizer.differentiate!(f as never, { params: g, state })
      state = (await evaluate(optimizer.update({ gradients: gradient, state, params: g }))).state
    }
    const [d, exact] = [await state.inner.average.data(), await g.data()]
    return Math.hypot(...Array.from(d, (value, i) => value - exact[i]))
  }
  expect(await error(true)).toBeLessThan(1e-3)
  expect(await error(false)).toBeGreaterThan(0.1)
})
