import { expect, test } from 'vitest'
import { evaluate, fromArray, grad, key, matmul, ndarray, random, reshape, sum, swapLast, type Tensor, tensor } from '../../engine/index.ts'
import { areaUnderCurve } from '../../kits/metrics/index.ts'
import { type LayeredParams, mlp } from '../../nn/index.ts'
import { attackExplanation, attackKinds } from './attack.ts'
import { audit } from './audit.ts'
import { frobenius, hessianTimes, slopeAlongSign, topEigenvalue } from './curvature.ts'
import { smoothNetwork, smoothRelu } from './network.ts'
import { r2etObjective } from './objective.ts'
import { hardestGap, meanGap, orderedShare, precision, topMask } from './ranking.ts'
import { inputGradient, margin, predicted, saliency } from './saliency.ts'

const beta = 2
const sizes = { hidden: 3, features: 4 }
const draw = (seed: number, count: number) => random.normal(key(seed), [count]).data()

/** s = w₂·softplus_β(W₁x) in float64: gradient W₁ᵀ(σ w₂), Hessian W₁ᵀ diag(w₂ β σ(1−σ)) W₁. */
async function closedForm() {
  const { hidden, features } = sizes
  const [w1, w2, x] = await Promise.all([draw(1, hidden * features), draw(2, hidden), draw(3, features)])
  const wide = (values: ArrayLike<number>, shape: readonly number[]) => tensor(Float64Array.from(values), { shape, dtype: 'float64' })
  const weight = wide(w1, [hidden, features])
  const classify = (x: Tensor) => matmul(smoothRelu(beta)(matmul(x, swapLast(weight))), wide(w2, [hidden, 1]))
  const at = Array.from({ length: hidden }, (_, m) => Array.from(x).reduce((z, value, i) => z + w1[m * features + i] * value, 0))
  const sigma = at.map((z) => 1 / (1 + Math.exp(-beta * z)))
  const score = at.reduce((s, z, m) => s + (w2[m] * Math.log1p(Math.exp(beta * z))) / beta, 0)
  const sign = score > 0 ? 1 : -1
  const gradient = Array.from(x, (_, i) => sign * sigma.reduce((g, s, m) => g + w1[m * features + i] * s * w2[m], 0))
  const hessian = Array.from(x, (_, i) =>
    Array.from(
      x,
      (_, j) => sign * sigma.reduce((h, s, m) => h + w1[m * features + i] * w1[m * features + j] * w2[m] * beta * s * (1 - s), 0),
    ),
  )
  return { classify, x: wide(x, [1, features]), gradient, hessian }
}

const expectClose = async (x: Tensor, values: readonly number[]) => {
  const found = await x.data()
  expect(found.length).toBe(values.length)
  values.forEach((value, i) => {
    expect(found[i]).toBeCloseTo(value, 9)
  })
}

const total = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b)

const times = (matrix: readonly number[][], v: readonly number[]) => matrix.map((row) => row.reduce((s, value, j) => s + value * v[j], 0))

test('gradient, Hessian products and norms are those of the closed form', async () => {
  const { classify, x, gradient, hessian } = await closedForm()
  await expectClose(reshape(inputGradient(classify, x), [-1]), gradient)
  await expectClose(reshape(saliency(classify, x), [-1]), gradient.map(Math.abs))
  const v = [1, -2, 0.5, 3]
  const wide = tensor(Float64Array.from(v), { shape: [1, 4], dtype: 'float64' })
  await expectClose(reshape(hessianTimes(classify, x, wide), [-1]), times(hessian, v))
  await expectClose(frobenius(classify, x), [Math.hypot(...hessian.flat())])
  const signs = gradient.map((g) => Math.sign(g) / 2)
  await expectClose(slopeAlongSign(classify, x), [Math.hypot(...times(hessian, signs))])
  // Power iteration by hand, long enough to have converged.
  let u = gradient
  for (let i = 0; i < 500; i++) {
    const next = times(hessian, u)
    u = next.map((value) => value / Math.hypot(...next))
  }
  const largest = Math.abs(times(hessian, u).reduce((s, value, i) => s + value * u[i], 0))
  expect(await topEigenvalue(classify, x, { iterations: 100 }).item()).toBeCloseTo(largest, 6)
})

