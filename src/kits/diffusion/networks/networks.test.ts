import { describe, expect, test } from 'vitest'
import { evaluate, key, leaves, mapTree, random, type Tensor, tensor, zeros } from '../../../engine/index.ts'
import type { MlpConfig, NetworkConfig, UNetConfig } from '../network.ts'
import { macs, networkOf, parameterCount } from './index.ts'

const sr3: UNetConfig = { kind: 'unet', channels: 64, multiples: [1, 2, 4, 8, 8], blocks: 2, attention: [16], imageChannels: 3 }
const tiny: UNetConfig = { kind: 'unet', channels: 16, multiples: [1, 2, 2], blocks: 1, attention: [7] }
const small: UNetConfig = { kind: 'unet', channels: 4, multiples: [1, 2], blocks: 1, attention: [4], groups: 2 }
const mlp: MlpConfig = { kind: 'mlp', width: 8, hidden: [6, 6], embedding: 8 }
const dit: NetworkConfig = { kind: 'attention', patch: 2, width: 8, depth: 2, heads: 2 }
const all: [string, NetworkConfig, number[]][] = [
  ['mlp', mlp, [5]],
  ['mlp, told at the input, with norms', { ...mlp, embed: 'input', norm: true }, [1, 2, 3]],
  ['unet', small, [2, 8, 8]],
  ['unet, orthogonal', { ...small, init: 'orthogonal' }, [2, 8, 8]],
  ['attention', dit, [2, 8, 4]],
]

/** Parameters that are nowhere zero. */
const filled = (params: unknown): unknown => {
  let index = 0
  return mapTree(params, (leaf: Tensor) => random.normal(key(1000 + index++), leaf.shape))
}

const valuesOf = async (x: Tensor): Promise<number[]> => [...(await x.data())]

test.each([
  ['SR3', sr3, [3, 128, 128], 97_807_491],
  ['tiny', tiny, [1, 28, 28], 262_081],
  ['tiny conditional', { ...tiny, attention: [], imageChannels: 3 }, [3, 28, 28], 250_515],
] as [string, UNetConfig, number[], number][])('parameters of the published shapes: %s', (_, network, shape, count) => {
  expect(parameterCount(network, shape)).toBe(count)
})

describe.each(all)('%s', (name, config, shape) => {
  const x = random.normal(key(0), [3, ...shape])
  const levels = tensor([0, 10, 999])

  test('gives what it takes, and starts as zero', async () => {
    const network = networkOf(config, shape)
    const y = network.apply(network.init(key(0)), x, levels)
    expect(y.shape).toEqual([3, ...shape])
    const values = await valuesOf(y)
    if (name.includes('orthogonal')) expect(values.some((value) => value !== 0)).toBe(true)
    else expect(values).toEqual(values.map(() => 0))
  })

  test('is told the level: another one changes that example alone', async () => {
    const network = networkOf(config, shape)
    const params = filled(network.init(key(0)))
    const [before, after] = await Promise.all([levels, tensor([0, 11, 999])].map((told) => valuesOf(network.apply(params, x, told))))
    const size = before.length / 3
    const changed = [0, 1, 2].map((i) => before.some((value, k) => Math.floor(k / size) === i && Math.abs(value - after[k]) > 1e-6))
    expect(changed).toEqual([false, true, false])
  })

  test('is told the class, and of no class that there is none', async () => {
    const network = networkOf(config, shape, 4)
    const params = filled(network.init(key(0)))
    const told = (label?: Tensor) => valuesOf(network.apply(params, x, levels, { label }))
    const none = await told()
    expect(await told(tensor(Int32Array.of(4, 4, 4)))).toEqual(none)
    expect(await told(tensor(Int32Array.of(0, 4, 4)))).not.toEqual(none)
  })

  test('a label for a network without classes is refused', () => {
    const network = networkOf(config, shape)
    const label = zeros([3], 'int32')
    expect(() => network.apply(network.init(key(0)), x, levels, { label })).toThrow('the network has no classes')
  })
})

