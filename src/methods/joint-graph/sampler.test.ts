import { describe, expect, test } from 'vitest'
import {
  add,
  div,
  exp,
  expandDims,
  matmul,
  mul,
  ndarray,
  sqrt,
  square,
  sub,
  sum,
  swapLast,
  type Tensor,
  tensor,
} from '../../engine/index.ts'
import { eigh } from '../../engine/kernels/spectra.ts'
import { type GraphSchema, signedBalance, signedBalanceSchema } from '../../kits/graphs/index.ts'
import { jointProcess } from './diffusion.ts'
import { sampleGraphs, trainingOf } from './generator.ts'
import type { GraphNetwork } from './network.ts'
import { givenGraph, givenNodes } from './partial.ts'
import { drawSizes, posterior, sampleVectors } from './sampler.ts'

/** Two nodes and an edge whose existence channel is α (x₁ + x₂) plus noise: a vector of three that is jointly Gaussian. */
const pair: GraphSchema = { node: [{ name: 'x', type: 'real' }], edge: [], maxNodes: 2, directed: false }
const alpha = 0.6
const covariance = [
  [1, 0, alpha],
  [0, 1, alpha],
  [alpha, alpha, 2 * alpha * alpha + 0.28],
]
const process = jointProcess({ nodes: { kind: 'vp', betas: [0.1, 20] }, edges: { kind: 'vp', betas: [0.1, 20] } })

/** The exact noise: ε = noise · (signal² Σ + noise²)⁻¹ x, by the eigenvectors of Σ; parts that do not see each other have a block of zeros. */
function exactNetwork(cut: boolean): GraphNetwork<null> {
  const sigma = covariance.map((row, i) => row.map((value, j) => (cut && i < 2 !== j < 2 ? 0 : value)))
  const { values, vectors } = eigh(Float64Array.from(sigma.flat()), 3)
  const basis = tensor(Float32Array.from(vectors), { shape: [3, 3] })
  return {
    init: () => null,
    apply(_, x, time) {
      // ln signal of β from 0.1 to 20.
      const signal = exp(mul(time, sub(mul(time, -19.9 / 4), 0.05)))
      const variance = expandDims(sub(1, square(signal)), 1)
      const total = add(mul(expandDims(square(signal), 1), tensor(Float32Array.from(values))), variance)
      return mul(matmul(div(matmul(x, basis), total), swapLast(basis)), sqrt(variance))
    },
  }
}

const sizes = (count: number, n: number) => new Int32Array(count).fill(n)

describe('ancestral sampling with the exact score of Gaussian graphs', () => {
  test.each([false, true])('finds their covariance (paths cut: %s)', async (cut) => {
    const count = 2000
    const { x, notFinite } = await sampleVectors(
      exactNetwork(cut),
      null,
      { schema: pair, process },
      { count, steps: 150, seed: 3, sizes: sizes(count, 2), clip: 20, batch: 1000 },
    )
    expect(notFinite).toBe(0)
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) {
        let found = 0
        for (let s = 0; s < count; s++) found += (x.data[3 * s + i] * x.data[3 * s + j]) / count
        // Four standard errors of a covariance of 2,000 draws, and the error of 150 steps.
        const truth = cut && i < 2 !== j < 2 ? 0 : covariance[i][j]
        expect(Math.abs(found - truth)).toBeLessThan(4 / Math.sqrt(count) + 0.04)
      }
  })

  test('what is given stays, and the rest follows from it', async () => {
    const count = 1000
    const known = {
      x: ndarray(
        Float32Array.from({ length: 3 * count }, (_, k) => (k % 3 === 2 ? 0 : 1)),
        [count, 3],
        'float32',
      ),
      given: ndarray(
        Float32Array.from({ length: 3 * count }, (_, k) => (k % 3 === 2 ? 0 : 1)),
        [count, 3],
        'float32',
      ),
    }
    const { x } = await sampleVectors(
      exactNetwork(false),
      null,
      { schema: pair, process },
      { count, steps: 150, seed: 4, sizes: sizes(count, 2), clip: 20, known, batch: 500 },
    )
    const edge = Array.from({ length: count }, (_, s) => x.data[3 * s + 2])
    expect(x.data.filter((_, k) => k % 3 !== 2).every((value) => value === 1)).toBe(true)
    // The conditional mean is 2α = 1.2, blind to what is given it would be 0. Replacement is biased towards the latter: 0.78 here.
    const mean = edge.reduce((a, b) => a + b, 0) / count
    expect(mean).toBeGreaterThan(0.6)
    expect(mean).toBeLessThan(1.4)
  })

  test('a guide moves samples up its gradient', async () => {
    const count = 500
    const options = { count, steps: 100, seed: 5, sizes: sizes(count, 2), clip: 20 }
    const guide = (x0: Tensor) => mul(sum(square(sub(x0, 1)), { axes: 1 }), -0.5)
    const [plain, guided] = await Promise.all([
      sampleVectors(exactNetwork(false), null, { schema: pair, process }, options),
      sampleVectors(exactNetwork(false), null, { schema: pair, process }, { ...options, guide }),
    ])
    const mean = ({ data }: { data: ArrayLike<number> }) => Array.from(data).reduce((a, b) => a + b, 0) / data.length
    expect(mean(guided.x)).toBeGreaterThan(mean(plain.x) + 0.3)
  })
})