test('an image’s channels are summed to one number a pixel', async () => {
  const classify = (x: Tensor) => matmul(x, tensor([1, -2, 3, 4, 5, -6], { shape: [6, 1] }))
  const map = saliency(classify, tensor([1, 1, 1, 1, 1, 1], { shape: [1, 6] }), { channels: 2 })
  expect([...(await map.data())]).toEqual([5, 7, 9])
})

test('the margin is the logit less the mean of the others', async () => {
  const logits = tensor([3, 1, 5, 0, 2, -2], { shape: [2, 3] })
  expect([...(await predicted(logits).data())]).toEqual([2, 1])
  expect([...(await margin(logits, predicted(logits)).data())]).toEqual([3, 3])
})

test('gaps are the brute-force means over pairs', async () => {
  const values = [0.3, 0.9, 0.1, 0.5, 0.2, 0.8]
  const map = tensor(values, { shape: [1, 6] })
  const mask = topMask(map, 2)
  expect(Array.from(await mask.data(), Number)).toEqual([0, 1, 0, 0, 0, 1])
  const [tops, rest] = [
    [0.9, 0.8],
    [0.3, 0.1, 0.5, 0.2],
  ]
  const pairs = tops.flatMap((top) => rest.map((other) => top - other))
  expect(await meanGap(map, mask, 2).item()).toBeCloseTo(pairs.reduce((a, b) => a + b) / 8, 6)
  // 0.8 − 0.5 and 0.9 − 0.3; asked for more pairs than the set has, it takes what there is.
  for (const count of [2, 5]) expect(await hardestGap(map, mask, 2, count).item()).toBeCloseTo((0.3 + 0.6) / 2, 6)
  expect(await hardestGap(map, mask, 2, 1).item()).toBeCloseTo(0.3, 6)
  // 0.45 stands above three of the rest, 0.8 above all.
  const changed = tensor([0.3, 0.45, 0.1, 0.5, 0.2, 0.8], { shape: [1, 6] })
  expect(await orderedShare(changed, mask, 2).item()).toBeCloseTo(7 / 8, 6)
  expect(await precision(mask, topMask(changed, 2), 2).item()).toBe(0.5)
  expect(() => topMask(map, 6)).toThrow('k is 6, there are 6 features; give a whole number from 1 to 5')
})

test('the area under the curve counts pairs', () => {
  const [scores, labels] = [
    [0.1, 0.4, 0.35, 0.8, 0.4],
    [0, 0, 1, 1, 1],
  ]
  const pairs = [2, 3, 4].flatMap((p) => [0, 1].map((n) => (scores[p] > scores[n] ? 1 : scores[p] === scores[n] ? 0.5 : 0) as number))
  expect(areaUnderCurve(scores, labels)).toBeCloseTo(pairs.reduce((a, b) => a + b) / 6, 12)
})

const small = smoothNetwork({ features: 5, classes: 2, hidden: [6], beta: 2 })

