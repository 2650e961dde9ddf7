import { type NDArray, ndarray } from '../engine/array.ts'
import { builtin } from '../engine/builtin.ts'
import { isFloat } from '../engine/dtype.ts'
import { InputError } from '../engine/errors.ts'
import { readSafetensors } from '../engine/safetensors.ts'
import { rows } from './dataset.ts'
import { type DecodeOptions, decodeImages, type EncodedImage, type ImageOptions, imageExtensions } from './decode-images.ts'
import { kindOf, namesIn, readContent, sha256 } from './files.ts'
import { parseIdx } from './idx.ts'
import { findIdxLabels, isIdxImages } from './idx-pair.ts'
import { imageFile, isImage } from './images.ts'
import { parseNpy, parseNpz } from './npy.ts'
import { inputsOf } from './own-arrays.ts'
import { extremes, meanPooled, symmetric, tilesOf, withChannels } from './pixels.ts'
import type { Provenance } from './sources.ts'
import { isTar, untar } from './tar.ts'

const { basename, dirname, extname, join } = builtin('node:path')

export interface TrainingImageOptions extends ImageOptions {
  /** Least and most of arrays of floats, and of nothing else. Default: 0 to 1 where none is below 0, else −1 to 1. Whole numbers are 0 to 255. */
  readonly range?: readonly [number, number]
  /** The side of a tile, where one picture is a grid of them. */
  readonly tile?: number
  /** `'skip'` leaves damaged images out, with a line each to `log`. Default: `'refuse'`. */
  readonly damaged?: 'refuse' | 'skip'
  log?(line: string): void
}

/** Images to train a generative model on. */
export interface TrainingImages {
  /** float32 [n, channels, height, width], −1 (black) to 1 (white). */
  readonly x: NDArray
  /** int32 [n], where the data have classes. */
  readonly labels?: NDArray
  readonly classes?: readonly string[]
  /** Which images these are: their files, or their places in an array. */
  readonly names: readonly string[]
  readonly provenance: Provenance
}

const understood = `a folder of images (${imageExtensions.join(' ')}), a tar file of them, one picture with the side of its tiles, an IDX, .npy, .npz or .safetensors file`

/**
 * Reads images for a generative model, scaled to −1 … 1: a folder of png, jpeg and webp files (in it, or in one subfolder a class), a tar file of such, one
 * picture that is a grid of tiles, IDX images, .npy, .npz or .safetensors arrays. Labels are taken where there are any, and not needed.
 *
 * @throws InputError in one line for what is not understood or damaged, images of mixed sizes without `size` or in several depths of a folder, values outside
 * of their range.
 * @example
 * import { mkdirSync } from 'node:fs'
 * import sharp from 'sharp'
 *
 * mkdirSync('photos')
 * await sharp({ create: { width: 80, height: 60, channels: 3, background: 'red' } }).toFile('photos/1.png')
 * const { x } = await loadTrainingImages('photos', { size: 32, crop: 'centre' })
 * x.shape // [1, 3, 32, 32]
 */
export async function loadTrainingImages(path: string, options: TrainingImageOptions = {}): Promise<TrainingImages> {
  const kind = await kindOf(path)
  if (kind === 'absent') throw new InputError('there is no such file or folder', { where: path, fix: 'check the path' })
  return kind === 'folder' ? fromFolder(path, options) : fromFile(path, options)
}

async function fromFolder(folder: string, options: TrainingImageOptions): Promise<TrainingImages> {
  const names = await filesUnder(folder)
  const pictures = names.filter(isImage)
  if (pictures.length > 0) {
    refuseUneven(pictures, folder)
    sayLeftOut(names, options)
    return fromPictures(
      pictures.map((name) => imageFile(folder, name)),
      folder,
      options,
    )
  }
  const files = names.filter((name) => !name.includes('/') && (isIdxImages(name) || /\.(tar|tgz|npy|npz|safetensors)(\.gz)?$/i.test(name)))
  if (files.length === 1) return fromFile(join(folder, files[0]), options)
  if (files.length > 1)
    throw new InputError(`holds several files of images: ${files.join(', ')}`, { where: folder, fix: 'name one of them' })
  throw new InputError(`holds no images${names.length > 0 ? `, but ${counted(names)}` : ''}`, { where: folder, fix: `give ${understood}` })
}

/** So deep it is looked for images: deep enough to refuse those that lie below their classes. */
const mostFolders = 3

