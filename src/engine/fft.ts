/**
 * Discrete Fourier transforms of any length, real and complex, in one, two or more dimensions.
 *
 * @module
 */

import { both, type Complex, mul as complexMul, conj, scale } from './complex.ts'
import { allocate, type DType, isFloat } from './dtype.ts'
import { InputError } from './errors.ts'
import { checkedAxis } from './ops/axes.ts'
import { add, cast, concat, flip, matmul, mul, neg, pad, reshape, slice, sub, swapLast, tensor, transpose, zerosLike } from './ops.ts'
import { shapeError } from './primitives/define.ts'
import type { Tensor } from './tensor.ts'

export type { Complex } from './complex.ts'

/*
 * Discrete Fourier transforms of any length, X[k] = Σ x[n]·e^{−2πikn/N}; the inverse divides by N. Short ones are products with a matrix of
 * cosines and sines, composite lengths are split (Cooley & Tukey 1965), long primes become a convolution (Bluestein 1970). They are made of
 * products alone, whose derivatives are the conjugate transforms.
 */

/** Up to this length the whole matrix is used. */
const directLength = 64

const tables = new Map<string, Complex>()

/** e^{−2πi·turns(i, j)/of} as a constant [rows, columns], made once. */
function table(
  name: string,
  [rows, columns]: readonly [number, number],
  { of, dtype }: { of: number; dtype: DType },
  turns: (i: number, j: number) => number,
): Complex {
  const key = `${name} ${rows} ${columns} ${of} ${dtype}`
  const known = tables.get(key)
  if (known) return known
  const [re, im] = [allocate(dtype, rows * columns), allocate(dtype, rows * columns)]
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const [cosine, sine] = turned(turns(i, j) % of, of)
      re[i * columns + j] = cosine
      im[i * columns + j] = -sine
    }
  }
  const made = { re: tensor(re, { shape: [rows, columns] }), im: tensor(im, { shape: [rows, columns] }) }
  tables.set(key, made)
  return made
}

/** cos and sin of 2π·turn/of. The angle is brought below an eighth of a turn first, where its rounding matters least. */
function turned(turn: number, of: number): [cosine: number, sine: number] {
  if (turn * 2 > of) {
    const [cosine, sine] = turned(of - turn, of)
    return [cosine, -sine]
  }
  if (turn * 4 > of) {
    const [cosine, sine] = turned(of / 2 - turn, of)
    return [-cosine, sine]
  }
  if (turn * 8 > of) {
    const [cosine, sine] = turned(of / 4 - turn, of)
    return [sine, cosine]
  }
  const angle = (2 * Math.PI * turn) / of
  return [Math.cos(angle), Math.sin(angle)]
}

/** A signal whose imaginary part may be zero throughout. */
type Signal = { readonly re: Tensor; readonly im?: Tensor }

/** The complex product with a table, `multiply` being its real part's. */
function product(x: Signal, m: Complex, multiply: (part: Tensor, entries: Tensor) => Tensor): Complex {
  const [re, im] = [multiply(x.re, m.re), multiply(x.re, m.im)]
  return x.im ? { re: sub(re, multiply(x.im, m.im)), im: add(im, multiply(x.im, m.re)) } : { re, im }
}

/** The largest factor of n that the whole matrix is used for, or 1. */
function directFactor(n: number): number {
  for (let factor = Math.min(directLength, n); factor > 1; factor--) if (n % factor === 0) return factor
  return 1
}

/** The transform along the last axis. */
function transform(x: Signal): Complex {
  const n = x.re.shape.at(-1)!
  if (n <= directLength)
    return product(
      x,
      table('dft', [n, n], { of: n, dtype: x.re.dtype }, (i, j) => i * j),
      matmul,
    )
  const factor = directFactor(n)
  return factor > 1 ? divided(x, factor) : chirped(x)
}

/** With n = p·q, element q·a + b: transforms over a, a turn by k₁·b/n, transforms over b; the result's place is k₁ + p·k₂. */
function divided({ re, im }: Signal, p: number): Complex {
  const { shape, dtype } = re
  const n = shape.at(-1)!
  const q = n / p
  const grid = (part: Tensor) => reshape(part, [...shape.slice(0, -1), p, q])
  const dft = table('dft', [p, p], { of: p, dtype }, (i, j) => i * j)
  const turns = table('turns', [p, q], { of: n, dtype }, (i, j) => i * j)
  const columns = product({ re: grid(re), im: im && grid(im) }, dft, (part, entries) => matmul(entries, part))
  return both(transform(complexMul(columns, turns)), (part) => reshape(swapLast(part), shape))
}

