import { describe, expect, test } from 'vitest'
import { key, leavesWithPaths, mapTree, random, scatterSet, type Tensor, tensor, zeros } from '../../../engine/index.ts'
import type { DiffusionModel } from '../denoiser.ts'
import type { NetworkConfig } from '../network.ts'
import { macs, networkOf, parameterCount } from '../networks/index.ts'
import { importance, keepLargest, prunableOf, prune } from './index.ts'
import { entriesOf } from './prunable.ts'
import { groupsLeft } from './prune.ts'

const networks: [string, NetworkConfig, number[]][] = [
  ['mlp', { kind: 'mlp', width: 8, hidden: [6, 5], embedding: 4 }, [5]],
  ['mlp, told at the input', { kind: 'mlp', width: 8, hidden: [6, 5], embedding: 4, embed: 'input' }, [5]],
  ['unet', { kind: 'unet', channels: 8, multiples: [1, 2], blocks: 1, attention: [4], groups: 4 }, [1, 8, 8]],
  ['attention', { kind: 'attention', patch: 2, width: 8, depth: 2, heads: 4 }, [1, 4, 4]],
]

function modelOf(network: NetworkConfig, shape: number[]): DiffusionModel {
  let index = 0
  const params = mapTree(networkOf(network, shape).init(key(0)), (leaf: Tensor) => random.normal(key(index++), leaf.shape))
  return { config: { network, process: { kind: 'vp', betas: [0.1, 20] }, predict: 'eps', shape }, params }
}

const outputOf = async ({ config, params }: DiffusionModel): Promise<number[]> => {
  const x = random.normal(key(77), [2, ...config.shape])
  return [
    ...(await networkOf(config.network, config.shape)
      .apply(params, x, tensor([3, 500]))
      .data()),
  ]
}

const shapesOf = (params: unknown) => leavesWithPaths(params).map(([path, leaf]) => `${path} ${(leaf as Tensor).shape}`)

/** Which units go: of a norm's groups the first, else the first third. */
const gone = ({ units, groups }: { units: number; groups: number }) => Math.max(groups > 1 ? units / groups : Math.floor(units / 3), 1)

/** The model with all numbers of some units zero. */
function withZeros(model: DiffusionModel): DiffusionModel {
  const places = prunableOf(model.config.network, model.config.shape).flatMap((part) =>
    part.places.map((place) => ({ place, entries: entriesOf(place, [...Array(gone(part)).keys()], part.units) })),
  )
  const params = mapTree(model.params, (leaf: Tensor, path) => {
    const found = places.find(({ place }) => place.path === path)
    if (!found) return leaf
    const shape = leaf.shape.with(found.place.axis, found.entries.length)
    return scatterSet(leaf, tensor(Int32Array.from(found.entries)), zeros(shape), { axis: found.place.axis })
  })
  return { ...model, params }
}

const withoutZeros = (model: DiffusionModel): DiffusionModel =>
  prune(
    model,
    prunableOf(model.config.network, model.config.shape).map((part) =>
      Array.from({ length: part.units - gone(part) }, (_, k) => gone(part) + k),
    ),
  )