test('the objective’s gradient is that of central differences, with second derivatives inside', async () => {
  const params = await evaluate(small.init(key(4)))
  const wide = (x: Tensor) => x.data().then((data) => tensor(Float64Array.from(data), { shape: x.shape, dtype: 'float64' }))
  const layers = await Promise.all(params.layers.map(async ({ weight, bias }) => ({ weight: await wide(weight), bias: await wide(bias) })))
  const x = await wide(random.normal(key(5), [7, 5]))
  const y = tensor(Int32Array.of(0, 1, 1, 0, 1, 0, 1), { dtype: 'int32' })
  for (const options of [
    { k: 2, lambda1: 0.3, lambda2: 0.2 },
    { k: 2, lambda1: 0.3, lambda2: 0.2, pairs: 2, curvature: 'exact' as const },
  ]) {
    const loss = (params: LayeredParams) => r2etObjective(small, options)(params, { x, y })
    const slope = await grad(loss)({ layers }).layers[0].weight.data()
    const weights = await layers[0].weight.data()
    const moved = (place: number, by: number) => {
      const weight = tensor(
        Float64Array.from(weights, (w, i) => (i === place ? w + by : w)),
        { shape: [6, 5], dtype: 'float64' },
      )
      return loss({ layers: [{ ...layers[0], weight }, layers[1]] }).item()
    }
    for (const place of [0, 7, 29]) {
      const h = 1e-5
      const difference = ((await moved(place, h)) - (await moved(place, -h))) / (2 * h)
      // The direction along the signs is a constant for both, so that the derivative is that of the formula as it stands.
      expect(slope[place]).toBeCloseTo(difference, 6)
    }
  }
})

test('attacks stay in the ball, keep the label and never end worse than they began', async () => {
  const network = smoothNetwork({ features: 5, classes: 3, hidden: [16], beta: 10 })
  const params = await evaluate(network.init(key(8)))
  const x = await evaluate(random.normal(key(9), [20, 5]))
  const before = await predicted(network.apply(params, x)).data()
  for (const kind of attackKinds) {
    const found = await attackExplanation(network, params, x, { kind, k: 2, eps: 0.5, steps: 15, key: key(1) })
    const [from, to, low, high] = await Promise.all([x.data(), found.adversarial.data(), found.loss.data(), found.lossBefore.data()])
    for (let row = 0; row < 20; row++) {
      expect(Math.hypot(...Array.from(to.subarray(5 * row, 5 * row + 5), (v, i) => v - from[5 * row + i]))).toBeLessThan(0.5001)
      expect(low[row]).toBeLessThanOrEqual(high[row])
    }
    expect([...(await predicted(network.apply(params, found.adversarial)).data())]).toEqual([...before])
    expect(total(low)).toBeLessThan(total(high))
  }
})

test('nothing changes the explanation of a linear model, nor any explanation at radius 0', async () => {
  const linear = mlp({ sizes: [5, 1] })
  const rows = ndarray(Float32Array.from(await draw(3, 40)), [8, 5], 'float32')
  const still = await audit(linear, await evaluate(linear.init(key(2))), rows, { k: 2, eps: 1, steps: 5 })
  expect(still).toMatchObject({ worst: 1, random: 1, thickness: 1, labelKept: 1 })
  const fixed = await audit(small, await evaluate(small.init(key(2))), rows, { k: 2, eps: 0, steps: 5 })
  expect(fixed).toMatchObject({ worst: 1, random: 1, thickness: 1, moved: 0 })
})

test('a step down the objective widens the gap and flattens the map', async () => {
  const params = await evaluate(small.init(key(4)))
  const x = fromArray(ndarray(Float32Array.from(await draw(6, 40)), [8, 5], 'float32'))
  const y = tensor(Int32Array.of(0, 1, 0, 1, 0, 1, 0, 1), { dtype: 'int32' })
  const of = (options: Parameters<typeof r2etObjective>[1]) => (params: LayeredParams) =>
    r2etObjective(small, options)(params, { x, y }) as Tensor
  const whole = of({ k: 2, lambda1: 1, lambda2: 1 })
  const plain = of({ k: 2 })
  const term = async (params: LayeredParams) => (await whole(params).item()) - (await plain(params).item())
  const classify = (x: Tensor) => small.apply(params, x)
  const map = saliency(classify, x)
  const expected = (await sum(slopeAlongSign(classify, x)).item()) / 8 - (await sum(meanGap(map, topMask(map, 2), 2)).item()) / 8
  expect(await term(params)).toBeCloseTo(expected, 5)
})