test('the posterior of a step is that of the forward process: its moments make the earlier level of the later one', () => {
  for (const kind of [
    { kind: 'vp', betas: [0.1, 20] },
    { kind: 've', sigmas: [0.1, 5] },
  ] as const) {
    const own = jointProcess({ nodes: kind, edges: kind }).nodes
    const [t, s] = [0.6, 0.4]
    const { onEstimate, onState, noise } = posterior(own, t, s)
    const [from, to] = [own.at(t), own.at(s)]
    expect(onEstimate + onState * from.signal).toBeCloseTo(to.signal, 12)
    expect(Math.sqrt((onState * from.noise) ** 2 + noise ** 2)).toBeCloseTo(to.noise, 12)
  }
})

describe('a small generator', async () => {
  const schema = signedBalanceSchema(5)
  const graphs = signedBalance({ count: 32, n: 5, seed: 0 })
  const training = trainingOf(graphs, schema, { steps: 3, batch: 8, network: { width: 8, edgeWidth: 4, layers: 1, heads: 2 } })
  let state = training.trainer.start()
  for (let k = 0; k < 3; k++) state = (await training.trainer.step(state, k)).state
  const model = training.model(state.ema)

  test('gives the same graphs however many are computed together', async () => {
    const one = await sampleGraphs(model, { count: 7, steps: 4, seed: 9, batch: 7 })
    const other = await sampleGraphs(model, { count: 7, steps: 4, seed: 9, batch: 3 })
    // To rounding: products of other shapes are summed in another order.
    expect(other.map(({ edges }) => edges.map(([i, j]) => [i, j]))).toEqual(one.map(({ edges }) => edges.map(([i, j]) => [i, j])))
    other.forEach(({ x }, g) => {
      x.flat().forEach((value, k) => {
        expect(value).toBeCloseTo(one[g].x.flat()[k], 5)
      })
    })
    expect((await sampleGraphs(model, { count: 3, steps: 4, seed: 9 })).map(({ n }) => n)).toEqual(one.slice(0, 3).map(({ n }) => n))
    expect(await sampleGraphs(model, { count: 7, steps: 4, seed: 10 })).not.toEqual(one)
  })
  test('completes what is given', async () => {
    const [given] = graphs
    const [nodes] = await sampleGraphs(model, { count: 1, steps: 4, complete: [givenNodes(given)] })
    nodes.x.flat().forEach((value, k) => {
      expect(value).toBeCloseTo(given.x.flat()[k], 5)
    })
    const small = { ...given, n: 3, x: given.x.slice(0, 3), edges: given.edges.filter(([, j]) => j < 3) }
    const [more] = await sampleGraphs(model, { count: 1, steps: 4, complete: [givenGraph(small, 5)] })
    expect(more.n).toBe(5)
    expect(more.edges.filter(([, j]) => j < 3).map(([i, j]) => [i, j])).toEqual(small.edges.map(([i, j]) => [i, j]))
    expect(() => givenGraph(given, 3)).toThrow(/cannot be completed/)
  })
  test('refuses numbers of nodes that it does not know', async () => {
    await expect(sampleGraphs(model, { count: 1, nodes: 6 })).rejects.toThrow(/would have 6 nodes; graphs have 1 to 5/)
  })
  test('draws numbers of nodes as they were', () => {
    const drawn = drawSizes([0, 1, 0, 3], 4000, 1)
    const share = drawn.filter((n) => n === 4).length / 4000
    expect(new Set(drawn)).toEqual(new Set([2, 4]))
    expect(Math.abs(share - 0.75)).toBeLessThan(0.03)
  })
})
