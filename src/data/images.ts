import { type NDArray, ndarray } from '../engine/array.ts'
import { builtin } from '../engine/builtin.ts'
import { InputError } from '../engine/errors.ts'
import { decodeImages, type EncodedImage, type ImageOptions, imageExtensions } from './decode-images.ts'
import { kindOf, namesIn, writeAtomically } from './files.ts'
import { loadSharp } from './sharp.ts'

const { readFile } = builtin('node:fs/promises')
const { extname, join } = builtin('node:path')

export type { ImageOptions } from './decode-images.ts'

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
  const { classes, files } = await listImages(folder)
  const { images } = await decodeImages(
    files.map(({ path }) => imageFile(folder, path)),
    options,
  )
  return {
    images,
    labels: ndarray(
      Int32Array.from(files, (file) => file.label),
      [files.length],
      'int32',
    ),
    classes,
    files: files.map(({ path }) => path),
  }
}

/** A picture in a folder. */
export const imageFile = (folder: string, path: string): EncodedImage => ({
  where: join(folder, path),
  name: path,
  bytes: () => readFile(join(folder, path)),
})

/** Whether a folder holds images in subfolders, the layout that `loadImageFolder` reads. */
export async function isImageFolder(folder: string): Promise<boolean> {
  for (const name of await namesIn(folder)) {
    const inner = join(folder, name)
    if ((await kindOf(inner)) === 'folder' && (await namesIn(inner)).some(isImage)) return true
  }
  return false
}

/** Whether a file is taken for a picture by its name. */
export const isImage = (name: string): boolean => imageExtensions.includes(extname(name).toLowerCase())

async function listImages(folder: string): Promise<{ classes: string[]; files: { path: string; label: number }[] }> {
  const classes: string[] = []
  const files: { path: string; label: number }[] = []
  for (const name of await namesIn(folder)) {
    if ((await kindOf(join(folder, name))) !== 'folder') continue
    const images = (await namesIn(join(folder, name))).filter(isImage)
    if (images.length === 0)
      throw new InputError('this class holds no image', { where: join(folder, name), fix: `add one of ${imageExtensions.join(' ')}` })
    for (const image of images) files.push({ path: `${name}/${image}`, label: classes.length })
    classes.push(name)
  }
  if (classes.length === 0)
    throw new InputError('has no subfolders', { where: folder, fix: 'put the images of each class into a subfolder of its own' })
  return { classes, files }
}

/** Writes grey pixels, 0 (black) to 255, row by row, as a PNG file. */
export async function writeGreyImage(path: string, pixels: Uint8Array, size: { height: number; width: number }): Promise<void> {
  const raw = { ...size, channels: 1 } as const
  await writeAtomically(path, await loadSharp()(pixels, { raw }).toColourspace('b-w').png().toBuffer())
}
