import { expect, test } from 'vitest'
import { grad, key, leaves, reference, type Tensor, tensor, unflatten } from '../../../engine/index.ts'
import { curved, differences, directions, spread } from '../../../engine/testing/checks.ts'
import type { NetworkConfig } from '../network.ts'
import { networkOf } from './index.ts'

/** Float64 numbers that are nowhere zero, small enough that nothing saturates. */
const numbers = (shape: readonly number[], phase: number): Tensor =>
  tensor(
    Float64Array.from(
      spread(
        shape.reduce((a, b) => a * b, 1),
        { low: -0.6, high: 0.6 },
        phase,
      ),
    ),
    { shape },
  )

test.each([
  ['mlp', { kind: 'mlp', width: 6, hidden: [5], embedding: 4, norm: true }, [3]],
  ['mlp, told at the input', { kind: 'mlp', width: 6, hidden: [5], embedding: 4, embed: 'input' }, [3]],
  ['unet', { kind: 'unet', channels: 2, multiples: [1, 2], blocks: 1, attention: [2], groups: 1, heads: 2 }, [1, 4, 4]],
  ['attention', { kind: 'attention', patch: 2, width: 4, depth: 1, heads: 2 }, [1, 4, 2]],
] as [string, NetworkConfig, number[]][])('%s: gradients of parameters and input are central differences', (_, config, shape) => {
  const network = networkOf(config, shape, 2)
  const like = network.init(key(0))
  const params = (leaves(like) as Tensor[]).map(({ shape }, i) => numbers(shape, 0.17 * i))
  const x = numbers([2, ...shape], 0.5)
  const label = tensor(Int32Array.of(0, 2))
  const told = tensor(Float64Array.of(1, 20))
  const apply = (...all: Tensor[]): Tensor[] => [network.apply(unflatten(like, all.slice(1)), all[0], told, { label })]
  const at = [x, ...params]
  const along = directions(at, 0.3)
  const loss = curved(apply)
  const gradient = reference(grad((all: Tensor[]) => loss(all))(at))
  const slopes = differences((...all) => [loss(all)], at, along)
  const steps = reference(along)
  const slope = gradient.reduce((total, { data }, i) => total + Array.from(data).reduce((sum, g, k) => sum + g * steps[i].data[k], 0), 0)
  expect(Math.abs(slope - slopes[0].data[0]) / Math.abs(slope)).toBeLessThan(1e-6)
  // Each parameter counts: none has a gradient of zeros.
  for (const { data } of gradient) expect(data.some((value: number) => value !== 0)).toBe(true)
})
