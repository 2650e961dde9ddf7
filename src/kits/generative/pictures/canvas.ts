import { loadSharp } from '../../../data/sharp.ts'
import { InputError, type NDArray } from '../../../engine/index.ts'
import { dotsOf, textWidth } from './font.ts'

export type Colour = readonly [red: number, green: number, blue: number]

/** Red, green and blue bytes, row by row. */
export interface Canvas {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** No reader opens more, and no screen shows it. */
const longestSide = 16_384

export function canvas(width: number, height: number, background: Colour): Canvas {
  if (Math.max(width, height) > longestSide)
    throw new InputError(`a picture of ${width} by ${height} pixels is above ${longestSide}`, { fix: 'draw fewer images, or smaller ones' })
  const pixels = new Uint8Array(width * height * 3)
  for (let i = 0; i < pixels.length; i++) pixels[i] = background[i % 3]
  return { width, height, pixels }
}

export interface Place {
  readonly x: number
  readonly y: number
}

/** Draws one of images [n, channels, height, width], each of its pixels as scale × scale. What lies outside of the range is clipped, NaN is magenta. */
export function drawImage(on: Canvas, images: ImageStack, index: number, { x, y }: Place, scale: number): void {
  const { channels, height, width, range } = images
  for (let row = 0; row < height * scale; row++) {
    for (let column = 0; column < width * scale; column++) {
      const from = Math.floor(row / scale) * width + Math.floor(column / scale)
      const to = ((y + row) * on.width + x + column) * 3
      for (let c = 0; c < 3; c++) {
        const value = images.data[(index * channels + (channels === 3 ? c : 0)) * height * width + from]
        on.pixels[to + c] = Number.isNaN(value) ? notANumber[c] : byteOf(value, range)
      }
    }
  }
}

const notANumber: Colour = [255, 0, 255]

const byteOf = (value: number, [least, most]: readonly [number, number]): number =>
  Math.round(255 * Math.min(1, Math.max(0, (value - least) / (most - least))))

/** Writes a text, cut where it is wider than `width`. */
export function drawText(on: Canvas, text: string, { x, y }: Place, { colour, width }: { colour: Colour; width: number }): void {
  let shown = text
  while (textWidth(shown) > width) shown = shown.slice(0, -1)
  for (const [dx, dy] of dotsOf(shown)) {
    const [column, row] = [x + dx, y + dy]
    const isInside = column >= 0 && column < on.width && row >= 0 && row < on.height
    if (isInside) on.pixels.set(colour, (row * on.width + column) * 3)
  }
}

/** Images with their axes and range checked. */
export interface ImageStack {
  readonly count: number
  readonly channels: 1 | 3
  readonly height: number
  readonly width: number
  readonly range: readonly [number, number]
  readonly data: ArrayLike<number>
}

/** [n, height, width] or [n, 1 or 3, height, width] as images. @throws InputError for other shapes. */
export function imageStack({ shape, data }: NDArray, range: readonly [number, number]): ImageStack {
  const [count, ...rest] = shape.length === 3 ? [shape[0], 1, ...shape.slice(1)] : shape
  const [channels, height, width] = rest
  if (rest.length !== 3 || (channels !== 1 && channels !== 3) || count === 0)
    throw new InputError(`[${shape}] are no images`, {
      fix: 'give [n, height, width], or [n, channels, height, width] with 1 or 3 channels',
    })
  if (!(range[0] < range[1])) throw new InputError(`a range from ${range[0]} to ${range[1]} is empty`)
  return { count, channels, height, width, range, data }
}

/** Without times or names in the file: the same pixels give the same bytes. */
export async function pngBytes({ width, height, pixels }: Canvas): Promise<Uint8Array> {
  const sharp = await loadSharp()
  return new Uint8Array(
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 9 })
      .toBuffer(),
  )
}
