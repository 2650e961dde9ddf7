import { expect, test } from 'vitest'
import * as fft from './fft.ts'
import {
  add,
  type complex,
  evaluate,
  fold,
  grad,
  jvp,
  key,
  mul,
  random,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  vjp,
  vmap,
  zeros,
} from './index.ts'
import { exact, expectValues, valuesOf } from './testing/values.ts'

type Complex = complex.Complex
type Parts = readonly [re: readonly number[], im: readonly number[]]

/** Single elements of the transform as sums in float64; the angle is brought below a turn in whole numbers, so that its error stays small. */
function directly([re, im]: Parts, places: readonly number[], sign = -1): Parts {
  const n = re.length
  const parts: [number[], number[]] = [[], []]
  for (const k of places) {
    let [a, b] = [0, 0]
    for (let j = 0; j < n; j++) {
      const angle = (sign * 2 * Math.PI * ((j * k) % n)) / n
      const [c, s] = [Math.cos(angle), Math.sin(angle)]
      a += re[j] * c - im[j] * s
      b += re[j] * s + im[j] * c
    }
    parts[0].push(a)
    parts[1].push(b)
  }
  return parts
}

const partsOf = async (x: Complex): Promise<Parts> => (await valuesOf([x.re, x.im])) as unknown as Parts

const noise = (seed: number, shape: readonly number[], dtype: 'float32' | 'float64' = 'float64'): Complex => ({
  re: random.normal(fold(key(1), seed), shape, { dtype }),
  im: random.normal(fold(key(2), seed), shape, { dtype }),
})

/** ‖a − b‖ / ‖b‖ */
function relativeError(a: Parts, b: Parts): number {
  let [difference, size] = [0, 0]
  for (const part of [0, 1] as const) {
    b[part].forEach((value, i) => {
      difference += (a[part][i] - value) ** 2
      size += value ** 2
    })
  }
  return Math.sqrt(difference / size)
}

const lengths = [...Array.from({ length: 64 }, (_, i) => i + 1), 67, 97, 100, 127, 130, 210, 251, 509, 997, 1000, 1009, 1024, 4096, 44100]

test.each([
  ['float64', 1e-14],
  ['float32', 5e-7],
] as const)('%s: every length, both ways, is as accurate as sums in float64', async (dtype, bound) => {
  const cases = lengths.map((n) => {
    const x = noise(n, [n], dtype)
    const y = fft.fft(x)
    return { n, x, y, back: fft.ifft(y), half: fft.rfft(x.re), whole: fft.irfft(fft.rfft(x.re), { length: n }) }
  })
  await evaluate(cases)
  for (const { n, x, y, back, half, whole } of cases) {
    const places = n <= 128 ? [...Array(n).keys()] : Array.from({ length: 24 }, (_, k) => Math.floor((k * n * 0.618034) % n))
    const [input, output, again, first] = await Promise.all([x, y, back, half].map(partsOf))
    const at = ([re, im]: Parts, list: readonly number[]): Parts => [list.map((k) => re[k]), list.map((k) => im[k])]
    expect(relativeError(at(output, places), directly(input, places)), `fft of ${n}`).toBeLessThan(bound)
    expect(relativeError(again, input), `ifft of ${n}`).toBeLessThan(2 * bound)
    const kept = places.filter((k) => k <= n / 2)
    expect(first[0].length).toBe(Math.floor(n / 2) + 1)
    const real: Parts = [input[0], new Array(n).fill(0)]
    expect(relativeError(at(first, kept), directly(real, kept)), `rfft of ${n}`).toBeLessThan(bound)
    const [restored] = await valuesOf([whole])
    expect(relativeError([restored, []], [input[0], []]), `irfft of ${n}`).toBeLessThan(2 * bound)
  }
})

