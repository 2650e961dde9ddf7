import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InputError, ndarray } from '../../../engine/index.ts'
import { crop, type imageChanges, imageNeighboursOf, type Neighbours, tokenSwaps } from './index.ts'

const side = 14

/** The image a + b · row + c · column, on which bilinear interpolation is exact. */
const plane = (a: number, b: number, c: number) =>
  ndarray(
    Float32Array.from({ length: side * side }, (_, k) => a + b * Math.floor(k / side) + c * (k % side)),
    [1, side, side],
    'float32',
  )

const imageAt = ({ strengths, versions }: Neighbours, x = plane(0, 0, 0), j = 0, ids = [0]) => {
  const all = versions({ ...x, shape: [1, ...x.shape] }, { ids, row: 0 })
  expect(all.shape).toEqual([1, 1 + strengths.length, ...x.shape])
  const size = x.data.length
  return all.data.subarray((j + 1) * size, (j + 2) * size)
}

test('a crop of a linear image is linear, with its slopes times λ about the centre', () => {
  const number = fc.double({ min: -1, max: 1, noNaN: true })
  fc.assert(
    fc.property(number, number, number, fc.double({ min: 0.5, max: 1, noNaN: true }), (a, b, c, lambda) => {
      const x = plane(a, b, c)
      const found = imageAt(crop({ from: lambda, to: lambda, count: 1 }), x)
      const centre = (side - 1) / 2
      for (let k = 0; k < side * side; k++) {
        const [row, column] = [Math.floor(k / side), k % side].map((q) => centre + lambda * (q - centre))
        expect(found[k]).toBeCloseTo(a + b * row + c * column, 4)
      }
    }),
    { numRuns: 20 },
  )
})

test('neighbouring strengths differ on 14 pixels, where whole-pixel boxes would not', () => {
  const x = plane(0, 0.1, 0.05)
  const { strengths } = crop()
  const images = strengths.map((_, j) => imageAt(crop(), x, j).join())
  expect(new Set(images).size).toBe(strengths.length)
  expect(new Set(strengths.map((lambda) => Math.floor(side * lambda))).size).toBeLessThan(strengths.length)
})

test('at the strength that changes nothing, nothing changes', () => {
  const x = ndarray(
    Float32Array.from({ length: 3 * 8 * 8 }, (_, k) => Math.sin(k) * 0.9),
    [3, 8, 8],
    'float32',
  )
  const still: Partial<Record<(typeof imageChanges)[number], number>> = {
    crop: 1,
    brightness: 1,
    contrast: 1,
    saturation: 1,
    hue: 0,
    rotation: 0,
    perspective: 0,
    downsampling: 1,
  }
  for (const [name, strength] of Object.entries(still) as [(typeof imageChanges)[number], number][]) {
    const found = imageAt(imageNeighboursOf(name, [3, 8, 8], [-1, 1], { from: strength, to: strength, count: 1 }), x)
    for (const [k, value] of found.entries()) expect(value, name).toBeCloseTo(x.data[k], 4)
  }
})

test('colours are changed as the textbooks say', () => {
  const pixel = (...rgb: number[]) => ndarray(Float32Array.from(rgb), [3, 1, 1], 'float32')
  const at = (name: 'hue' | 'saturation' | 'brightness', strength: number) =>
    Array.from(imageAt(imageNeighboursOf(name, [3, 1, 1], [0, 1], { from: strength, to: strength, count: 1 }), pixel(1, 0, 0)))
  // Red turned by a third of the circle is green, by half of it cyan.
  for (const [k, value] of at('hue', 1 / 3).entries()) expect(value).toBeCloseTo([0, 1, 0][k], 6)
  for (const [k, value] of at('hue', 0.5).entries()) expect(value).toBeCloseTo([0, 1, 1][k], 6)
  for (const value of at('saturation', 0)) expect(value).toBeCloseTo(0.299, 6)
  expect(at('brightness', 0.25)).toEqual([0.25, 0, 0])
})

test('a quarter turn takes rows to columns, and twice the pixels are their means', () => {
  const x = ndarray(
    Float32Array.from({ length: 16 }, (_, k) => k),
    [4, 4],
    'float32',
  )
  const turned = imageAt(imageNeighboursOf('rotation', [4, 4], [-1, 1], { from: 90, to: 90, count: 1 }), x)
  const rows = Array.from({ length: 4 }, (_, row) => Array.from({ length: 4 }, (_, column) => turned[row * 4 + column]))
  const quarter = [0, 1, 2, 3].map((row) => [0, 1, 2, 3].map((column) => x.data[(3 - column) * 4 + row]))
  const other = [0, 1, 2, 3].map((row) => [0, 1, 2, 3].map((column) => x.data[column * 4 + (3 - row)]))
  const isClose = (wanted: number[][]) => rows.every((row, i) => row.every((value, j) => Math.abs(value - wanted[i][j]) < 1e-3))
  expect(isClose(quarter) || isClose(other)).toBe(true)
  const small = imageAt(imageNeighboursOf('downsampling', [4, 4], [-1, 1], { from: 0.25, to: 0.25, count: 1 }), x)
  for (const value of small) expect(value).toBeCloseTo(7.5, 5)
})

test('a perspective belongs to the record, and grows with the strength along one way', () => {
  const x = plane(0, 0.02, 0.01)
  const at = (strength: number, id: number) =>
    imageAt(imageNeighboursOf('perspective', [side, side], [-1, 1], { from: strength, to: strength, count: 1 }), x, 0, [id])
  const distance = (strength: number) => Array.from(at(strength, 3)).reduce((sum, value, k) => sum + (value - x.data[k]) ** 2, 0)
  expect(at(0.3, 3)).toEqual(at(0.3, 3))
  expect(at(0.3, 3)).not.toEqual(at(0.3, 4))
  expect(distance(0.1)).toBeLessThan(distance(0.5))
})

test('swaps replace the share that they say, later ones more of the same places, and never the first token or what is behind the end', () => {
  const tokens = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, -1, -1]
  const neighbours = tokenSwaps([100, 101], -1, { from: 0.1, to: 1, count: 4 })
  const records = ndarray(Int32Array.from(tokens), [1, tokens.length], 'int32')
  const { data } = neighbours.versions(records, { ids: [0], row: 2 })
  const version = (j: number) => Array.from(data.subarray(j * tokens.length, (j + 1) * tokens.length))
  const changed = (j: number) => version(j).flatMap((token, k) => (token === tokens[k] ? [] : [k]))
  expect(version(0)).toEqual(tokens)
  expect([1, 2, 3, 4].map((j) => changed(j).length)).toEqual([1, 4, 7, 10])
  for (const j of [1, 2, 3]) expect(changed(j + 1)).toEqual(expect.arrayContaining(changed(j)))
  expect(changed(4)).not.toContain(0)
  expect(version(4).slice(11)).toEqual([-1, -1])
  const other = neighbours.versions(records, { ids: [0], row: 3 }).data
  expect(Array.from(other)).not.toEqual(Array.from(data))
})

test('what is no image, or has no colour, is refused in one line', () => {
  expect(() => imageNeighboursOf('crop', [3])).toThrow(InputError)
  expect(() => imageNeighboursOf('hue', [1, 8, 8])).toThrow("'hue' changes nothing in grey images")
})
