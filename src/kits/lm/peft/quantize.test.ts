import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromArray, grad, isTensor, key, matmul, mul, ndarray, random, sum, type Tensor, tensor } from '../../../engine/index.ts'
import { forward } from '../decoder.ts'
import { applyLinear } from '../linear.ts'
import type { LinearParams, QuantizedWeight } from '../params.ts'
import { dequantize, levelsOf, nf4Levels } from '../quantized.ts'
import { bytesOf, nearestCode, type QuantizeOptions, quantizeMatrix, quantizeModel } from './quantize.ts'
import { idsOf, largest, llama, modelOf } from './testing/models.ts'

const normal = random.normal(key(1), [256, 1024])
/** Values of a float32 tensor. */
const valuesOf = async (x: Tensor) => (await x.data()) as Float32Array

describe('N(0, 1) weights in blocks of 64', () => {
  // The reference values were computed by another implementation.
  test.each<[string, QuantizeOptions, number]>([
    ['NF4', { format: 'nf4', doubleQuantize: false }, 0.0085],
    ['NF4 with double quantization', { format: 'nf4' }, 0.0085],
    ['four even levels', { format: 'int2', doubleQuantize: false }, 0.256],
  ])('%s: the mean squared error is the published one', async (_, options, expected) => {
    const { weight, squaredError } = await quantizeMatrix(normal, options)
    const [exact, kept] = [await valuesOf(normal), await valuesOf(dequantize(weight))]
    const found = exact.reduce((total, value, i) => total + (value - kept[i]) ** 2, 0) / exact.length
    expect(found / expected).toBeGreaterThan(0.98)
    expect(found / expected).toBeLessThan(1.02)
    expect(squaredError / exact.length / found).toBeCloseTo(1, 4)
  })

  test('NF4 is nearer than 15 or 16 even levels', async () => {
    const data = await valuesOf(normal)
    const error = (levels: readonly number[]) => {
      let total = 0
      for (let start = 0; start < data.length; start += 64) {
        const block = data.subarray(start, start + 64)
        const scale = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
        for (const value of block) total += (value - scale * levels[nearestCode(levels, value / scale)]) ** 2
      }
      return total / data.length
    }
    const sevenths = Array.from({ length: 15 }, (_, i) => (i - 7) / 7)
    const even = Array.from({ length: 16 }, (_, i) => (2 * i) / 15 - 1)
    expect(error(sevenths)).toBeCloseTo(0.0116, 3)
    expect(error(even)).toBeCloseTo(0.0101, 3)
    expect(error(nf4Levels)).toBeLessThan(error(even))
  })

  test('a weight takes 4.5 bits, with double quantization 4.127', async () => {
    const bits = async (options: QuantizeOptions) => (8 * bytesOf((await quantizeMatrix(normal, options)).weight)) / (256 * 1024)
    expect(await bits({ doubleQuantize: false })).toBe(4 + 32 / 64)
    // The mean takes another 32 bits a matrix.
    expect(await bits({})).toBe(4 + 8 / 64 + 32 / (64 * 256) + 32 / (256 * 1024))
    expect(await bits({ format: 'int8' })).toBe(8 + 32 / 256)
  })

  test('double quantization moves scales by less than a hundredth', async () => {
    const { worstScale } = await quantizeMatrix(normal)
    expect(worstScale).toBeGreaterThan(1e-3)
    expect(worstScale).toBeLessThan(1e-2)
  })
})

test('the levels end at −1 and 1 and hold 0; a level is the nearest to itself, and to all within half a gap', () => {
  expect([nf4Levels[0], nf4Levels[7], nf4Levels[15]]).toEqual([-1, 0, 1])
  fc.assert(
    fc.property(fc.double({ min: -1, max: 1, noNaN: true }), fc.constantFrom('nf4', 'int8', 'int2' as const), (value, format) => {
      const levels = levelsOf[format as 'nf4']
      const found = Math.abs(value - levels[nearestCode(levels, value)])
      expect(found).toBe(Math.min(...levels.map((level) => Math.abs(value - level))))
    }),
  )
})

const matrix = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 1000 }))
  .map(([inputs, outputs, seed]) => random.normal(key(seed), [inputs, outputs]))

test('what was quantized is quantized to itself, short last blocks and all', async () => {
  await fc.assert(
    fc.asyncProperty(matrix, fc.constantFrom('nf4', 'int8', 'int2' as const), async (x, format) => {
      const options = { format: format as 'nf4', doubleQuantize: false }
      const { weight } = await quantizeMatrix(x, options)
      const kept = dequantize(weight)
      const again = await quantizeMatrix(kept, options)
      expect([...(await again.weight.codes.data())]).toEqual([...(await weight.codes.data())])
      // No error is larger than half the widest gap, in units of the largest magnitude of all.
      const most = Math.max(...Array.from(await x.data(), Math.abs))
      const half = { nf4: 0.152, int8: 0.5 / 127, int2: 1 / 3 }[format as 'nf4']
      expect(await largest(kept, x)).toBeLessThanOrEqual(most * half * 1.001)
    }),
    { numRuns: 40 },
  )
})