/** Files by their paths in a folder. What has the name of an image is one: a look at each of many thousands would take seconds. */
async function filesUnder(folder: string, folders = mostFolders): Promise<string[]> {
  const found = await Promise.all(
    (await namesIn(folder)).map(async (name) => {
      const path = join(folder, name)
      if (isImage(name) || (await kindOf(path)) !== 'folder') return [name]
      return folders === 0 ? [] : (await filesUnder(path, folders - 1)).map((inner) => `${name}/${inner}`)
    }),
  )
  return found.flat()
}

/** @throws InputError for images of which some would be left out, or be of no class, by where they lie. */
function refuseUneven(pictures: readonly string[], where: string): void {
  const depthOf = (name: string) => name.split('/').length
  const other = pictures.find((name) => depthOf(name) !== depthOf(pictures[0]))
  const fix = 'give a folder of images, or of one subfolder a class'
  if (other !== undefined)
    throw new InputError(`holds images both in a folder and in its subfolders, such as ${pictures[0]} and ${other}`, { where, fix })
  if (depthOf(pictures[0]) > 2) throw new InputError(`holds images below its subfolders only, such as ${pictures[0]}`, { where, fix })
}

function sayLeftOut(names: readonly string[], { log }: TrainingImageOptions): void {
  const others = names.filter((name) => !isImage(name))
  if (others.length > 0) log?.(`left out: ${counted(others)}`)
}

const counted = (names: readonly string[]): string => {
  const endings = [...new Set(names.map((name) => extname(name).toLowerCase() || 'no ending'))].sort()
  return `${names.length} ${names.length === 1 ? 'file' : 'files'} (${endings.join(', ')})`
}

async function fromFile(path: string, options: TrainingImageOptions): Promise<TrainingImages> {
  const content = await readContent(path)
  const begins = (...bytes: number[]) => bytes.every((byte, i) => content[i] === byte)
  if (isTar(content)) {
    const members = [...untar(content, path)]
    const names = members.map(([name]) => name)
    const files = members.filter(([name]) => isImage(name))
    if (files.length === 0) throw new InputError('holds no images', { where: path, fix: `give ${understood}` })
    sayLeftOut(names, options)
    return fromPictures(
      files.map(([name, bytes]) => ({ where: `${path}: ${name}`, name, bytes: async () => bytes })),
      path,
      options,
    )
  }
  if (begins(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59)) return fromArrays({ x: parseNpy(content, path) }, content, path, options)
  if (begins(0x50, 0x4b, 3, 4)) return fromArrays(parseNpz(content, path), content, path, options)
  if (/\.safetensors$/i.test(path)) return fromArrays(readSafetensors(content, path).tensors, content, path, options)
  if (begins(0, 0) && content[2] >= 8 && content[2] <= 14) {
    const labels = await findIdxLabels(path).catch(() => undefined)
    const y = labels === undefined ? undefined : parseIdx(await readContent(labels), { where: labels })
    return fromArrays({ x: parseIdx(content, { where: path }), ...(y && { y }) }, content, path, options)
  }
  if (isImage(path)) return fromTiles(imageFile(dirname(path), basename(path)), options)
  throw new InputError('is not a kind of images that is understood', { where: path, fix: `give ${understood}` })
}

const describe = (path: string, ...contents: Uint8Array[]): Provenance => ({
  name: basename(path),
  real: true,
  source: path,
  sha256: sha256(...contents),
})

function decoding({ damaged = 'refuse', log, ...options }: TrainingImageOptions): DecodeOptions {
  return damaged === 'skip' ? { ...options, onDamaged: ({ message }) => log?.(`left out: ${message}`) } : options
}

async function fromPictures(pictures: readonly EncodedImage[], path: string, options: TrainingImageOptions): Promise<TrainingImages> {
  if (options.tile !== undefined) throw new InputError('tiles are cut from one picture', { where: path, fix: 'name the picture' })
  refuseRange(options, path)
  const { images, kept } = await decodeImages(pictures, decoding(options))
  const names = kept.map((i) => pictures[i].name)
  const hashes = await Promise.all(
    kept.map(async (i) => new TextEncoder().encode(`${pictures[i].name}\0${sha256(await pictures[i].bytes())}`)),
  )
  return { x: symmetric(images, [0, 1], path), ...byFolder(names), names, provenance: describe(path, ...hashes) }
}

/** Classes by the folders that images lie in, where there are several. */
function byFolder(names: readonly string[]): Pick<TrainingImages, 'labels' | 'classes'> {
  const folders = names.map((name) => (name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : ''))
  const classes = [...new Set(folders)].sort()
  if (classes.length < 2 || classes.includes('')) return {}
  const data = Int32Array.from(folders, (folder) => classes.indexOf(folder))
  return { labels: ndarray(data, [names.length], 'int32'), classes }
}

