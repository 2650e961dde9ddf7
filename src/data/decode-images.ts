import { type NDArray, ndarray } from '../engine/array.ts'
import { InputError } from '../engine/errors.ts'
import { loadSharp, type Sharp } from './sharp.ts'

/* Encoded pictures, wherever they lie, as one array. */

export interface ImageOptions {
  /** Height and width in pixels that every image is resized to; one number for a square. Default: the images' own common size. */
  size?: number | readonly [height: number, width: number]
  /** 1 for grey (default: 3 if any of the images has colour), 3 for red, green, blue. */
  channels?: 1 | 3
  /** What becomes of another aspect ratio than that of `size`: `'stretch'` (default) fills it with all of the image, `'centre'` with its middle. */
  crop?: 'stretch' | 'centre'
  /** Called after each image. */
  onProgress?: (done: number, total: number) => void
}

/** An encoded picture: png, jpeg or webp. */
export interface EncodedImage {
  /** What errors call it. */
  readonly where: string
  /** What errors call it beside another. */
  readonly name: string
  bytes(): Promise<Uint8Array>
}

/** What files are taken for pictures by their names. */
export const imageExtensions = ['.png', '.jpg', '.jpeg', '.webp']

/** Decoding is already parallel inside an image; a few at a time keep the memory bounded. */
const together = 4

export interface DecodeOptions extends ImageOptions {
  /** Told of an image that cannot be read, which is then left out; without it, it is an error. */
  readonly onDamaged?: (error: InputError) => void
}

/**
 * float32 [images, channels, height, width], 0 (black) to 1 (white), and which of the given images they are. Turned as their EXIF says, transparency laid on
 * black.
 */
export async function decodeImages(given: readonly EncodedImage[], options: DecodeOptions): Promise<{ images: NDArray; kept: number[] }> {
  const sharp = loadSharp()
  const measured = await inGroups(given, (image) => tried(() => measure(sharp, image), options.onDamaged))
  const whole = measured.flatMap((kind, i) => (kind ? [i] : []))
  if (whole.length === 0) throw new InputError('none of the images can be read', { where: given[0]?.where })
  const kinds = whole.map((i) => measured[i]!)
  const sources = whole.map((i) => given[i])
  const [height, width] = commonSize(kinds, sources, options.size)
  const channels = options.channels ?? (kinds.some(({ grey }) => !grey) ? 3 : 1)
  const shape = { height, width, channels, crop: options.crop ?? ('stretch' as const) }
  const area = channels * height * width
  const data = new Float32Array(sources.length * area)
  let done = 0
  const decoded = await inGroups(sources, async (image, index) => {
    const pixels = await tried(() => decode(sharp, image, shape), options.onDamaged)
    if (pixels) planes(pixels, data.subarray(index * area, (index + 1) * area), channels)
    options.onProgress?.(++done, sources.length)
    return pixels !== undefined
  })
  return withoutGaps(data, decoded, whole, [channels, height, width])
}

async function tried<T>(action: () => Promise<T>, onDamaged: DecodeOptions['onDamaged']): Promise<T | undefined> {
  try {
    return await action()
  } catch (error) {
    if (!onDamaged || !(error instanceof InputError)) throw error
    onDamaged(error)
    return undefined
  }
}

/** Pixel by pixel as channel by channel, 0 to 1. */
function planes(pixels: Uint8Array, into: Float32Array, channels: number): void {
  const area = into.length / channels
  for (let c = 0; c < channels; c++) for (let i = 0; i < area; i++) into[c * area + i] = pixels[i * channels + c] / 255
}

function withoutGaps(data: Float32Array, decoded: readonly boolean[], whole: readonly number[], shape: readonly number[]) {
  const area = shape.reduce((product, extent) => product * extent, 1)
  let at = 0
  for (const [index, ok] of decoded.entries()) {
    if (!ok) continue
    if (at !== index) data.copyWithin(at * area, index * area, (index + 1) * area)
    at++
  }
  return { images: ndarray(data.subarray(0, at * area), [at, ...shape], 'float32'), kept: whole.filter((_, index) => decoded[index]) }
}

interface Kind {
  readonly height: number
  readonly width: number
  readonly grey: boolean
}

async function measure(sharp: Sharp, image: EncodedImage): Promise<Kind> {
  try {
    const file = await image.bytes()
    const { autoOrient, space, channels } = await sharp(file).metadata()
    refuseClaims(autoOrient, file.length)
    return { ...autoOrient, grey: space === 'b-w' || space === 'grey16' || channels < 3 }
  } catch (cause) {
    throw damaged(image.where, cause)
  }
}

/** No side of a JPEG is longer; a PNG may claim any. */
const longestSide = 65535

/** A few damaged or hostile bytes can claim a picture that takes seconds and gigabytes to fill: honest ones of many pixels have many bytes. */
const pixelsFor = (bytes: number): number => 2 ** 24 + 256 * bytes

function refuseClaims({ height, width }: { height: number; width: number }, bytes: number): void {
  if (Math.max(height, width) > longestSide || height * width > pixelsFor(bytes))
    throw new Error(`${bytes} bytes claim ${width} by ${height} pixels`)
}

const damaged = (path: string, cause: unknown) =>
  new InputError(`cannot be read as an image (${(cause as Error).message.split('\n')[0]})`, {
    where: path,
    fix: 'replace or remove it',
    cause,
  })

function commonSize(kinds: readonly Kind[], images: readonly EncodedImage[], size: ImageOptions['size']): readonly [number, number] {
  const wanted = typeof size === 'number' ? ([size, size] as const) : size
  if (wanted) {
    if (!wanted.every((extent) => Number.isInteger(extent) && extent >= 1 && extent <= 16384))
      throw new InputError(`image size ${wanted.join(' by ')} is not a number of pixels`)
    return wanted
  }
  const [{ height, width }] = kinds
  const other = kinds.findIndex((kind) => kind.height !== height || kind.width !== width)
  if (other >= 0) {
    const what = `is ${kinds[other].height} by ${kinds[other].width} pixels, ${images[0].name} is ${height} by ${width}`
    throw new InputError(what, { where: images[other].where, fix: 'give the size to which all images are to be resized' })
  }
  return [height, width]
}

async function decode(
  sharp: Sharp,
  source: EncodedImage,
  { height, width, channels, crop }: { height: number; width: number; channels: 1 | 3; crop: 'stretch' | 'centre' },
): Promise<Buffer> {
  try {
    const image = sharp(await source.bytes())
      .autoOrient()
      .flatten({ background: '#000' })
      .resize({ width, height, fit: crop === 'centre' ? 'cover' : 'fill' })
    const converted = channels === 1 ? image.toColourspace('b-w') : image.toColourspace('srgb')
    const { data, info } = await converted.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
    if (info.channels !== channels || data.length !== height * width * channels) throw new Error(`decoded to ${info.channels} channels`)
    return data
  } catch (cause) {
    throw damaged(source.where, cause)
  }
}

async function inGroups<T, R>(items: readonly T[], action: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let i = 0; i < items.length; i += together) {
    results.push(...(await Promise.all(items.slice(i, i + together).map((item, j) => action(item, i + j)))))
  }
  return results
}
