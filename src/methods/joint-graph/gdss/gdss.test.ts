import { describe, expect, test } from 'vitest'
import { evaluate, jit, key, leaves, mapTree, random, type Tensor, tensor } from '../../../engine/index.ts'
import { moleculeSchema, qm9Elements, randomMolecules } from '../../../kits/graphs/index.ts'
import { gdssData, gdssGraphs } from './molecules.ts'
import { edgeNetwork, gdssConfigs, nodeNetwork } from './networks.ts'
import { sampleGdss } from './sampler.ts'
import { gdssScores } from './scores.ts'
import { gdssTrainer } from './trainer.ts'

const count = (params: unknown) => (leaves(params) as Tensor[]).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)

describe('the networks of GDSS', () => {
  test.each([
    ['communitySmall', 72_434, 134_369],
    ['qm9', 8_564, 23_825],
  ] as const)('%s have the published numbers of parameters', (name, nodes, edges) => {
    expect(count(nodeNetwork(gdssConfigs[name]).init(key(0)))).toBe(nodes)
    expect(count(edgeNetwork(gdssConfigs[name]).init(key(0)))).toBe(edges)
  })

  test('do not see how nodes are numbered, nor nodes that are not there', async () => {
    const [nodes, edges] = [nodeNetwork(gdssConfigs.qm9), edgeNetwork(gdssConfigs.qm9)]
    const loud = async <P>(params: P, seed: number) => {
      let i = 0
      return evaluate(mapTree<P>(params, (w: Tensor) => random.normal(key(100 * seed + i++), w.shape)))
    }
    const [p, q] = [await loud(nodes.init(key(0)), 1), await loud(edges.init(key(0)), 2)]
    const n = 5
    const x = (await random.normal(key(5), [n, 4]).array()) as number[][]
    const raw = (await random.normal(key(6), [n, n]).array()) as number[][]
    const a = raw.map((row, i) => row.map((value, j) => (i === j ? 0 : value + raw[j][i])))
    const run = async (x: number[][], a: number[][], size = n) => {
      const given = [tensor([x]), tensor([a]), tensor([size], { dtype: 'int32' })] as const
      const [onNodes, onEdges] = [jit(nodes.apply)(p, ...given), jit(edges.apply)(q, ...given)]
      return { x: ((await onNodes.array()) as number[][][])[0], a: ((await onEdges.array()) as number[][][])[0] }
    }
    const order = [3, 0, 4, 1, 2]
    const plain = await run(x, a)
    const moved = await run(
      order.map((i) => x[i]),
      order.map((i) => order.map((j) => a[i][j])),
    )
    const scale = Math.max(...plain.a.flat().map(Math.abs))
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        expect(Math.abs(moved.a[i][j] - plain.a[order[i]][order[j]]) / scale).toBeLessThan(1e-5)
        expect(Math.abs(plain.a[i][j] - plain.a[j][i]) / scale).toBeLessThan(1e-5)
      }
    for (let i = 0; i < n; i++) for (let c = 0; c < 4; c++) expect(moved.x[i][c]).toBeCloseTo(plain.x[order[i]][c], 3)
    expect(plain.a.map((row, i) => row[i])).toEqual(new Array(n).fill(0))
    const padded = await run([...x, [0, 0, 0, 0]], [...a.map((row) => [...row, 0]), new Array(n + 1).fill(0)])
    expect(Math.abs(padded.a[1][2] - plain.a[1][2]) / scale).toBeLessThan(1e-5)
  })
})

test('scores of VP processes are divided by −noise, those of VE processes are not', async () => {
  const [vp, ve] = (['vp', 've'] as const).map((kind) => gdssScores(gdssConfigs.qm9, { nodes: kind, edges: kind }))
  const params = await evaluate(vp.init(key(1)))
  const given = [
    await evaluate(random.normal(key(2), [1, 3, 4])),
    tensor([
      [
        [0, 1, 0],
        [1, 0, 2],
        [0, 2, 0],
      ],
    ]),
    tensor([3], { dtype: 'int32' }),
    tensor([[[0.25]]]),
  ] as const
  const [one, other] = [await vp.nodes(params.nodes, ...given).data(), await ve.nodes(params.nodes, ...given).data()]
  for (const [i, value] of one.entries()) expect(value).toBeCloseTo(-4 * other[i], 4)
})

const schema = moleculeSchema(qm9Elements, 9)

test('molecules as matrices come back', () => {
  const graphs = randomMolecules({ count: 20, seed: 1 })
  const { x, adjacency, sizes } = gdssData(graphs, schema)
  expect(gdssGraphs(x, adjacency, sizes.data)).toEqual(graphs)
})

test.each(['pc', 's4'] as const)('training lowers the loss, and %s samples finite graphs', async (sampler) => {
  const graphs = randomMolecules({ count: 64, seed: 2 })
  const kind = { kind: 'vp', betas: [0.1, 1] } as const
  const recipe = {
    config: gdssConfigs.qm9,
    nodes: kind,
    edges: kind,
    steps: 25,
    batch: 32,
    learningRate: 5e-3,
    weightDecay: 1e-4,
    ema: 0.9,
    seed: 0,
  }
  const trainer = gdssTrainer(gdssData(graphs, schema), recipe)
  let state = trainer.start()
  const losses: number[] = []
  for (let k = 0; k < recipe.steps; k++) {
    const next = await trainer.step(state, k)
    state = next.state
    losses.push(next.loss)
  }
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
  expect(mean(losses.slice(-5))).toBeLessThan(0.95 * mean(losses.slice(0, 5)))
  const sizes = Int32Array.of(9, 5)
  const { x, adjacency } = await sampleGdss(state.ema, recipe, 9, { steps: 10, seed: 1, sizes, sampler, snr: 0.1, scale: 0.7 })
  expect([...x.data, ...adjacency.data].every(Number.isFinite)).toBe(true)
  for (const { edges } of gdssGraphs(x, adjacency, sizes)) for (const [i, j] of edges) expect(i).toBeLessThan(j)
})
