import sharp from 'sharp'
import { expect, test } from 'vitest'
import { type NDArray, ndarray } from '../../../engine/index.ts'
import { animation, imageGrid, imageRows, trajectories } from './index.ts'

const images = (values: readonly number[], shape: readonly number[]): NDArray => ndarray(Float32Array.from(values), shape, 'float32')

/** Two grey images of 2 × 2, and one in colour. */
const pair = images([-1, 1, 0, -1, 1, 1, 1, 1], [2, 2, 2])
const colour = images([1, 1, 1, 1, -1, -1, -1, -1, 0, 0, 0, 0], [1, 3, 2, 2])

async function decoded(bytes: Uint8Array, page = 0) {
  const { data, info } = await sharp(bytes, { page }).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  return {
    width: info.width,
    height: info.height,
    at: (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)],
  }
}

test('a grid holds each pixel in its place', async () => {
  const { width, height, at } = await decoded(await imageGrid(pair, { scale: 3, gap: 1, columns: 2, background: [9, 8, 7] }))
  expect([width, height]).toEqual([1 + 2 * 7, 1 + 7])
  expect(at(0, 0)).toEqual([9, 8, 7])
  expect([at(1, 1), at(3, 3), at(4, 1), at(1, 4), at(4, 4)]).toEqual([
    [0, 0, 0],
    [0, 0, 0],
    [255, 255, 255],
    [128, 128, 128],
    [0, 0, 0],
  ])
  expect(at(8, 1)).toEqual([255, 255, 255])
})

test('colours, ranges, values outside of them and NaN', async () => {
  const { at } = await decoded(await imageGrid(colour, { scale: 1, gap: 0 }))
  expect(at(1, 1)).toEqual([255, 0, 128])
  const strange = images([Number.NaN, 7, -7, 0.25], [1, 1, 2, 2])
  const drawn = await decoded(await imageGrid(strange, { scale: 1, gap: 0, range: [0, 1] }))
  expect([drawn.at(0, 0), drawn.at(1, 0), drawn.at(0, 1), drawn.at(1, 1)]).toEqual([
    [255, 0, 255],
    [255, 255, 255],
    [0, 0, 0],
    [64, 64, 64],
  ])
})

test('labels leave the images as they are, and stand below them', async () => {
  const options = { scale: 20, gap: 2, columns: 2 }
  const [plain, labelled] = [
    await decoded(await imageGrid(pair, options)),
    await decoded(await imageGrid(pair, { ...options, labels: ['7', ''] })),
  ]
  expect(labelled.height).toBeGreaterThan(plain.height)
  expect(labelled.at(2, 2)).toEqual(plain.at(2, 2))
  const ink = (from: number) =>
    Array.from({ length: 40 * 11 }, (_, i) => labelled.at(from + (i % 40), 42 + Math.floor(i / 40))).filter(([red]) => red < 128).length
  expect(ink(2)).toBe(11) // the dots of a seven
  expect(ink(44)).toBe(0)
})

test('rows name their images, trajectories turn states into columns', async () => {
  const rows = await decoded(
    await imageRows(
      [
        { label: 'a', images: pair },
        { label: 'bb', images: pair },
      ],
      { scale: 1, gap: 1 },
    ),
  )
  expect([rows.width, rows.height]).toEqual([11 + 2 + 2 * 3, 1 + 2 * 3])
  const states = [0, 1].map((k) => images([k, k, k, k, -k, -k, -k, -k], [2, 1, 2, 2]))
  const { width, height, at } = await decoded(await trajectories(states, { scale: 1, gap: 1 }))
  expect([width, height]).toEqual([1 + 2 * 3, 1 + 2 * 3])
  expect([at(1, 1), at(4, 1), at(4, 4)]).toEqual([
    [128, 128, 128],
    [255, 255, 255],
    [0, 0, 0],
  ])
})

test.each(['webp', 'gif'] as const)('an animated %s has a frame a state, the last held', async (format) => {
  const states = [-1, 0, 1].map((value) => images([value, value, value, value], [1, 2, 2]))
  const bytes = await animation(states, { format, scale: 4, gap: 0, delay: 50, hold: 700 })
  const { pages, delay, loop } = await sharp(bytes, { animated: true }).metadata()
  expect({ pages, delay, loop }).toEqual({ pages: 3, delay: [50, 50, 700], loop: 0 })
  for (const [page, grey] of [0, 128, 255].entries()) expect((await decoded(bytes, page)).at(3, 3)[0]).toBeCloseTo(grey, -1)
})

test('the same images give the same bytes', async () => {
  expect(await imageGrid(pair)).toEqual(await imageGrid(pair))
  const states = [pair, pair]
  expect(await animation(states)).toEqual(await animation(states))
})

test('what cannot be drawn is said', async () => {
  await expect(imageGrid(images([1, 2], [1, 2]))).rejects.toThrow('[1,2] are no images')
  await expect(imageGrid(pair, { labels: ['one'] })).rejects.toThrow('1 labels do not go with 2 images')
  await expect(imageGrid(pair, { range: [1, 1] })).rejects.toThrow('is empty')
  await expect(imageGrid(pair, { scale: 9000 })).rejects.toThrow('is above 16384')
  await expect(
    imageRows([
      { label: 'a', images: pair },
      { label: 'b', images: images([1], [1, 1, 1]) },
    ]),
  ).rejects.toThrow('b: images of 1 by 1')
  await expect(trajectories([pair, colour])).rejects.toThrow('states of shape [1,3,2,2] do not go with those of [2,2,2]')
  await expect(animation([])).rejects.toThrow('there are no states')
})
