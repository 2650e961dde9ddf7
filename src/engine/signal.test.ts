import { expect, test } from 'vitest'
import { key, random, sub } from './index.ts'
import * as signal from './signal.ts'
import { exact, expectValues, valuesOf } from './testing/values.ts'

const f64 = { dtype: 'float64' } as const

test('windows have their published values', async () => {
  await expectValues(signal.hann(4, 'float64'), [0, 0.5, 1, 0.5])
  await expectValues(signal.hamming(4, 'float64'), [0.08, 0.54, 1, 0.54])
  await expectValues(signal.blackman(4, 'float64'), [0, 0.34, 1, 0.34])
  // I₀(0)/I₀(5) = 1/27.239871823604442 (Abramowitz & Stegun table 9.8).
  await expectValues(signal.kaiser(3, 5, 'float64'), [1 / 27.239871823604442, 1, 1 / 27.239871823604442], 1e-15)
})

test.each([
  [1000, 64, 16],
  [777, 50, 12],
  [130, 32, 8],
])('a signal of %i comes back from frames of %i, %i apart', async (length, size, hop) => {
  const x = random.normal(key(1), [2, length], f64)
  const options = { window: signal.hann(size, 'float64'), hop }
  const spectra = signal.stft(x, options)
  expect(spectra.re.shape.at(-1)).toBe(Math.floor(size / 2) + 1)
  await expectValues(sub(signal.istft(spectra, { ...options, length }), x), new Array(2 * length).fill(0), 1e-13)
})

test('a sine has its energy in its own bin', async () => {
  const x = exact(Array.from({ length: 256 }, (_, k) => Math.cos((2 * Math.PI * 5 * k) / 32)))
  const { re, im } = signal.stft(x, { window: signal.hann(32, 'float64'), hop: 32 })
  const [a, b] = await valuesOf([re, im])
  const frame = 4
  const power = Array.from({ length: 17 }, (_, k) => Math.hypot(a[frame * 17 + k], b[frame * 17 + k]))
  // A Hann window of n spreads a whole frequency over three bins: n/4 and n/8 on both sides.
  power.forEach((value, k) => {
    expect(value).toBeCloseTo(k === 5 ? 8 : Math.abs(k - 5) === 1 ? 4 : 0, 12)
  })
})

test('convolution by transforms is the sum that defines it', async () => {
  const a = random.normal(key(2), [37], f64)
  const b = random.normal(key(3), [12], f64)
  const [x, y] = await valuesOf([a, b])
  const direct = Array.from({ length: 48 }, (_, k) => x.reduce((total, value, j) => total + value * (y[k - j] ?? 0), 0))
  await expectValues(signal.fftConvolve(a, b), direct, 1e-13)
})

test('a hop that is no whole number is refused', () => {
  expect(() => signal.stft(exact([1, 2, 3]), { window: signal.hann(2, 'float64'), hop: 0.5 })).toThrow(
    /stft: the hop is a whole number from 1/,
  )
})
