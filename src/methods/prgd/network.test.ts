import { expect, test } from 'vitest'
import { div, evaluate, grad, key, mapTree, mul, type NDArray, ndarray, type Tensor, tensor } from '../../engine/index.ts'
import { crossEntropy } from '../../nn/index.ts'
import { type HomogeneousParams, homogeneousMargin, homogeneousMlp, logCrossEntropy } from './network.ts'
import { type NetworkOptions, trainHomogeneous } from './network-training.ts'

const labels = tensor(Int32Array.of(0, 2, 1, 1))
const logits = (scale: number) => mul(tensor(new Float64Array([2, -1, 0.5, 0.1, 0.2, 1.4, -3, 2, 1, 0, 5, -5]), { shape: [4, 3] }), scale)

test('log L is the logarithm of the cross entropy, and stays finite where the cross entropy vanishes', async () => {
  for (const scale of [-20, -1, 0, 0.3, 5, 10]) {
    const direct = Math.log(await crossEntropy(logits(scale), labels).item())
    expect(await logCrossEntropy(logits(scale), labels).item()).toBeCloseTo(direct, 10)
  }
  // The least lead is 1 (third example: 2 against 1): log L → −scale − log 4.
  expect(await logCrossEntropy(logits(2000), labels).item()).toBeCloseTo(-2000 - Math.log(4), 8)
})

test('its gradient is that of the cross entropy over the cross entropy', async () => {
  for (const scale of [0.3, 5, 15]) {
    const loss = await crossEntropy(logits(scale), labels).item()
    const plain = await div(grad((z: Tensor) => crossEntropy(z, labels))(logits(scale)), loss).data()
    const own = await grad((z: Tensor) => logCrossEntropy(z, labels))(logits(scale)).data()
    own.forEach((value, i) => {
      expect(value).toBeCloseTo(plain[i], 8)
    })
  }
  const far = await grad((z: Tensor) => logCrossEntropy(z, labels))(logits(3000)).data()
  expect(far.every(Number.isFinite)).toBe(true)
})

test('scaling all weights leaves the normalized margin alone, whatever the depth', async () => {
  const x = tensor(new Float64Array([0.3, -0.2, 0.9, 1, 0, -1, 0.5, 0.5, 0.1, -0.7, 0.2, 0.4]), { shape: [4, 3] })
  for (const sizes of [
    [3, 3],
    [3, 8, 3],
    [3, 6, 5, 3],
  ]) {
    const model = homogeneousMlp(sizes)
    const params = await evaluate(model.init(key(1)))
    const marginAt = async (factor: number) => {
      const scaled = mapTree<HomogeneousParams>(params, (w: Tensor) => mul(w, factor))
      return homogeneousMargin(scaled, model.apply(scaled, x), labels).item()
    }
    const margin = await marginAt(1)
    expect(await marginAt(7.5)).toBeCloseTo(margin, 12)
    // By hand: the least lead of the label's logit, over the norm to the power of the depth.
    const z = (await model.apply(params, x).array()) as number[][]
    const leads = [0, 2, 1, 1].map((label, i) => z[i][label] - Math.max(...z[i].filter((_, j) => j !== label)))
    const weights = (await Promise.all(params.layers.map(async (w) => [...(await w.data())]))).flat()
    expect(margin).toBeCloseTo(Math.min(...leads) / Math.hypot(...weights) ** (sizes.length - 1), 12)
  }
})

/** Three bundles of directions. */
function bundles(): { x: NDArray; y: NDArray } {
  const angles = Array.from({ length: 30 }, (_, i) => 2 * Math.PI * ((i % 3) / 3) + 0.06 * (i - 15))
  return {
    x: ndarray(Float64Array.from(angles.flatMap((a) => [Math.cos(a), Math.sin(a)])), [30, 2], 'float64'),
    y: ndarray(
      Int32Array.from(angles, (_, i) => i % 3),
      [30],
      'int32',
    ),
  }
}

test('a growing norm widens a network’s margin further than a fixed one', async () => {
  const train = bundles()
  const widen = { rule: 'prgd', steps: 400, learningRate: 1e-2, growth: 3, interval: 10, batch: 0 } as const
  const options = (more: Partial<NetworkOptions['widen']>): NetworkOptions => ({
    train,
    classes: 3,
    hidden: [16],
    seed: 0,
    separate: { epochs: 400, batch: 30, learningRate: 0.3 },
    widen: { ...widen, ...more },
    progress: async () => {},
  })
  const grown = await trainHomogeneous(options({}))
  const fixed = await trainHomogeneous(options({ growth: 1 }))
  expect(grown.margin.before).toBe(fixed.margin.before)
  expect(grown.margin.before).toBeGreaterThan(0)
  expect(grown.margin.after).toBeGreaterThan(grown.margin.before)
  expect(grown.margin.after).toBeGreaterThan(fixed.margin.after)
})
