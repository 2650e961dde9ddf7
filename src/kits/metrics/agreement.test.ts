import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ndarray } from '../../engine/index.ts'
import { agreement, fitLogistic, kendall, logisticMap, pearson, psnr, ranks, spearman, ssim } from './index.ts'

test('the twins of spearman, pearson, kendall and agreement are published values, without and with ties', () => {
  const [x, y] = [
    [1, 2, 3, 4, 5, 6, 7, 8],
    [2, 1, 4, 3, 7, 5, 8, 6],
  ]
  const plain = agreement(x, y)
  expect(plain.srcc).toBeCloseTo(0.8333333333, 9)
  expect(plain.plcc).toBeCloseTo(0.8333333333, 9)
  expect(plain.krcc).toBeCloseTo(0.6428571429, 9)
  const [tiedX, tiedY] = [
    [1, 2, 2, 3, 4, 4, 4, 5],
    [1, 3, 2, 2, 5, 4, 6, 6],
  ]
  const tied = agreement(tiedX, tiedY)
  expect(tied.srcc).toBeCloseTo(0.9007775105, 9)
  expect(tied.plcc).toBeCloseTo(0.8971550593, 9)
  expect(tied.krcc).toBeCloseTo(0.800640769, 9)
})

test('the twins of ranks and signs: rising maps change no rank correlation, falling ones turn it', () => {
  const pairs = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), { minLength: 3, maxLength: 12 })
  fc.assert(
    fc.property(pairs, (list) => {
      const [x, y] = [list.map(([a]) => a), list.map(([, b]) => b)]
      fc.pre(new Set(x).size > 1 && new Set(y).size > 1)
      const cubes = x.map((value) => value ** 3)
      for (const correlation of [spearman, kendall]) {
        expect(correlation(cubes, y)).toBeCloseTo(correlation(x, y), 12)
        expect(
          correlation(
            y,
            cubes.map((value) => -value),
          ),
        ).toBeCloseTo(-correlation(x, y), 12)
      }
      expect(ranks(x).reduce((a, b) => a + b, 0)).toBeCloseTo((x.length * (x.length + 1)) / 2, 9)
    }),
  )
  expect(pearson([1, 2, 3], [1, 2, 10])).not.toBeCloseTo(spearman([1, 2, 3], [1, 2, 10]), 2)
})

test('a constant list has no correlation, and it is said', () => {
  const lines: string[] = []
  const found = agreement([1, 1, 1], [1, 2, 3], { log: (line) => lines.push(line) })
  expect([found.srcc, found.plcc, found.krcc]).toEqual([Number.NaN, Number.NaN, Number.NaN])
  expect(lines).toEqual(['the predicted scores are all 1: no correlation is defined'])
  // Whose mean is no float: deviations about it are not exactly 0.
  expect(pearson([0.1, 0.1, 0.1], [1, 2, 3])).toBeNaN()
})

test('the twins of logisticMap, fitLogistic and rootMeanSquare: parameters are found again, and the least error is that of 300 starts of SciPy', () => {
  const p = Array.from({ length: 12 }, (_, i) => i)
  const exact = p.map((value) => logisticMap([5, 0.8, 5, 0.1, 3], value))
  const map = fitLogistic(p, exact)
  for (const [i, value] of p.entries()) expect(map(value)).toBeCloseTo(exact[i], 5)
  const scores = [1.0, 1.1, 1.3, 1.2, 1.9, 3.2, 4.9, 6.1, 6.4, 6.9, 6.8, 7.2]
  const mapped = agreement(p, scores, { map: 'logistic' })
  expect(mapped.rmse).toBeCloseTo(0.11183160250530584, 5)
  expect(mapped.plcc).toBeCloseTo(0.9989997949732973, 6)
  expect(mapped.map).toBe('logistic')
  expect(agreement(p, scores).plcc).toBeLessThan(0.98) // the straight line is worse
  expect(() => fitLogistic([1, 2, 3, 4, 5], [1, 2, 3, 4, 5])).toThrow('5 pairs are too few')
})

/** Two pictures by formulas, one a disturbed other. */
const [height, width] = [24, 20]
const original = Float32Array.from({ length: height * width }, (_, i) => {
  const [r, c] = [Math.floor(i / width), i % width]
  return (r * 7 + c * 13 + ((r * c) % 11) * 5) % 256
})
const disturbed = original.map((value, i) =>
  Math.min(255, Math.max(0, value + (((Math.floor(i / width) * 3 + (i % width) * 5) % 17) - 8) * 3)),
)
const picture = (data: Float32Array, shape: readonly number[] = [height, width]) => ndarray(data, shape, 'float32')

test('the twins of psnr and ssim are those of scikit-image on the same pictures', () => {
  expect(psnr(picture(original), picture(disturbed))).toBeCloseTo(25.118242290457854, 9)
  // gaussian_weights, sigma=1.5, use_sample_covariance=False, the mean over the places where the window lies inside.
  expect(ssim(picture(original), picture(disturbed))).toBeCloseTo(0.9505626409956331, 9)
  expect(psnr(picture(original), picture(original))).toBe(Number.POSITIVE_INFINITY)
  expect(ssim(picture(original), picture(original))).toBe(1)
})

test('SSIM of constant pictures is the luminance term, of colours that of rounded grey', () => {
  const flat = (value: number) => picture(new Float32Array(height * width).fill(value))
  const c1 = 2.55 ** 2
  expect(ssim(flat(50), flat(100))).toBeCloseTo((2 * 50 * 100 + c1) / (50 ** 2 + 100 ** 2 + c1), 9)
  const colours = (data: Float32Array) => picture(Float32Array.of(...data, ...data, ...data), [3, height, width])
  // 0.2989 + 0.587 + 0.114 is 0.9999: rounding takes grey colours back to themselves.
  expect(ssim(colours(original), colours(disturbed))).toBeCloseTo(0.9505626409956331, 9)
  expect(() => ssim(picture(original.subarray(0, 100), [10, 10]), picture(original.subarray(0, 100), [10, 10]))).toThrow(
    'at least 11 by 11',
  )
  expect(() => psnr(flat(1), picture(original.subarray(0, 4), [2, 2]))).toThrow('cannot be compared')
})
