import { expect, test } from 'vitest'
import { add, evaluate, key, mapTree, mul, ndarray, random, type Tensor } from '../../engine/index.ts'
import { type DiffusionConfig, initModel } from '../../kits/diffusion/index.ts'
import { equalParts, gradientCosines, type Probe, probe, taylorGradients } from './probe.ts'

const config: DiffusionConfig = {
  network: { kind: 'mlp', width: 6, hidden: [5], embedding: 4, embed: 'input' },
  process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
  predict: 'eps',
  shape: [3],
}

async function noisyModel() {
  let index = 0
  const { params } = initModel(config, key(0))
  return { config, params: await evaluate(mapTree(params, (leaf: Tensor) => add(leaf, mul(random.normal(key(index++), leaf.shape), 0.3)))) }
}

const x = async () => random.normal(key(5), [32, 3]).ndarray()

test('gradients are those of the loss, by differences', async () => {
  const model = await noisyModel()
  const parts = [{ from: 20, to: 40 }]
  const lossAt = async (delta: number) => {
    let first = true
    const params = mapTree(model.params, (leaf: Tensor, path) => {
      if (path !== 'output.bias' || !first) return leaf
      first = false
      return add(leaf, delta)
    })
    return (await probe({ config, params: await evaluate(params) }, { x: await x() }, parts))[0].loss
  }
  const [{ gradients }] = await probe(model, { x: await x() }, parts)
  const sum = Array.from(gradients['output.bias'].data as Float32Array).reduce((a, b) => a + b, 0)
  expect(Math.abs(((await lossAt(0.05)) - (await lossAt(-0.05))) / 0.1 - sum)).toBeLessThan(2e-4 * Math.max(1, Math.abs(sum)))
})

test('parts cover the times once', () => {
  expect(equalParts({ config }, 4)).toEqual([
    { from: 1, to: 26 },
    { from: 26, to: 51 },
    { from: 51, to: 76 },
    { from: 76, to: 101 },
  ])
  expect(equalParts({ config }, 2, { from: 51, to: 71 })).toEqual([
    { from: 51, to: 61 },
    { from: 61, to: 71 },
  ])
})

const made = (loss: number, gradient: number[]): Probe => ({
  from: 1,
  to: 2,
  loss,
  gradients: {
    a: ndarray(Float32Array.from(gradient.slice(0, 1)), [1], 'float32'),
    b: ndarray(Float32Array.from(gradient.slice(1)), [gradient.length - 1], 'float32'),
  },
})

test('cosines go over all parameters together', () => {
  const [[same, right], [back]] = gradientCosines([made(1, [3, 4, 0]), made(1, [-4, 3, 0])])
  expect([same, right, back]).toEqual([1, 0, 0])
  expect(gradientCosines([made(1, [1, 1]), made(1, [-2, -2])])[0][1]).toBeCloseTo(-1, 12)
  expect(() => gradientCosines([made(1, [0, 0])])).toThrow('a gradient is zero')
})

test('parts with next to no loss have no say in what matters', () => {
  const { a } = taylorGradients([made(1, [2, 0]), made(0.5, [4, 0]), made(0.04, [1000, 0])])
  expect(a.data[0]).toBe(3)
})
