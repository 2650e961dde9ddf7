import { sameShape } from '../../engine/array.ts'
import { InputError, type NDArray } from '../../engine/index.ts'

/* How near a picture is to its original, pixel by pixel. */

/**
 * Peak signal-to-noise ratio in dB over all values of both arrays, of any one shape; infinite for equal ones. `peak` is the range of the values: 255 for
 * bytes, 2 for [−1, 1].
 */
export function psnr(a: NDArray, b: NDArray, { peak = 255 }: { peak?: number } = {}): number {
  requireAlike(a, b)
  let total = 0
  for (let i = 0; i < a.data.length; i++) total += (a.data[i] - b.data[i]) ** 2
  return 10 * Math.log10(peak ** 2 / (total / a.data.length))
}

const windowSize = 11
const windowDeviation = 1.5

/**
 * Structural similarity (Wang et al. 2004) of two pictures [height, width], [1, height, width] or [3, height, width] of values 0 to `peak`: the mean over all
 * places where a Gaussian window of 11 × 11, σ = 1.5, lies inside; K = (0.01, 0.03), no downsampling. Colours become grey first, rounded to whole numbers as
 * the authors' code does where `peak` is 255.
 *
 * @throws InputError for unlike shapes, or pictures smaller than the window.
 */
export function ssim(a: NDArray, b: NDArray, { peak = 255 }: { peak?: number } = {}): number {
  requireAlike(a, b)
  const [height, width] = a.shape.slice(-2)
  if (a.shape.length < 2 || Math.min(height, width) < windowSize)
    throw new InputError(`SSIM needs pictures of at least ${windowSize} by ${windowSize}, not [${a.shape}]`)
  const [x, y] = [greyOf(a, peak), greyOf(b, peak)]
  const blur = (of: (i: number) => number) =>
    blurred(
      Float64Array.from(x, (_, i) => of(i)),
      height,
      width,
    )
  const [mx, my] = [blur((i) => x[i]), blur((i) => y[i])]
  const [xx, yy, xy] = [blur((i) => x[i] ** 2), blur((i) => y[i] ** 2), blur((i) => x[i] * y[i])]
  const [c1, c2] = [(0.01 * peak) ** 2, (0.03 * peak) ** 2]
  const total = mx.reduce((sum, m, i) => {
    const n = my[i]
    const similarity = (2 * m * n + c1) * (2 * (xy[i] - m * n) + c2)
    return sum + similarity / ((m * m + n * n + c1) * (xx[i] - m * m + yy[i] - n * n + c2))
  }, 0)
  return total / mx.length
}

function requireAlike(a: NDArray, b: NDArray): void {
  if (!sameShape(a.shape, b.shape)) throw new InputError(`pictures of [${a.shape}] and [${b.shape}] cannot be compared`)
}

const luma = [0.2989, 0.587, 0.114]

function greyOf({ shape, data }: NDArray, peak: number): Float64Array {
  const channels = shape.length === 2 ? 1 : shape.at(-3)!
  if (shape.length > 3 || (channels !== 1 && channels !== 3)) throw new InputError(`[${shape}] is not one picture of 1 or 3 channels`)
  if (channels === 1) return Float64Array.from(data)
  const area = data.length / 3
  return Float64Array.from({ length: area }, (_, i) => {
    const grey = luma[0] * data[i] + luma[1] * data[area + i] + luma[2] * data[2 * area + i]
    return peak === 255 ? Math.round(grey) : grey
  })
}

/** Weighted means under the window, at the places where it lies inside: rows first, then columns. */
function blurred(values: Float64Array, height: number, width: number): Float64Array {
  const across = width - windowSize + 1
  const down = height - windowSize + 1
  const rows = new Float64Array(height * across)
  for (let i = 0; i < rows.length; i++) {
    const from = Math.floor(i / across) * width + (i % across)
    for (let k = 0; k < windowSize; k++) rows[i] += weights[k] * values[from + k]
  }
  const out = new Float64Array(down * across)
  for (let i = 0; i < out.length; i++) for (let k = 0; k < windowSize; k++) out[i] += weights[k] * rows[i + k * across]
  return out
}

const unscaled = Array.from({ length: windowSize }, (_, k) => Math.exp(-((k - (windowSize - 1) / 2) ** 2) / (2 * windowDeviation ** 2)))
const weights = unscaled.map((weight) => weight / unscaled.reduce((sum, other) => sum + other, 0))