test('two codes a byte, the first in its high half, output unit after output unit', async () => {
  // Transposed rows: (1, −1), (0, 0.5), of one block with the scale 1.
  const x = tensor([
    [1, 0],
    [-1, 0.5],
  ])
  const { weight } = await quantizeMatrix(x, { doubleQuantize: false })
  const bytes = new Uint8Array(((await weight.codes.data()) as Uint32Array).slice().buffer)
  expect(bytes).toHaveLength(32)
  const half = nearestCode(nf4Levels, 0.5)
  expect([...bytes.subarray(0, 3)]).toEqual([15 * 16 + 0, 7 * 16 + half, 7 * 16 + 7])
})

test('a block of zeros stays one', async () => {
  const { weight } = await quantizeMatrix(fromArray(ndarray(new Float32Array(256), [16, 16], 'float32')), { doubleQuantize: false })
  expect([...(await dequantize(weight).data())].every((value) => value === 0)).toBe(true)
})

describe('a product with a quantized matrix', () => {
  const x = random.normal(key(7), [3, 32])
  const matrix = random.normal(key(8), [32, 24])
  const quantized = async (format: QuantizedWeight['format']): Promise<LinearParams> => ({
    weight: (await quantizeMatrix(matrix, { format })).weight,
  })

  test('passes gradients on to what it is multiplied with, through the weights that it has', async () => {
    for (const format of ['nf4', 'int8', 'int2'] as const) {
      const linear = await quantized(format)
      const own = await grad((y: Tensor) => sum(applyLinear(linear, y)))(x).data()
      const weight = await valuesOf(dequantize(linear.weight as QuantizedWeight))
      for (let i = 0; i < 32; i++)
        expect(own[i]).toBeCloseTo(
          weight.subarray(24 * i, 24 * (i + 1)).reduce((a, b) => a + b, 0),
          4,
        )
    }
  })

  /** LLM.int8 by hand: rows and columns as integers, features beyond 6 apart. */
  test('of 8 bits multiplies integers, and features beyond the threshold exactly', async () => {
    const spiked = (await mul(x, tensor(Float32Array.from({ length: 32 }, (_, i) => (i === 5 ? 30 : 1)))).ndarray()) as {
      data: Float32Array
    }
    const rows = Array.from({ length: 3 }, (_, r) => spiked.data.subarray(32 * r, 32 * (r + 1)))
    const weight = await matrix.data()
    const column = (c: number) => Float32Array.from({ length: 32 }, (_, i) => weight[24 * i + c])
    const found = await applyLinear(await quantized('int8'), fromArray(ndarray(spiked.data, [3, 32], 'float32'))).data()
    for (const [r, row] of rows.entries())
      for (let c = 0; c < 24; c++) {
        const own = column(c)
        const [rowMost, columnMost] = [Math.max(...row.map((v, i) => (i === 5 ? 0 : Math.abs(v)))), Math.max(...own.map(Math.abs))]
        let [integers, exact] = [0, 0]
        for (let i = 0; i < 32; i++) {
          const code = Math.round((127 * own[i]) / columnMost)
          if (i === 5) exact += (row[i] * code * columnMost) / 127
          else integers += Math.round((127 * row[i]) / rowMost) * code
        }
        expect(found[24 * r + c]).toBeCloseTo((integers * rowMost * columnMost) / 127 ** 2 + exact, 2)
      }
  })

  test('is near the exact one, of 8 bits nearest', async () => {
    const exact = matmul(x, matrix)
    const off = async (format: QuantizedWeight['format']) => largest(applyLinear(await quantized(format), x), exact)
    const [eight, four, two] = [await off('int8'), await off('nf4'), await off('int2')]
    expect(eight).toBeLessThan(0.3)
    expect(four).toBeLessThan(2.5)
    expect(eight).toBeLessThan(four)
    expect(four).toBeLessThan(two)
  })
})

test('a model: its linear maps, and nothing else', async () => {
  const base = modelOf(llama)
  const { params, report } = await quantizeModel(base.params, { format: 'int8' })
  expect(report.weights).toBe(2 * (32 * 32 * 2 + 32 * 16 * 2 + 3 * 32 * 48))
  expect(isTensor(params.blocks[0].attention.query!.weight)).toBe(false)
  expect(params.embedding.tokens).toEqual(base.params.embedding.tokens)
  const [exact, kept] = [base.params, params].map((own) => forward(llama, own, { ids: idsOf(1, [2, 9]) }))
  expect(await largest(exact, kept)).toBeLessThan(0.3)
})
