import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluate, fromArray, jit, key, mapTree, ndarray, random, type Tensor, tensor } from '../../engine/index.ts'
import { channelsOf, type GraphSchema, pairsOf, vectorLength } from '../../kits/graphs/index.ts'
import { jointNetwork, type NetworkConfig } from './network.ts'

const schema = (maxNodes: number, directed = false): GraphSchema => ({
  node: [
    { name: 'a', type: 'real' },
    { name: 'b', type: 'categorical', values: ['x', 'y'] },
  ],
  edge: [{ name: 'w', type: 'real' }],
  maxNodes,
  directed,
})

const kinds: [string, Partial<NetworkConfig> & { directed?: boolean }][] = [
  ['with triangles', { triangle: true }],
  ['as in the paper', {}],
  ['with its paths cut', { cut: true }],
  ['with powers', { powers: 3 }],
  ['directed', { directed: true, triangle: true, powers: 2 }],
]

const make = (maxNodes: number, { directed = false, ...more }: Partial<NetworkConfig> & { directed?: boolean } = {}) => {
  const own = schema(maxNodes, directed)
  return { schema: own, network: jointNetwork(own, { width: 8, edgeWidth: 6, layers: 2, heads: 2, triangle: false, ...more }) }
}

/** Parameters of about unit size, so that no path is too weak to be seen. */
async function loudParams(network: ReturnType<typeof jointNetwork>, seed: number) {
  const params = await evaluate(network.init(key(seed)))
  let i = 0
  return evaluate(mapTree<typeof params>(params, (w: Tensor) => random.normal(key(1000 * seed + i++), w.shape)))
}

/** Graphs as vectors by their matrices: nodes [n][dx], pairs [n][n][de]. */
function vectorOf(own: GraphSchema, nodes: readonly number[][], pairs: readonly number[][][]): Float32Array {
  const { nodes: dx, edges: de } = channelsOf(own)
  const { nodes: boundary, total } = vectorLength(own)
  const x = new Float32Array(total)
  nodes.forEach((row, i) => {
    x.set(row, i * dx)
  })
  pairsOf(own).forEach(([i, j], k) => {
    x.set(pairs[i]?.[j] ?? new Array<number>(de).fill(0), boundary + k * de)
  })
  return x
}

const run = async (
  network: ReturnType<typeof jointNetwork>,
  params: Awaited<ReturnType<typeof loudParams>>,
  x: Float32Array,
  size: number,
) =>
  (await jit(network.apply)(
    params,
    fromArray(ndarray(x, [1, x.length], 'float32')),
    tensor([0.4]),
    tensor([size], { dtype: 'int32' }),
  ).data()) as Float32Array

const randomGraph = (n: number, directed: boolean, draw: () => number) => {
  const nodes = Array.from({ length: n }, () => [draw(), draw(), draw()])
  const pairs = Array.from({ length: n }, () => Array.from({ length: n }, () => [draw(), draw()]))
  if (!directed) for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) pairs[i][j] = pairs[j][i]
  return { nodes, pairs }
}

const draws = (seed: number) => {
  let state = seed + 1
  return () => {
    state = (state * 48271) % 2147483647
    return (state / 2147483647) * 4 - 2
  }
}

describe.each(kinds)('the network %s', (_, config) => {
  test('does not see how nodes are numbered', async () => {
    const { schema: own, network } = make(5, config)
    const params = await loudParams(network, 3)
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), fc.integer({ min: 0, max: 1e6 }), async (order, seed) => {
        const { nodes, pairs } = randomGraph(5, own.directed, draws(seed))
        const plain = await run(network, params, vectorOf(own, nodes, pairs), 5)
        const moved = vectorOf(
          own,
          order.map((i) => nodes[i]),
          order.map((i) => order.map((j) => pairs[i][j])),
        )
        const found = await run(network, params, moved, 5)
        expect(largestGap(found, permuted(own, plain, order))).toBeLessThan(1e-4)
      }),
      { numRuns: 10 },
    )
  })

  test('gives real nodes the same noise, however many are missing beside them', async () => {
    const [small, large] = [make(5, config), make(8, config)]
    const params = await loudParams(small.network, 4)
    const { nodes, pairs } = randomGraph(5, small.schema.directed, draws(7))
    const plain = await run(small.network, params, vectorOf(small.schema, nodes, pairs), 5)
    const padded = vectorOf(large.schema, nodes, pairs)
    // What stands where no node is must not matter.
    const noisy = padded.map((value) => (value === 0 ? 5 : value))
    const found = await run(large.network, params, noisy, 5)
    const { nodes: boundary } = vectorLength(large.schema)
    expect(largestGap(found.subarray(0, 15), plain.subarray(0, 15))).toBeLessThan(1e-4)
    const place = new Map(pairsOf(large.schema).map(([i, j], k) => [i * 8 + j, k]))
    pairsOf(small.schema).forEach(([i, j], k) => {
      const at = boundary + 2 * place.get(i * 8 + j)!
      expect(largestGap(found.subarray(at, at + 2), plain.subarray(15 + 2 * k, 17 + 2 * k))).toBeLessThan(1e-4)
    })
    expect(largestGap(found.subarray(15, 24), new Float32Array(9))).toBe(0)
  })
})

test('where the paths are cut, neither part sees the other; where they are not, both do', async () => {
  for (const cut of [true, false]) {
    const { schema: own, network } = make(4, { cut, triangle: true })
    const params = await loudParams(network, 5)
    const { nodes, pairs } = randomGraph(4, false, draws(3))
    const plain = await run(network, params, vectorOf(own, nodes, pairs), 4)
    const otherPairs = await run(network, params, vectorOf(own, nodes, randomGraph(4, false, draws(4)).pairs), 4)
    const otherNodes = await run(network, params, vectorOf(own, randomGraph(4, false, draws(5)).nodes, pairs), 4)
    expect(largestGap(otherPairs.subarray(0, 12), plain.subarray(0, 12)) > 1e-3).toBe(!cut)
    expect(largestGap(otherNodes.subarray(12), plain.subarray(12)) > 1e-3).toBe(!cut)
  }
})

const largestGap = (a: Float32Array, b: Float32Array): number => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0)

/** The vector of the same graph with its nodes in another order. */
function permuted(own: GraphSchema, x: Float32Array, order: readonly number[]): Float32Array {
  const { nodes: dx, edges: de } = channelsOf(own)
  const { nodes: boundary } = vectorLength(own)
  const n = own.maxNodes
  const pairs = pairsOf(own)
  const place = new Map(pairs.map(([i, j], k) => [i * n + j, k]))
  const nodes = order.map((i) => [...x.subarray(i * dx, (i + 1) * dx)])
  const matrix = order.map((i) =>
    order.map((j) => {
      const k = place.get(i * n + j) ?? place.get(j * n + i)
      return k === undefined ? new Array<number>(de).fill(0) : [...x.subarray(boundary + k * de, boundary + (k + 1) * de)]
    }),
  )
  return vectorOf(own, nodes, matrix)
}