/**
 * kn = (k² + n² − (k − n)²)/2 makes the transform a convolution with e^{iπj²/N}, done by transforms of a power of two. In float64, because
 * three transforms and two products would add up their errors.
 */
function chirped(x: Signal): Complex {
  const { shape, dtype } = x.re
  const n = shape.at(-1)!
  const length = 2 ** Math.ceil(Math.log2(2 * n - 1))
  const exactly = (part: Tensor) => cast(part, 'float64')
  const chirp = both(
    table('chirp', [1, n], { of: 2 * n, dtype: 'float64' }, (_, j) => j * j),
    (part) => reshape(part, [n]),
  )
  const padded = (part: Tensor) => pad(part, [...part.shape.slice(1).map(() => [0, 0] as const), [0, length - n] as const])
  const kernel = both(conj(chirp), (part) => add(padded(part), mirrored(part, length)))
  const signal = both(product({ re: exactly(x.re), im: x.im && exactly(x.im) }, chirp, mul), padded)
  const folded = inverse(complexMul(transform(signal), transform(kernel)))
  const cut = both(folded, (part) => slice(part, { axis: -1, end: n }))
  return both(complexMul(cut, chirp), (part) => cast(part, dtype))
}

/** Elements 1 … n − 1 of a vector at the places length − 1, length − 2, …; zeros elsewhere. */
const mirrored = (part: Tensor, length: number): Tensor => {
  const back = flip(slice(part, { axis: 0, start: 1 }), { axes: [0] })
  return pad(back, [[length - back.shape[0], 0]])
}

/** Exchanging the parts before and after turns the transform backwards. */
function inverse({ re, im }: Complex): Complex {
  const back = transform({ re: im, im: re })
  return scale({ re: back.im, im: back.re }, 1 / re.shape.at(-1)!)
}

/** Applies a change of the last axis along another one. */
function along(name: string, x: Signal, axis: number, change: (x: Signal) => Complex): Complex {
  const { re, im } = x
  if (!isFloat(re.dtype)) throw shapeError(name, 'takes floats', [re])
  if (im && (im.dtype !== re.dtype || String(im.shape) !== String(re.shape))) {
    throw shapeError(name, 'real and imaginary parts have one shape and dtype', [re, im])
  }
  const at = checkedAxis(name, re, axis)
  if (re.shape[at] === 0) throw shapeError(name, 'an empty axis has no transform', [re])
  if (at === re.shape.length - 1) return change(x)
  const last = re.shape.length - 1
  const exchange = (part: Tensor) => transpose(part, [...part.shape.keys()].with(at, last).with(last, at))
  return both(change({ re: exchange(re), im: im && exchange(im) }), exchange)
}

export interface AxisOptions {
  /** Default: the last. */
  readonly axis?: number
}

/**
 * The transform along an axis.
 *
 * @example
 * const { re } = fft(complexOf(ones([4])))
 * await re.array() // [4, 0, 0, 0]
 */
export const fft = (x: Complex, { axis = -1 }: AxisOptions = {}): Complex => along('fft', x, axis, transform)

/**
 * The inverse transform along an axis.
 *
 * @example
 * const { re } = ifft(fft(complexOf(tensor([1, 2, 3, 4]))))
 * await re.array() // [1.00000, 2.00000, 3.00000, 4.00000]
 */
export const ifft = (x: Complex, { axis = -1 }: AxisOptions = {}): Complex => along('ifft', x, axis, (y) => inverse(y as Complex))

/**
 * The transform of real numbers: its first ⌊n/2⌋ + 1 elements, of which the others are conjugates.
 *
 * @example
 * rfft(ones([8])).re.shape // [5]
 */
export const rfft = (x: Tensor, { axis = -1 }: AxisOptions = {}): Complex => along('rfft', { re: x }, axis, firstHalf)

const half = (n: number): number => Math.floor(n / 2) + 1

function firstHalf(x: Signal): Complex {
  const n = x.re.shape.at(-1)!
  if (n > directLength) return both(transform(x), (part) => slice(part, { axis: -1, end: half(n) }))
  return product(
    x,
    table('rdft', [n, half(n)], { of: n, dtype: x.re.dtype }, (i, j) => i * j),
    matmul,
  )
}

/**
 * The real numbers, `length` of them along the axis, whose `rfft` this is. Default: the even length.
 *
 * @example
 * await irfft(rfft(tensor([1, 2, 3])), { length: 3 }).array() // [1.00000, 2.00000, 3.00000]
 */
