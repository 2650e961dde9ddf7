import { expect, test } from 'vitest'
import { evaluate, grad, key, matmul, mul, random, sum, type Tensor, tensor } from '../../engine/index.ts'
import { differenceAlongSign, slopeAlongSign } from './curvature.ts'
import { smoothNetwork } from './network.ts'
import { decision, predicted, quantityNames, saliency, saliencyMethods } from './saliency.ts'

const wide = async (x: Tensor): Promise<Tensor> => tensor(Float64Array.from(await x.data()), { shape: x.shape, dtype: 'float64' })

/** A network of three classes in float64. */
async function threeClasses() {
  const network = smoothNetwork({ features: 4, classes: 3, hidden: [6], beta: 3 })
  const { layers } = await evaluate(network.init(key(1)))
  const params = {
    layers: await Promise.all(layers.map(async ({ weight, bias }) => ({ weight: await wide(weight), bias: await wide(bias) }))),
  }
  return { classify: (x: Tensor) => network.apply(params, x), x: await wide(random.normal(key(2), [5, 4])) }
}

const moved = async (x: Tensor, place: number, by: number) => {
  const data = Float64Array.from(await x.data())
  data[place] += by
  return tensor(data, { shape: x.shape, dtype: 'float64' })
}

test.each(quantityNames)('the gradient of %s is that of central differences', async (of) => {
  const { classify, x } = await threeClasses()
  const map = await saliency(classify, x, { of, abs: false }).data()
  for (const place of [0, 6, 13, 19]) {
    const [up, down] = await Promise.all([1e-5, -1e-5].map(async (h) => sum(decision(classify, await moved(x, place, h), of)).item()))
    expect(map[place]).toBeCloseTo((up - down) / 2e-5, 8)
  }
})

test('of two classes every quantity ranks alike, for a probability and a loss are functions of the logit', async () => {
  const classify = (x: Tensor) => matmul(x, tensor([[2], [-3], [0.5]]))
  const x = tensor([
    [0.3, 0.1, 0.2],
    [1, -1, 2],
  ])
  const logits = [0.4, 6]
  const p = logits.map((s) => 1 / (1 + Math.exp(-s)))
  const expected = { logitMargin: [1, 1], prob: p.map((v) => v * (1 - v)), ce: p.map((v) => 1 - v) }
  for (const of of quantityNames) {
    const map = (await saliency(classify, x, { of }).array()) as number[][]
    map.forEach((row, i) => {
      ;[2, 3, 0.5].forEach((weight, j) => {
        expect(row[j]).toBeCloseTo(weight * expected[of][i], 5)
      })
    })
  }
})

test('integrated gradients add up to what the quantity gains from the baseline (completeness)', async () => {
  const { classify, x } = await threeClasses()
  const options = { method: 'integratedGradients', abs: false, samples: 200, baseline: 0.1 } as const
  const added = await sum(saliency(classify, x, options), { axes: 1 }).data()
  const classes = predicted(classify(x))
  const start = tensor(new Float64Array(20).fill(0.1), { shape: [5, 4], dtype: 'float64' })
  const [here, there] = await Promise.all([x, start].map((at) => decision(classify, at, 'logitMargin', classes).data()))
  added.forEach((value, row) => {
    expect(value).toBeCloseTo(here[row] - there[row], 4)
  })
})

test('of a linear model all methods know the answer', async () => {
  const classify = (x: Tensor) => matmul(x, tensor([[2], [-3], [0.5]]))
  const x = tensor([[1, -1, 2]])
  const expected = { grad: [2, 3, 0.5], smoothGrad: [2, 3, 0.5], gradInput: [2, 3, 1], integratedGradients: [2, 3, 1] }
  for (const method of saliencyMethods) {
    const map = (await saliency(classify, x, { method }).array()) as number[][]
    map[0].forEach((value, i) => {
      expect(value).toBeCloseTo(expected[method][i], 5)
    })
  }
})

test('noise averages curvature away: smoothGrad of x³ is 3(x² + σ²)', async () => {
  const classify = (x: Tensor) => sum(mul(mul(x, x), x), { axes: 1, keepDims: true })
  const map = await saliency(classify, tensor([[2]]), { method: 'smoothGrad', noise: 0.5, samples: 4000 }).item()
  // The deviation of 3(x + n)² is about 6 · 2 · 0.5 = 6; of the mean of 4,000, 0.1.
  expect(Math.abs(map - 3 * (4 + 0.25))).toBeLessThan(0.4)
})

test('the difference of two gradients comes to ‖H v‖ as fast as h goes to 0', async () => {
  const { classify, x } = await threeClasses()
  const exact = await slopeAlongSign(classify, x).data()
  const errors = await Promise.all(
    [1e-2, 1e-3, 1e-4].map(async (h) => {
      const found = await differenceAlongSign(classify, x, { h }).data()
      return Math.max(...Array.from(found, (value, i) => Math.abs(value - exact[i])))
    }),
  )
  expect(errors[0]).toBeGreaterThan(5 * errors[1])
  expect(errors[1]).toBeGreaterThan(5 * errors[2])
  expect(errors[2]).toBeLessThan(1e-3)
})

test('a map of any method can be differentiated by the input', async () => {
  const { classify, x } = await threeClasses()
  for (const method of saliencyMethods) {
    const f = (x: Tensor) => sum(saliency(classify, x, { method, samples: 3 }))
    const slope = await grad(f)(x).data()
    for (const place of [2, 17]) {
      const [up, down] = await Promise.all([1e-5, -1e-5].map(async (h) => f(await moved(x, place, h)).item()))
      expect(slope[place]).toBeCloseTo((up - down) / 2e-5, 6)
    }
  }
})