test('any axis, several axes, and examples', async () => {
  const x = noise(5, [3, 4, 2])
  const [input, along1, over, mapped] = await Promise.all(
    [x, fft.fft(x, { axis: 1 }), fft.fftn(x, { axes: [0, 1] }), vmap((one: Complex) => fft.fft(one, { axis: 0 }))(x)].map(partsOf),
  )
  const line = (part: readonly number[], i: number, k: number) => [0, 1, 2, 3].map((j) => part[(i * 4 + j) * 2 + k])
  for (let i = 0; i < 3; i++) {
    for (let k = 0; k < 2; k++) {
      const expected = directly([line(input[0], i, k), line(input[1], i, k)], [0, 1, 2, 3])
      expect(relativeError([line(along1[0], i, k), line(along1[1], i, k)], expected)).toBeLessThan(1e-14)
    }
  }
  expect(mapped).toEqual(along1)
  const twice = await partsOf(fft.fft(fft.fft(x, { axis: 1 }), { axis: 0 }))
  expect(relativeError(over, twice)).toBeLessThan(1e-14)
  expect(relativeError(await partsOf(fft.ifftn(fft.fftn(x))), input)).toBeLessThan(1e-14)
  expect(relativeError(await partsOf(fft.ifft2(fft.fft2(x))), input)).toBeLessThan(1e-14)
})

test('derivatives are the conjugate transforms, at lengths of every kind', async () => {
  for (const n of [7, 72, 67]) {
    const x = noise(n, [n])
    const t = noise(n + 1, [n])
    const ct = noise(n + 2, [n])
    const forward = jvp((y: Complex) => fft.fft(y), [x], [t]).tangent
    expect(relativeError(await partsOf(forward), await partsOf(fft.fft(t)))).toBeLessThan(1e-13)
    const [back] = vjp((y: Complex) => fft.fft(y), x).pullback(ct)
    // The adjoint of the transform is n times its inverse.
    const adjoint = fft.ifft({ re: mul(ct.re, n), im: mul(ct.im, n) })
    expect(relativeError(await partsOf(back), await partsOf(adjoint))).toBeLessThan(1e-13)
    // Parseval: Σ|X|² = n·Σ|x|², whose gradient is 2n·x.
    const power = (y: Complex) => add(sum(square(fft.fft(y).re)), sum(square(fft.fft(y).im)))
    const slope = grad(power)(x)
    await expectValues(sub(slope.re, mul(x.re, 2 * n)), new Array(n).fill(0), 1e-11 * n)
  }
})

test('frequencies and shifts, as published for n = 8 and n = 5', async () => {
  await expectValues(fft.fftfreq(8, 0.1, 'float64'), [0, 1.25, 2.5, 3.75, -5, -3.75, -2.5, -1.25])
  await expectValues(fft.fftfreq(5, 1, 'float64'), [0, 0.2, 0.4, -0.4, -0.2])
  await expectValues(fft.rfftfreq(5, 1, 'float64'), [0, 0.2, 0.4])
  await expectValues(fft.fftshift(exact([0, 1, 2, -2, -1])), [-2, -1, 0, 1, 2])
  await expectValues(fft.ifftshift(fft.fftshift(exact([0, 1, 2, -2, -1]))), [0, 1, 2, -2, -1])
  await expectValues(fft.fftshift(tensor([[1, 2], [3, 4]])), [4, 3, 2, 1]) // biome-ignore format: a matrix
})

test('what has no transform is refused in one line', () => {
  const ints = zeros([4], 'int32')
  const x: Tensor = zeros([4])
  expect(() => fft.rfft(ints)).toThrow(/rfft: takes floats; given int32 \[4\]/)
  expect(() => fft.fft({ re: x, im: zeros([3]) })).toThrow(/fft: real and imaginary parts have one shape and dtype/)
  expect(() => fft.rfft(zeros([2, 0]))).toThrow(/rfft: an empty axis has no transform/)
  expect(() => fft.irfft({ re: x, im: x }, { length: 9 })).toThrow(
    /irfft: 4 elements do not come from a length of 9; give a length of 6 or 7/,
  )
})
