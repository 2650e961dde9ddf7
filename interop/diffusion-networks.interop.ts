import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cast, evaluate, grad, key, leavesWithPaths, mapTree, type NDArray, random, square, sum, type Tensor } from '../src/engine/index.ts'
import { readSafetensors, writeSafetensors } from '../src/engine/safetensors.ts'
import type { UNetConfig } from '../src/kits/diffusion/network.ts'
import { networkOf } from '../src/kits/diffusion/networks/index.ts'
import { residualBlock } from '../src/kits/diffusion/networks/residual-block.ts'
import { groupNorm, heNormal, spatialAttention } from '../src/nn/index.ts'
import { keep, python, workFolder } from './python.ts'

/* Networks that denoise, beside the same networks of PyTorch's modules: values, and gradients of all parameters and of the input, in float64. */

/** Relative to the largest element: rounding of float64 through some twenty layers. */
const tolerance = 1e-9

interface Case {
  readonly name: string
  readonly kind: 'norm' | 'attention' | 'block' | 'unet'
  readonly options: Readonly<Record<string, unknown>>
  readonly init: (key: Tensor) => unknown
  readonly apply: (params: never, x: Tensor, level: Tensor) => Tensor
  readonly x: readonly number[]
  readonly level?: readonly number[]
}

const starts = { activated: heNormal, linear: heNormal, last: heNormal, bias: heNormal }

function cases(): Case[] {
  const norm = groupNorm(6, 3)
  const attention = spatialAttention(8, { heads: 2, groups: 4 })
  const plan = { input: 4, inner: 6, output: 6, attention: false }
  const block = residualBlock(plan, { told: 5, groups: 2, heads: 1, dropout: 0, starts })
  const network: UNetConfig = { kind: 'unet', channels: 8, multiples: [1, 2], blocks: 2, attention: [4], groups: 4, heads: 2 }
  const shape = [2, 8, 8]
  const unet = networkOf(network, shape)
  return [
    { name: 'norm', kind: 'norm', options: { channels: 6, groups: 3 }, init: norm.init, apply: norm.apply, x: [2, 6, 3, 5] },
    {
      name: 'attention',
      kind: 'attention',
      options: { channels: 8, groups: 4, heads: 2 },
      init: attention.init,
      apply: attention.apply,
      x: [2, 8, 3, 4],
    },
    {
      name: 'block',
      kind: 'block',
      options: { input: 4, output: 6, told: 5, groups: 2 },
      init: block.init,
      apply: block.apply,
      x: [2, 4, 5, 4],
      level: [2, 5],
    },
    { name: 'unet', kind: 'unet', options: { network, shape }, init: unet.init, apply: unet.apply, x: [2, ...shape], level: [2] },
  ]
}

const largest = (array: NDArray): number => Array.from(array.data).reduce((most, value) => Math.max(most, Math.abs(value)), 0)

test('networks that denoise are those of PyTorch', async () => {
  const work = workFolder('diffusion-networks')
  const given: Record<string, Tensor> = {}
  const own: Record<string, Tensor> = {}
  const described = cases().map(({ name, kind, options, init, apply, x: shape, level: levelShape }) => {
    let index = 0
    const draw = (extents: readonly number[]) => random.normal(key(index++), extents, { dtype: 'float64' })
    const params = mapTree(init(key(0)), (leaf: Tensor) => draw(leaf.shape)) as never
    const [x, level] = [draw(shape), levelShape && draw(levelShape)]
    Object.assign(given, { [`${name}.x`]: x, ...(level && { [`${name}.level`]: level }) })
    const paths = leavesWithPaths(params) as [string, Tensor][]
    for (const [path, leaf] of paths) given[`${name}.params.${path}`] = leaf
    own[`${name}.value`] = apply(params, x, level as Tensor)
    const gradients = grad((both: { x: Tensor; params: never }) => sum(square(apply(both.params, both.x, level as Tensor))))({ x, params })
    own[`${name}.gradient.x`] = gradients.x
    for (const [path, leaf] of leavesWithPaths(gradients.params) as [string, Tensor][]) own[`${name}.gradient.${path}`] = leaf
    return [name, kind, { ...options, paths: paths.map(([path]) => path) }]
  })
  const arrays = async (tensors: Record<string, Tensor>): Promise<Record<string, NDArray>> => {
    await evaluate(tensors)
    return Object.fromEntries(
      await Promise.all(Object.entries(tensors).map(async ([name, x]) => [name, await cast(x, 'float64').ndarray()])),
    )
  }
  writeFileSync(join(work, 'networks.json'), JSON.stringify(described))
  writeFileSync(join(work, 'networks.safetensors'), writeSafetensors(await arrays(given)))
  const ours = await arrays(own)

  const { version } = python('diffusion_networks.py', work) as { version: string }
  const theirs = readSafetensors(readFileSync(join(work, 'torch.safetensors'))).tensors
  const rows = cases().map(({ name }) => {
    const names = Object.keys(ours).filter((each) => each.startsWith(`${name}.`))
    const worst = Math.max(
      ...names.map((each) => {
        expect(theirs[each]?.shape, each).toEqual(ours[each].shape)
        const apart = ours[each].data.map((value: number, i: number) => value - theirs[each].data[i])
        return largest({ ...ours[each], data: apart }) / largest(theirs[each])
      }),
    )
    return { name, tensors: names.length, worst }
  })
  keep('diffusion-networks', { version, tolerance, rows })
  for (const { name, worst } of rows) expect(worst, name).toBeLessThan(tolerance)
})
