import type sharp from 'sharp'
import { type NDArray, ndarray } from '../engine/array.ts'
import { builtin } from '../engine/builtin.ts'
import { InputError } from '../engine/errors.ts'
import { kindOf, namesIn, writeAtomically } from './files.ts'

const { createRequire } = builtin('node:module')
const { readFile } = builtin('node:fs/promises')
const { extname, join } = builtin('node:path')

export interface ImageOptions {
  /** Height and width in pixels that every image is resized to (aspect ratio not kept); one number for a square. Default: the images' own common size. */
  size?: number | readonly [height: number, width: number]
  /** 1 for grey (default: 3 if any of the images has colour), 3 for red, green, blue. */
  channels?: 1 | 3
  /** Called after each image. */
  onProgress?: (done: number, total: number) => void
}

/** Images in memory, one class a subfolder. */
export interface ImageFolder {
  /** float32 [images, channels, height, width], 0 (black) to 1 (white). */
  readonly images: NDArray
  /** int32 [images]: indices into `classes`. */
  readonly labels: NDArray
  /** The names of the subfolders, sorted. */
  readonly classes: readonly string[]
  /** Where each image came from, relative to the folder. */
  readonly files: readonly string[]
}

const extensions = ['.png', '.jpg', '.jpeg', '.webp']

/** Decoding is already parallel inside an image; a few at a time keep the memory bounded. */
const together = 4

type Sharp = typeof sharp

/**
 * Reads a folder of png, jpeg and webp images with one subfolder a class. Turned as their EXIF says, transparency laid on black. The order is that of
 * the sorted names, on every machine.
 *
 * @throws InputError that names the file: for a damaged image, images of different sizes without `size`, a folder without classes, a class without images.
 * @example
 * import { mkdirSync } from 'node:fs'
 * import sharp from 'sharp'
 *
 * for (const [name, background] of [['rose', 'red'], ['tulip', 'yellow']]) {
 *   mkdirSync(`flowers/${name}`, { recursive: true })
 *   await sharp({ create: { width: 80, height: 60, channels: 3, background } }).toFile(`flowers/${name}/1.png`)
 * }
 * const { images, classes } = await loadImageFolder('flowers', { size: 64, channels: 3 })
 * images.shape // [2, 3, 64, 64]
 */
export async function loadImageFolder(folder: string, options: ImageOptions = {}): Promise<ImageFolder> {
  const sharp = loadSharp()
  const { classes, files } = await listImages(folder)
  const kinds = await inGroups(files, (file) => measure(sharp, join(folder, file.path)))
  const [height, width] = commonSize(kinds, files, folder, options.size)
  const channels = options.channels ?? (kinds.some(({ grey }) => !grey) ? 3 : 1)
  const area = channels * height * width
  const data = new Float32Array(files.length * area)
  let done = 0
  await inGroups(files, async (file, index) => {
    const pixels = await decode(sharp, join(folder, file.path), { height, width, channels })
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < height * width; i++) data[index * area + c * height * width + i] = pixels[i * channels + c] / 255
    }
    options.onProgress?.(++done, files.length)
  })
  return {
    images: ndarray(data, [files.length, channels, height, width], 'float32'),
    labels: ndarray(
      Int32Array.from(files, (file) => file.label),
      [files.length],
      'int32',
    ),
    classes,
    files: files.map(({ path }) => path),
  }
}

function loadSharp(): Sharp {
  try {
    return createRequire(import.meta.url)('sharp') as Sharp // not imported: bundlers would follow it into pages
  } catch (cause) {
    throw new InputError('images are read with the package sharp, which is not usable here', {
      fix: 'install it with: npm install sharp',
      cause,
    })
  }
}

/** Whether a folder holds images in subfolders, the layout that `loadImageFolder` reads. */
export async function isImageFolder(folder: string): Promise<boolean> {
  for (const name of await namesIn(folder)) {
    const inner = join(folder, name)
    if ((await kindOf(inner)) === 'folder' && (await namesIn(inner)).some(isImage)) return true
  }
  return false
}

const isImage = (name: string) => extensions.includes(extname(name).toLowerCase())

async function listImages(folder: string): Promise<{ classes: string[]; files: { path: string; label: number }[] }> {
  const classes: string[] = []
  const files: { path: string; label: number }[] = []
  for (const name of await namesIn(folder)) {
    if ((await kindOf(join(folder, name))) !== 'folder') continue
    const images = (await namesIn(join(folder, name))).filter(isImage)
    if (images.length === 0)
      throw new InputError('this class holds no image', { where: join(folder, name), fix: `add one of ${extensions.join(' ')}` })
    for (const image of images) files.push({ path: `${name}/${image}`, label: classes.length })
    classes.push(name)
  }
  if (classes.length === 0)
    throw new InputError('has no subfolders', { where: folder, fix: 'put the images of each class into a subfolder of its own' })
  return { classes, files }
}

interface Kind {
  readonly height: number
  readonly width: number
  readonly grey: boolean
}

async function measure(sharp: Sharp, path: string): Promise<Kind> {
  try {
    const file = await readFile(path)
    const { autoOrient, space, channels } = await sharp(file).metadata()
    refuseClaims(autoOrient, file.length)
    return { ...autoOrient, grey: space === 'b-w' || space === 'grey16' || channels < 3 }
  } catch (cause) {
    throw damaged(path, cause)
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

function commonSize(
  kinds: readonly Kind[],
  files: readonly { path: string }[],
  folder: string,
  size: ImageOptions['size'],
): readonly [number, number] {
  const wanted = typeof size === 'number' ? ([size, size] as const) : size
  if (wanted) {
    if (!wanted.every((extent) => Number.isInteger(extent) && extent >= 1 && extent <= 16384))
      throw new InputError(`image size ${wanted.join(' by ')} is not a number of pixels`)
    return wanted
  }
  const [{ height, width }] = kinds
  const other = kinds.findIndex((kind) => kind.height !== height || kind.width !== width)
  if (other >= 0) {
    const what = `is ${kinds[other].height} by ${kinds[other].width} pixels, ${files[0].path} is ${height} by ${width}`
    throw new InputError(what, { where: join(folder, files[other].path), fix: 'give the size to which all images are to be resized' })
  }
  return [height, width]
}

async function decode(
  sharp: Sharp,
  path: string,
  { height, width, channels }: { height: number; width: number; channels: 1 | 3 },
): Promise<Buffer> {
  try {
    const image = sharp(await readFile(path))
      .autoOrient()
      .flatten({ background: '#000' })
      .resize({ width, height, fit: 'fill' })
    const converted = channels === 1 ? image.toColourspace('b-w') : image.toColourspace('srgb')
    const { data, info } = await converted.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
    if (info.channels !== channels || data.length !== height * width * channels) throw new Error(`decoded to ${info.channels} channels`)
    return data
  } catch (cause) {
    throw damaged(path, cause)
  }
}

/** Writes grey pixels, 0 (black) to 255, row by row, as a PNG file. */
export async function writeGreyImage(path: string, pixels: Uint8Array, size: { height: number; width: number }): Promise<void> {
  const raw = { ...size, channels: 1 } as const
  await writeAtomically(path, await loadSharp()(pixels, { raw }).toColourspace('b-w').png().toBuffer())
}

async function inGroups<T, R>(items: readonly T[], action: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let i = 0; i < items.length; i += together) {
    results.push(...(await Promise.all(items.slice(i, i + together).map((item, j) => action(item, i + j)))))
  }
  return results
}