describe('U-Net', () => {
  test('the image is laid beside x, and must fit', async () => {
    const network = networkOf({ ...small, imageChannels: 1 }, [1, 8, 8])
    const params = filled(network.init(key(0)))
    const x = random.normal(key(0), [2, 1, 8, 8])
    const run = (image?: Tensor) => network.apply(params, x, zeros([2]), { image })
    const [a, b] = [run(zeros([2, 1, 8, 8])), run(random.normal(key(1), [2, 1, 8, 8]))]
    expect(await valuesOf(a)).not.toEqual(await valuesOf(b))
    expect(() => run()).toThrow('the image to condition on is missing; give one of shape [2, 1, 8, 8]')
    expect(() => run(zeros([2, 2, 8, 8]))).toThrow('the image to condition on is [2, 2, 8, 8]')
  })

  test('drops units only where it is given a key', async () => {
    const network = networkOf({ ...small, dropout: 0.5 }, [1, 8, 8])
    const params = filled(network.init(key(0)))
    const x = random.normal(key(0), [2, 1, 8, 8])
    const run = (dropout?: Tensor) => network.apply(params, x, zeros([2]), { dropout })
    const [plain, again, first, second] = [run(), run(), run(key(1)), run(key(2))]
    await evaluate([plain, again, first, second])
    expect(await valuesOf(plain)).toEqual(await valuesOf(again))
    expect(await valuesOf(first)).not.toEqual(await valuesOf(plain))
    expect(await valuesOf(first)).not.toEqual(await valuesOf(second))
  })
})

describe('multiply-accumulates, by hand', () => {
  test.each([64, 55, 46, 36, 27])('an MLP 49-64-%i-64-49 with two blocks: 7,296 + 256 M', (hidden) => {
    const network: MlpConfig = { kind: 'mlp', width: 64, hidden: [hidden, hidden], embedding: 16, embed: 'input' }
    expect(macs(network, [49])).toBe(7296 + 256 * hidden)
  })

  test('a U-Net of one level', () => {
    const [c, h, w, o] = [4, 6, 5, 2]
    const network: UNetConfig = { kind: 'unet', channels: c, multiples: [1], blocks: 1, attention: [] }
    const places = h * w
    const embedding = c * 4 * c + 4 * c * c
    const block = (input: number) => places * 9 * (input * c + c * c) + c * c + (input === c ? 0 : places * input * c)
    const attention = places * 3 * c * c + 2 * places * places * c + places * c * c
    const ends = places * 9 * (o * c + c * o)
    expect(macs(network, [o, h, w])).toBe(embedding + ends + 3 * block(c) + attention + 2 * block(2 * c))
  })

  test('a transformer', () => {
    const [width, depth, places, features, hidden] = [8, 2, 8, 8, 32]
    const embedding = 256 * width + width * width
    const block = 6 * width * width + places * 4 * width * width + 2 * places * places * width + 2 * places * width * hidden
    expect(macs(dit, [2, 8, 4])).toBe(embedding + depth * block + 2 * places * features * width + 2 * width * width)
  })
})

describe('configs that cannot be', () => {
  test.each([
    [{ ...mlp, width: 0 }, [5], 'network: width is 0'],
    [{ ...mlp, hidden: [4, 2.5] }, [5], 'hidden[1] is 2.5'],
    [{ ...mlp, embedding: 7 }, [5], 'sines and cosines need an even number'],
    [small, [64], "[channels, height, width] is expected; give images, or take a network of kind 'mlp'"],
    [tiny, [1, 30, 28], 'the height 30 cannot be halved 2 times; take a multiple of 4'],
    [tiny, [1, 28, 30], 'the width 30 cannot be halved'],
    [{ ...tiny, attention: [16] }, [1, 28, 28], 'attention is asked for at height 16, but the levels have heights 28, 14, 7'],
    [{ ...tiny, heads: 5 }, [1, 28, 28], '5 heads do not divide the 32 channels of level 3'],
    [{ ...tiny, inner: [16] }, [1, 28, 28], 'inner has 1 entries, but there are 11 residual blocks'],
    [{ ...tiny, dropout: 1 }, [1, 28, 28], 'dropout is 1, not in [0, 1)'],
    [{ ...tiny, multiples: [] }, [1, 28, 28], 'multiples is empty'],
    [{ ...tiny, channels: 15 }, [1, 28, 28], 'channels is 15'],
    [{ ...dit, patch: 3 }, [1, 8, 8], 'patches of 3 do not tile'],
    [{ ...dit, heads: 3 }, [1, 8, 8], '3 heads do not divide a width of 8'],
    [{ ...dit, hidden: [4] }, [1, 8, 8], 'hidden has 1 entries, but there are 2 blocks'],
    [{ kind: 'transformer' } as never, [1], "there is no network of kind 'transformer'"],
  ] as [NetworkConfig, number[], string][])('%j for %j', (config, shape, message) => {
    expect(() => networkOf(config, shape)).toThrow(message)
  })
})

test('every parameter is a tensor of its own in a plain tree', () => {
  for (const [, config, shape] of all) {
    const params = leaves(networkOf(config, shape, 2).init(key(0)))
    expect(new Set(params).size).toBe(params.length)
  }
})
