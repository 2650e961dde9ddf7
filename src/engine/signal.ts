/**
 * Signals along the last axis: windows, short-time spectra, convolutions.
 *
 * @module
 */

import { type Complex, mul as complexMul } from './complex.ts'
import { allocate, type DType } from './dtype.ts'
import { InputError } from './errors.ts'
import { irfft, rfft } from './fft.ts'
import { besselI0e } from './kernels/bessel.ts'
import { add, broadcastTo, div, expandDims, gather, iota, mul, pad, scatterAdd, slice, tensor } from './ops.ts'
import { shapeError } from './primitives/define.ts'
import type { Tensor } from './tensor.ts'

export type { Complex } from './complex.ts'

/*
 * Windows, short-time spectra and convolutions of signals along the last axis.
 */

/** A periodic window of this length, by its value at k of `length` steps. */
function sampled(length: number, dtype: DType, value: (k: number) => number): Tensor {
  const values = allocate(dtype, length)
  for (let k = 0; k < length; k++) values[k] = value(k)
  return tensor(values)
}

const turn = (k: number, length: number): number => Math.cos((2 * Math.PI * k) / length)

/**
 * Hann's window, periodic: at steps of half or a quarter of it, shifted copies add up to a constant.
 *
 * @example
 * await hann(4).array() // [0, 0.5, 1, 0.5]
 */
export const hann = (length: number, dtype: DType = 'float32'): Tensor => sampled(length, dtype, (k) => 0.5 - 0.5 * turn(k, length))

/**
 * Hamming's window, periodic.
 *
 * @example
 * await hamming(4).array() // [0.08000, 0.54000, 1.00000, 0.54000]
 */
export const hamming = (length: number, dtype: DType = 'float32'): Tensor => sampled(length, dtype, (k) => 0.54 - 0.46 * turn(k, length))

/**
 * Blackman's window, periodic.
 *
 * @example
 * await blackman(4).array() // [0.0000, 0.34000, 1.00000, 0.34000]
 */
export const blackman = (length: number, dtype: DType = 'float32'): Tensor =>
  sampled(length, dtype, (k) => 0.42 - 0.5 * turn(k, length) + 0.08 * turn(2 * k, length))

/**
 * Kaiser's window, symmetric; the larger β, the wider its peak and the lower its sides.
 *
 * @example
 * await kaiser(4, 0).array() // [1, 1, 1, 1]
 */
export const kaiser = (length: number, beta: number, dtype: DType = 'float32'): Tensor =>
  sampled(length, dtype, (k) => {
    const x = beta * Math.sqrt(Math.max(0, 1 - (length > 1 ? (2 * k) / (length - 1) - 1 : 0) ** 2))
    return (besselI0e(x) / besselI0e(beta)) * Math.exp(x - beta)
  })

export interface FrameOptions {
  /** The window: its length is that of the frames. */
  readonly window: Tensor
  /** Elements from one frame to the next. Default: a quarter of the window. */
  readonly hop?: number
}

const hopOf = ({ window, hop = Math.floor(window.shape[0] / 4) }: FrameOptions): number => {
  if (window.shape.length !== 1) throw shapeError('stft', 'a window has one axis', [window])
  if (!Number.isInteger(hop) || hop < 1) throw new InputError(`stft: the hop is a whole number from 1, not ${hop}`)
  return hop
}

/** The place in the signal of each element of each frame, int32 [frames, size]. */
const places = (frames: number, size: number, hop: number): Tensor => add(expandDims(mul(iota(frames), hop), -1), iota(size))

/**
 * Spectra of windowed frames: [..., n] → [..., frames, size/2 + 1]. Half a frame of zeros goes before and after the signal.
 *
 * @example
 * const spectra = stft(zeros([1000]), { window: hann(200), hop: 100 })
 */
export function stft(x: Tensor, options: FrameOptions): Complex {
  const hop = hopOf(options)
  const size = options.window.shape[0]
  const half = Math.floor(size / 2)
  const padded = pad(x, [...x.shape.slice(1).map(() => [0, 0] as const), [half, half + ((hop - (x.shape.at(-1)! % hop)) % hop)] as const])
  const frames = Math.floor((padded.shape.at(-1)! - size) / hop) + 1
  return rfft(mul(gather(padded, places(frames, size, hop), { axis: -1 }), options.window))
}

/**
 * The signal of `length` whose `stft` this is, in the sense of least squares where it is nobody's (Griffin & Lim 1984).
 *
 * @example
 * const x = random.normal(key(0), [1000])
 * const options = { window: hann(200), hop: 100 }
 * const y = istft(stft(x, options), { ...options, length: 1000 })
 * await less(max(abs(sub(x, y))), 1e-5).array() // true
 */
export function istft(spectra: Complex, { length, ...options }: FrameOptions & { readonly length: number }): Tensor {
  const hop = hopOf(options)
  const { window } = options
  const size = window.shape[0]
  const half = Math.floor(size / 2)
  const frames = mul(irfft(spectra, { length: size }), window)
  const count = frames.shape.at(-2)!
  const extent = Math.max((count - 1) * hop + size, half + length)
  const overlapped = (parts: Tensor) => scatterAdd(parts, places(count, size, hop), { axis: parts.shape.length - 2, extent })
  const weights = overlapped(broadcastTo(mul(window, window), [count, size]))
  const cut = (part: Tensor) => slice(part, { axis: -1, start: half, end: half + length })
  return div(cut(overlapped(frames)), cut(weights))
}

/**
 * The full convolution Σ a[j]·b[k − j], [..., n] and [..., m] → [..., n + m − 1], by transforms: for long kernels faster than `conv`.
 *
 * @example
 * await fftConvolve(tensor([1, 2]), tensor([1, 1, 1])).array() // [1.00000, 3.00000, 3.00000, 2.00000]
 */
export function fftConvolve(a: Tensor, b: Tensor): Tensor {
  const length = a.shape.at(-1)! + b.shape.at(-1)! - 1
  const size = 2 ** Math.ceil(Math.log2(length))
  const spectrum = (x: Tensor) => rfft(pad(x, [...x.shape.slice(1).map(() => [0, 0] as const), [0, size - x.shape.at(-1)!] as const]))
  return slice(irfft(complexMul(spectrum(a), spectrum(b)), { length: size }), { axis: -1, end: length })
}