describe.each(networks)('%s', (_, network, shape) => {
  const model = modelOf(network, shape)
  const parts = prunableOf(network, shape)

  test('cutting out units that are zero leaves the output as it was', async () => {
    const zeroed = withZeros(model)
    const [before, after] = [await outputOf(zeroed), await outputOf(withoutZeros(zeroed))]
    const scale = Math.max(...before.map(Math.abs))
    after.forEach((value, i) => {
      expect(Math.abs(value - before[i]) / scale).toBeLessThan(1e-6)
    })
  })

  test('and cutting out others does not', async () => {
    const [before, after] = [await outputOf(model), await outputOf(withoutZeros(model))]
    expect(after.some((value, i) => Math.abs(value - before[i]) > 1e-3 * Math.max(...before.map(Math.abs)))).toBe(true)
  })

  test('what is left is the same architecture built small', () => {
    const pruned = withoutZeros(model)
    expect(shapesOf(pruned.params)).toEqual(shapesOf(networkOf(pruned.config.network, shape).init(key(0))))
    const cost = macs(pruned.config.network, shape)
    expect(cost).toBeLessThan(macs(network, shape))
    expect(parameterCount(pruned.config.network, shape)).toBeLessThan(parameterCount(network, shape))
  })

  test('keeping all changes nothing but what the config says of itself', async () => {
    const same = prune(
      model,
      parts.map(({ units }) => [...Array(units).keys()]),
    )
    expect(await outputOf(same)).toEqual(await outputOf(model))
  })

  test('units that are zero matter least', async () => {
    const scores = await importance(withZeros(model), 'magnitude')
    parts.forEach((part, i) => {
      const dead = gone(part)
      expect([...scores[i].slice(0, dead)]).toEqual(new Array(dead).fill(0))
      expect(Math.min(...scores[i].slice(dead))).toBeGreaterThan(0)
    })
  })

  test('with gradients: |w · g| summed over what belongs to each unit', async () => {
    const gradients = mapTree(model.params, (leaf: Tensor) => random.normal(key(5), leaf.shape))
    const scores = await importance(model, { gradients })
    // By a loop over the numbers themselves.
    const values = new Map<string, { shape: readonly number[]; w: ArrayLike<number>; g: ArrayLike<number> }>()
    const g = new Map(leavesWithPaths(gradients) as [string, Tensor][])
    for (const [path, leaf] of leavesWithPaths(model.params) as [string, Tensor][])
      values.set(path, { shape: leaf.shape, w: await leaf.data(), g: await g.get(path)!.data() })
    const part = parts.at(-1)!
    const unit = part.units - 1
    let expected = 0
    for (const place of part.places) {
      const { shape, w, g } = values.get(place.path)!
      const after = shape.slice(place.axis + 1).reduce((a, b) => a * b, 1)
      const entries = new Set(entriesOf(place, [unit], part.units))
      for (let k = 0; k < w.length; k++) if (entries.has(Math.floor(k / after) % shape[place.axis])) expected += Math.abs(w[k] * g[k])
    }
    expect(scores.at(-1)![unit]).toBeCloseTo(expected, 4)
  })
})

test('magnitude is |in|² · |out|², by hand', async () => {
  const model = modelOf({ kind: 'mlp', width: 2, hidden: [2], embedding: 2 }, [3])
  const params = structuredParams(model)
  params.blocks[0].up.weight = tensor([
    [1, 2],
    [0, 3],
  ])
  params.blocks[0].down.weight = tensor([
    [1, 0],
    [1, 2],
  ])
  const [scores] = await importance({ ...model, params }, 'magnitude')
  // (1 + 4) · (1 + 1), 9 · 4.
  expect([...scores]).toEqual([10, 36])
})

const structuredParams = (model: DiffusionModel) =>
  mapTree<{ blocks: { up: { weight: Tensor }; down: { weight: Tensor } }[] }>(model.params, (leaf: Tensor) => leaf)

test('groups of a norm after pruning', () => {
  const norm = { units: 12, groups: 4 }
  expect(groupsLeft(norm, [0, 1, 2, 6, 7, 8])).toBe(2)
  expect(groupsLeft(norm, [0, 3, 6, 9])).toBe(4)
  expect(groupsLeft(norm, [0, 1, 3, 4, 6, 7])).toBe(2)
  expect(groupsLeft(norm, [0, 1, 2, 3, 4])).toBe(1)
})

test('of equal scores the first are kept; groups keep as many each', () => {
  expect(keepLargest([1, 1, 1], 2)).toEqual([0, 1])
  expect(keepLargest([9, 8, 7, 1, 2, 3], 4, 2)).toEqual([0, 1, 4, 5])
  expect(() => keepLargest([1, 2], 3)).toThrow('3 of 2 units cannot be kept')
  expect(() => keepLargest([1, 2, 3, 4], 3, 2)).toThrow('2 groups divide not both 3 and 4')
})

test('what cannot be cut is refused, and so is a model that is not its config’s', async () => {
  const model = modelOf({ kind: 'mlp', width: 4, hidden: [3, 3], embedding: 4 }, [5])
  expect(() => prune(model, [[0]])).toThrow('1 lists of units to keep, but there are 2 places to prune')
  expect(() => prune(model, [[0], []])).toThrow('prune: hidden of blocks.1: at least one unit must stay')
  expect(() => prune(model, [[0], [3]])).toThrow('there is no unit 3, there are 3')
  expect(() => prune(model, [[1, 0], [0]])).toThrow('do not ascend')
  const other = { ...model, params: { blocks: [] } }
  expect(() => prune(other, [[0], [0]])).toThrow("the model has no parameter 'blocks.0.up.weight'")
  await expect(importance(other, 'magnitude')).rejects.toThrow("there is no parameter 'blocks.0.up.weight'")
})