async function fromTiles(picture: EncodedImage, options: TrainingImageOptions): Promise<TrainingImages> {
  if (options.tile === undefined) throw new InputError('is one picture only', { where: picture.where, fix: `give ${understood}` })
  refuseRange(options, picture.where)
  const { tile, size: _, ...rest } = options
  const { images } = await decodeImages([picture], { ...rest })
  const x = sized(tilesOf(images, tile, picture.where), options, picture.where)
  return { x: symmetric(x, [0, 1]), names: numbered(x.shape[0]), provenance: describe(picture.where, await picture.bytes()) }
}

const xNames = ['x', 'x_train', 'images', 'train_images', 'samples', 'data']
const yNames = ['y', 'y_train', 'labels', 'train_labels', 'targets']

function fromArrays(
  arrays: Readonly<Record<string, NDArray>>,
  content: Uint8Array,
  path: string,
  options: TrainingImageOptions,
): TrainingImages {
  const find = (names: readonly string[]) => Object.entries(arrays).find(([name]) => names.includes(name.toLowerCase()))?.[1]
  const given = find(xNames) ?? (Object.keys(arrays).length === 1 ? Object.values(arrays)[0] : undefined)
  if (!given)
    throw new InputError(`holds ${Object.keys(arrays).join(', ') || 'no arrays'}`, {
      where: path,
      fix: `call the images ${xNames[0]} or ${xNames[2]}`,
    })
  if (given.shape.length < 3)
    throw new InputError(`shape [${given.shape}] is not that of images`, {
      where: path,
      fix: 'give [n, height, width] or [n, channels, height, width]',
    })
  if (!isFloat(given.dtype)) refuseRange(options, path)
  // Whole numbers 0 to 255 become 0 to 1 there.
  const { x: images } = inputsOf(given, path)
  const range = isFloat(given.dtype) ? (options.range ?? rangeOf(images.data, path)) : ([0, 1] as const)
  const x = symmetric(sized(images, options, path), range, path)
  return { x, ...labelled(find(yNames), x.shape[0], path), names: numbered(x.shape[0]), provenance: describe(path, content) }
}

function refuseRange({ range }: TrainingImageOptions, where: string): void {
  if (range) throw new InputError('a range is of arrays of floats; these have that of their type', { where, fix: 'leave the range out' })
}

/** 0 to 1 or −1 to 1, whichever the values fit. */
function rangeOf(data: ArrayLike<number>, where: string): readonly [number, number] {
  const [low, high] = extremes(data)
  if (low >= 0 && high <= 1) return [0, 1]
  if (low >= -1 && high <= 1) return [-1, 1]
  throw new InputError(`values go from ${low} to ${high}, neither within 0 to 1 nor within -1 to 1`, {
    where,
    fix: 'scale them to 0 to 1, or state their range (--range 0,255, of commands that have it)',
  })
}

function labelled(y: NDArray | undefined, count: number, where: string): Pick<TrainingImages, 'labels' | 'classes'> {
  if (!y) return {}
  if (y.data.length !== count) throw new InputError(`${count} images do not go with ${y.data.length} labels`, { where })
  const values = [...new Set(Array.from(y.data))].sort((a, b) => a - b)
  if (values.length < 2) return {}
  const places = new Map(values.map((value, i) => [value, i]))
  return {
    labels: ndarray(
      Int32Array.from(y.data, (value) => places.get(value)!),
      [count],
      'int32',
    ),
    classes: values.map(String),
  }
}

/** Images that are arrays, in the size and channels that are asked for. */
function sized(images: NDArray, { size, channels }: TrainingImageOptions, where: string): NDArray {
  const [, own, height, width] = images.shape
  const toned = channels && channels !== own ? withChannels(images, channels) : images
  const [h, w] = size === undefined ? [height, width] : typeof size === 'number' ? [size, size] : size
  if (h === height && w === width) return toned
  if (height % h === 0 && width % w === 0 && height / h === width / w) return meanPooled(toned, height / h)
  throw new InputError(`images of ${height} by ${width} cannot be made ${h} by ${w}`, { where, fix: 'give a size that divides theirs' })
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i))

/**
 * The images at `indices`, with all that belongs to them.
 *
 * @example
 * const image = { shape: [2, 1, 1, 1], dtype: 'float32', data: Float32Array.of(-1, 1) } as const
 * const provenance = { name: 'two', real: false, source: 'here', sha256: '' }
 * someImages({ x: image, names: ['a', 'b'], provenance }, [1]).names // ['b']
 */
export function someImages(images: TrainingImages, indices: readonly number[]): TrainingImages {
  const { x, labels, names } = images
  const picked = rows({ x, ...(labels && { labels }) }, indices)
  return { ...images, ...picked, names: indices.map((i) => names[i]) }
}