export function irfft(x: Complex, { axis = -1, length }: AxisOptions & { readonly length?: number } = {}): Tensor {
  return along('irfft', x, axis, ({ re, im }) => {
    const n = length ?? Math.max(1, 2 * (re.shape.at(-1)! - 1))
    if (!Number.isInteger(n) || n < 1 || half(n) !== re.shape.at(-1)) {
      throw new InputError(`irfft: ${re.shape.at(-1)} elements do not come from a length of ${n}`, {
        fix: `give a length of ${2 * re.shape.at(-1)! - 2} or ${2 * re.shape.at(-1)! - 1}`,
      })
    }
    // The other elements are the conjugates of these, from the back.
    const rest = (part: Tensor) => flip(slice(part, { axis: -1, start: 1, end: n - half(n) + 1 }), { axes: [-1] })
    const whole = n > 2 ? { re: concat([re, rest(re)], { axis: -1 }), im: concat([im!, neg(rest(im!))], { axis: -1 }) } : { re, im: im! }
    const { re: real } = inverse(whole)
    return { re: real, im: real }
  }).re
}

export interface AxesOptions {
  /** Default: all. */
  readonly axes?: readonly number[]
}

const overAxes = (x: Complex, axes: readonly number[], change: typeof fft): Complex => axes.reduce((y, axis) => change(y, { axis }), x)

/**
 * The transform along several axes.
 *
 * @example
 * await fftn(complexOf(ones([2, 2]))).re.array() // [[4, 0], [0, 0]]
 */
export const fftn = (x: Complex, { axes = [...x.re.shape.keys()] }: AxesOptions = {}): Complex => overAxes(x, axes, fft)

/**
 * The inverse of `fftn`.
 *
 * @example
 * await ifftn(fftn(complexOf(ones([2, 2])))).re.array() // [[1, 1], [1, 1]]
 */
export const ifftn = (x: Complex, { axes = [...x.re.shape.keys()] }: AxesOptions = {}): Complex => overAxes(x, axes, ifft)

/**
 * The transform along the last two axes.
 *
 * @example
 * fft2(complexOf(ones([8, 4, 4]))).re.shape // [8, 4, 4]
 */
export const fft2 = (x: Complex): Complex => fftn(x, { axes: [-2, -1] })

/**
 * The inverse of `fft2`.
 *
 * @example
 * await ifft2(fft2(complexOf(ones([2, 2])))).re.array() // [[1, 1], [1, 1]]
 */
export const ifft2 = (x: Complex): Complex => ifftn(x, { axes: [-2, -1] })

/**
 * A real tensor as a complex one.
 *
 * @example
 * await complexOf(ones([2])).im.array() // [0, 0]
 */
export const complexOf = (re: Tensor): Complex => ({ re, im: zerosLike(re) })

/**
 * The frequency of each element of a transform of length n, in cycles per unit of `spacing`: 0, 1, …, −1 over n·spacing.
 *
 * @example
 * await fftfreq(4).array() // [0, 0.25, -0.5, -0.25]
 */
export const fftfreq = (n: number, spacing = 1, dtype: DType = 'float32'): Tensor => {
  const values = allocate(dtype, n)
  for (let k = 0; k < n; k++) values[k] = (2 * k < n ? k : k - n) / (n * spacing)
  return tensor(values)
}

/**
 * As `fftfreq`, of the elements of `rfft`.
 *
 * @example
 * await rfftfreq(4).array() // [0, 0.25, 0.5]
 */
export const rfftfreq = (n: number, spacing = 1, dtype: DType = 'float32'): Tensor => {
  const values = allocate(dtype, half(n))
  for (let k = 0; k < values.length; k++) values[k] = k / (n * spacing)
  return tensor(values)
}

/** Turns each axis by `by(extent)` places. */
const rolled = (x: Tensor, axes: readonly number[], by: (extent: number) => number): Tensor =>
  axes.reduce((y, axis) => {
    const at = by(y.shape.at(axis)!)
    return concat([slice(y, { axis, start: at }), slice(y, { axis, end: at })], { axis })
  }, x)

/**
 * Brings the zero frequency to the middle of each axis.
 *
 * @example
 * await fftshift(fftfreq(4)).array() // [-0.5, -0.25, 0, 0.25]
 */
export const fftshift = (x: Tensor, { axes = [...x.shape.keys()] }: AxesOptions = {}): Tensor => rolled(x, axes, (n) => Math.ceil(n / 2))

/**
 * Undoes `fftshift`.
 *
 * @example
 * await ifftshift(fftshift(iota(5))).array() // [0, 1, 2, 3, 4]
 */
export const ifftshift = (x: Tensor, { axes = [...x.shape.keys()] }: AxesOptions = {}): Tensor => rolled(x, axes, (n) => Math.floor(n / 2))
