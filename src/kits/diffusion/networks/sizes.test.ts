import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type NetworkKind, networkOf, networkSized, networkSizes, parameterCount } from './index.ts'
import { sizeTable } from './size-table.ts'

const named = Object.entries(networkSizes).flatMap(([kind, sizes]) =>
  Object.keys(sizes).map((size): [NetworkKind, string] => [kind as NetworkKind, size]),
)

test.each(named)('%s %s can be built for digits, colour pictures and odd extents', (kind, size) => {
  for (const shape of [
    [1, 28, 28],
    [3, 32, 32],
    [1, 7, 7],
  ])
    expect(() => networkOf(networkSized(kind, size, shape), shape)).not.toThrow()
})

test('the tiny U-Net is the one of the experiments', () => {
  expect(networkSized('unet', 'tiny', [1, 28, 28])).toMatchObject({ channels: 16, multiples: [1, 2, 2], attention: [7] })
  expect(parameterCount(networkSized('unet', 'tiny', [1, 28, 28]), [1, 28, 28])).toBe(262_081)
})

test('a picture that cannot be halved as often has fewer levels', () => {
  expect(networkSized('unet', 'tiny', [1, 14, 14])).toMatchObject({ multiples: [1, 2], attention: [7] })
  expect(networkSized('unet', 'tiny', [1, 7, 7])).toMatchObject({ multiples: [1], attention: [7] })
})

test('unknown names are refused with those that are known', () => {
  expect(() => networkSized('unet', 'huge', [1, 8, 8])).toThrow("there is no unet of size 'huge'; known sizes: tiny, small, base, ddpm")
  expect(() => networkSized('unet', 'toString', [1, 8, 8])).toThrow("there is no unet of size 'toString'")
  expect(() => networkSized('gan' as never, 'tiny', [1, 8, 8])).toThrow(
    "there is no network of kind 'gan'; known kinds: mlp, unet, attention",
  )
  expect(() => networkSized('unet', 'tiny', [64])).toThrow('[channels, height, width] is expected')
})

test('the table of the documentation is the one that the code gives', () => {
  const page = readFileSync(new URL('../../../../docs/diffusion/networks.md', import.meta.url), 'utf8')
  expect(page).toContain(sizeTable())
})
