import { type NDArray, ndarray, sizeOf } from '../engine/array.ts'
import { InputError } from '../engine/errors.ts'

/* What is done to images [n, channels, height, width] that are already numbers. */

/**
 * Values of `range` as −1 to 1, float32: what denoising networks take.
 *
 * @throws InputError for a value outside of the range, with the least and the most.
 * @example
 * symmetric({ data: Float32Array.of(0, 255), shape: [2], dtype: 'float32' }, [0, 255]).data // Float32Array [-1, 1]
 */
export function symmetric({ shape, data }: NDArray, [least, most]: readonly [number, number], where?: string): NDArray {
  const [low, high] = extremes(data)
  if (!(low >= least && high <= most))
    throw new InputError(`values go from ${low} to ${high}, outside of ${least} to ${most}`, {
      where,
      fix: 'state the range of the values',
    })
  const out = new Float32Array(data.length)
  for (let i = 0; i < out.length; i++) out[i] = (2 * (data[i] - least)) / (most - least) - 1
  return ndarray(out, shape, 'float32')
}

/** The least and the most of some numbers; NaN where one is. */
export function extremes(data: ArrayLike<number>): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < data.length; i++) {
    if (Number.isNaN(data[i])) return [Number.NaN, Number.NaN]
    low = Math.min(low, data[i])
    high = Math.max(high, data[i])
  }
  return [low, high]
}

/**
 * Images made smaller by means over factor × factor pixels, float32.
 *
 * @throws InputError where the factor does not divide height and width.
 * @example
 * meanPooled({ data: Float32Array.of(0, 1, 2, 3), shape: [1, 1, 2, 2], dtype: 'float32' }, 2).data // Float32Array [1.5]
 */
export function meanPooled({ shape, data }: NDArray, factor: number): NDArray {
  const [height, width] = shape.slice(-2)
  if (!Number.isInteger(factor) || factor < 1 || height % factor > 0 || width % factor > 0)
    throw new InputError(`images of ${height} by ${width} cannot be pooled by ${factor}`, { fix: 'give a factor of both' })
  const planes = sizeOf(shape.slice(0, -2))
  const [h, w] = [height / factor, width / factor]
  const out = new Float32Array(planes * h * w)
  for (let p = 0; p < planes; p++) {
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        let total = 0
        for (let dy = 0; dy < factor; dy++)
          for (let dx = 0; dx < factor; dx++) total += data[(p * height + y * factor + dy) * width + x * factor + dx]
        out[(p * h + y) * w + x] = total / factor ** 2
      }
    }
  }
  return ndarray(out, [...shape.slice(0, -2), h, w], 'float32')
}

/**
 * Grey as three equal channels, or colours as their luminance (Rec. 601): [n, 1 or 3, h, w] → [n, channels, h, w], float32.
 *
 * @example
 * withChannels({ data: Float32Array.of(0.5), shape: [1, 1, 1, 1], dtype: 'float32' }, 3).data // Float32Array [0.5, 0.5, 0.5]
 */
export function withChannels({ shape, data }: NDArray, channels: 1 | 3): NDArray {
  const [n, own, height, width] = shape
  if (own === channels) return ndarray(Float32Array.from(data), shape, 'float32')
  const area = height * width
  const out = new Float32Array(n * channels * area)
  for (let i = 0; i < out.length; i++) {
    const [image, pixel] = [Math.floor(i / (channels * area)), i % area]
    const at = (c: number) => data[(image * own + c) * area + pixel]
    out[i] = own === 1 ? at(0) : 0.299 * at(0) + 0.587 * at(1) + 0.114 * at(2)
  }
  return ndarray(out, [n, channels, height, width], 'float32')
}

/** One picture [1, c, H, W] cut into tiles of side × side, row by row: [n, c, side, side]. @throws InputError where tiles do not fill it. */
export function tilesOf({ shape, data }: NDArray, side: number, where?: string): NDArray {
  const [, channels, height, width] = shape
  if (!Number.isInteger(side) || side < 1 || height % side > 0 || width % side > 0)
    throw new InputError(`${height} by ${width} pixels are no grid of tiles of ${side}`, { where, fix: 'give the side of a tile' })
  const across = width / side
  const count = (height / side) * across
  const out = new Float32Array(data.length)
  let at = 0
  for (let tile = 0; tile < count; tile++) {
    const [top, left] = [Math.floor(tile / across) * side, (tile % across) * side]
    for (let c = 0; c < channels; c++)
      for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) out[at++] = data[(c * height + top + y) * width + left + x]
  }
  return ndarray(out, [count, channels, side, side], 'float32')
}
