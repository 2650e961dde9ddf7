import { expect, test } from 'vitest'
import { draws, seedKey } from '../../data/draws.ts'
import { ndarray } from '../../engine/index.ts'
import { normalCdf } from '../../engine/kernels/error-function.ts'
import { solve } from '../../engine/kernels/factorizations.ts'
import { type GraphSchema, signedBalance } from '../../kits/graphs/index.ts'
import { jointProcess } from './diffusion.ts'
import { jointNetwork } from './network.ts'
import { defaultRecipe, jointTrainer } from './trainer.ts'

/** Two nodes and an edge α (x₁ + x₂) + noise: a Gaussian vector of three. */
const pair: GraphSchema = { node: [{ name: 'x', type: 'real' }], edge: [], maxNodes: 2, directed: false }
const alpha = 0.68
const rest = 1 - 2 * alpha * alpha
const covariance = [
  [1, 0, alpha],
  [0, 1, alpha],
  [alpha, alpha, 1],
]
const vp = { kind: 'vp', betas: [0.1, 20] } as const
const process = jointProcess({ nodes: vp, edges: vp })

/**
 * The least loss there is: the variance of ε given x is I − n² (s² Σ + n²)⁻¹; half of it for each node, all of it for the edge, over uniform times. A model whose
 * parts do not see each other has a block of zeros in Σ, and the diagonal of that of the marginals.
 */
function leastLoss(cut: boolean): number {
  const sigma = covariance.map((row, i) => row.map((value, j) => (cut && i < 2 !== j < 2 ? 0 : value)))
  const times = Array.from({ length: 200 }, (_, k) => 1e-3 + ((k + 0.5) / 200) * (1 - 1e-3))
  const at = (time: number) => {
    const { signal, noise } = process.nodes.at(time)
    const matrix = Float64Array.from(sigma.flatMap((row, i) => row.map((value, j) => signal ** 2 * value + (i === j ? noise ** 2 : 0))))
    const inverse = solve(matrix, Float64Array.from([1, 0, 0, 0, 1, 0, 0, 0, 1]), [3, 3])
    const left = [0, 1, 2].map((i) => 1 - noise ** 2 * inverse[4 * i])
    return 0.5 * (left[0] + left[1]) + left[2]
  }
  return times.reduce((sum, time) => sum + at(time), 0) / times.length
}

function gaussianGraphs(count: number) {
  const random = draws(seedKey(1, 0x6761_7573))
  const data = new Float32Array(3 * count)
  for (let g = 0; g < count; g++) {
    const [a, b] = [random.normal(), random.normal()]
    data.set([a, b, alpha * (a + b) + Math.sqrt(rest) * random.normal()], 3 * g)
  }
  return { x: ndarray(data, [count, 3], 'float32'), label: ndarray(new Int32Array(count).fill(2), [count], 'int32') }
}

async function trainedLoss(cut: boolean): Promise<number> {
  const network = jointNetwork(pair, { width: 16, edgeWidth: 8, layers: 1, heads: 2, triangle: false, cut })
  const recipe = { ...defaultRecipe, steps: 300, batch: 128, learningRate: 1e-2 }
  const trainer = jointTrainer(network, pair, process, gaussianGraphs(20_000), recipe)
  let state = trainer.start()
  const losses: number[] = []
  for (let k = 0; k < recipe.steps; k++) {
    const next = await trainer.step(state, k)
    state = next.state
    losses.push(next.loss)
  }
  return losses.slice(-100).reduce((sum, loss) => sum + loss, 0) / 100
}

test('training comes near the least loss in closed form, and that of two marginal models stays above theirs', {
  timeout: 120_000,
}, async () => {
  const [joint, cut] = [leastLoss(false), leastLoss(true)]
  expect(cut).toBeGreaterThan(1.1 * joint)
  // 100 batches of 128 know their mean to about 1 %.
  const [ours, apart] = [await trainedLoss(false), await trainedLoss(true)]
  expect(ours).toBeGreaterThan(0.95 * joint)
  expect(ours).toBeLessThan(1.12 * joint)
  expect(apart).toBeGreaterThan(0.97 * cut)
  expect(apart).toBeLessThan(1.12 * cut)
})

test('existence that is noised to the end is like the noise that sampling starts from; with the β of GDSS it is not', () => {
  const graphs = signedBalance({ count: 2000, seed: 2 })
  const existence = graphs.flatMap(({ n, edges }) => Array.from({ length: (n * (n - 1)) / 2 }, (_, k) => (k < edges.length ? 1 : -1)))
  const distance = (betas: readonly [number, number]) => {
    const { signal, noise } = jointProcess({ nodes: { kind: 'vp', betas }, edges: { kind: 'vp', betas } }).nodes.at(1)
    const random = draws(seedKey(3, 1))
    const values = Float64Array.from(existence, (value) => signal * value + noise * random.normal()).sort()
    return values.reduce((most, value, i) => Math.max(most, Math.abs(normalCdf(value) - (i + 0.5) / values.length)), 0)
  }
  // The statistic of Kolmogorov and Smirnov has its 99.9 % point at 1.95 / √n.
  const bound = 1.95 / Math.sqrt(existence.length)
  expect(distance([0.1, 20])).toBeLessThan(bound)
  expect(distance([0.1, 1])).toBeGreaterThan(3 * bound)
})
