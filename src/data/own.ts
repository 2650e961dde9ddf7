import type { NDArray } from '../engine/array.ts'
import { builtin } from '../engine/builtin.ts'
import { InputError } from '../engine/errors.ts'
import { readSafetensors } from '../engine/safetensors.ts'
import { type CsvOptions, parseCsv } from './csv.ts'
import { decodeText, kindOf, namesIn, readContent, sha256 } from './files.ts'
import { parseIdx } from './idx.ts'
import { findIdxLabels, isIdxImages, requireImagesAndLabels } from './idx-pair.ts'
import { type ImageOptions, isImageFolder, loadImageFolder } from './images.ts'
import { parseNpy, parseNpz } from './npy.ts'
import { type ImageShape, inputsOf, type Labels, labelsOf } from './own-arrays.ts'
import type { Provenance } from './sources.ts'

const { createHash } = builtin('node:crypto')
const { basename, join } = builtin('node:path')

export type OwnDataOptions = Omit<CsvOptions, 'where'> & ImageOptions

/** Somebody's own data, ready for a classifier. */
export interface OwnData {
  /** float32: [n, features], values as they are; or [n, channels, height, width], where whole-number pixels 0..255 have become 0..1. */
  readonly x: NDArray
  /** int32 [n]: indices into `classes`. */
  readonly y: NDArray
  readonly classes: readonly string[]
  /** Of a CSV file. */
  readonly featureNames?: readonly string[]
  /** Which group each row is of, where a column was named. */
  readonly groups?: readonly string[]
  /** Of images. */
  readonly imageShape?: ImageShape
  /** Where the data brings a test part of its own (MNIST's pair of pairs, x_test and y_test), encoded like the rest. */
  readonly test?: { readonly x: NDArray; readonly y: NDArray }
  readonly provenance: Provenance
}

const understood =
  'a CSV file with a header, IDX images with labels beside them, .npz or .safetensors with x and y, x.npy with y.npy, or a folder of images with one subfolder a class'

/**
 * Reads whatever the user points to: a CSV table, IDX images (their labels lie beside them), .npz or .safetensors with x and y, x.npy with y.npy beside it, a
 * folder of images with one subfolder a class, or a folder that holds one of these. Files may be gzip; what they are is told by content before name.
 *
 * @throws InputError in one line for what is not understood, is damaged, or holds NaN, infinity or labels that are no classes.
 * @example
 * import { writeFileSync } from 'node:fs'
 *
 * writeFileSync('flowers.csv', 'width,kind\n1.5,rose\n2,tulip\n')
 * const { x, classes } = await loadTabularOrImages('flowers.csv', { target: 'kind' })
 * classes // ['rose', 'tulip']
 */
export async function loadTabularOrImages(path: string, options: OwnDataOptions = {}): Promise<OwnData> {
  const kind = await kindOf(path)
  if (kind === 'absent') throw new InputError('there is no such file or folder', { where: path, fix: 'check the path' })
  const own = await (kind === 'folder' ? readFolder(path, options) : readFile(path, options))
  if (!own.featureNames) refuseColumns(options, path)
  return own
}

/** Only a CSV file has columns: whoever names one means other data, or another file. */
function refuseColumns({ target, group, drop = [], categorical = [] }: OwnDataOptions, where: string): void {
  const named = Object.entries({ target, group, drop: drop[0], categorical: categorical[0] }).find(([, column]) => column !== undefined)
  if (!named) return
  const [option, column] = named
  throw new InputError(`there is no column "${column}": only a CSV file has columns`, { where, fix: `leave --${option} out` })
}

async function readFolder(folder: string, options: OwnDataOptions): Promise<OwnData> {
  const names = await namesIn(folder)
  const idx = names.filter(isIdxImages)
  if (idx.length > 0) return readIdxFolder(folder, idx)
  if (await isImageFolder(folder)) return readImages(folder, options)
  const files = names.filter((name) => /\.(csv|tsv|npz|safetensors)(\.gz)?$|^x\.npy$/i.test(name))
  if (files.length === 1) return readFile(join(folder, files[0]), options)
  const what = files.length === 0 ? 'holds no data that is understood' : `holds several data files: ${files.join(', ')}`
  throw new InputError(what, { where: folder, fix: files.length === 0 ? `give ${understood}` : 'name one of them' })
}

async function readFile(path: string, options: OwnDataOptions): Promise<OwnData> {
  const content = await readContent(path)
  const name = basename(path).replace(/\.gz$/i, '').toLowerCase()
  const begins = (...bytes: number[]) => bytes.every((byte, i) => content[i] === byte)
  const provenance = { name: basename(path), real: true, source: path, sha256: sha256(content) }
  if (begins(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59)) return readNpyPair(path, content)
  if (begins(0x50, 0x4b, 3, 4)) return { ...fromArrays(parseNpz(content, path), path), provenance }
  if (name.endsWith('.safetensors')) return { ...fromArrays(readSafetensors(content, path).tensors, path), provenance }
  if (begins(0, 0) && content[2] >= 8 && content[2] <= 14) return readIdxPairs([path])
  if (/\.(csv|tsv|txt|data)$/.test(name)) {
    const { x, y, classes, featureNames, groups } = await parseCsv(decodeText(content, path), { ...options, where: path })
    return { x, y, classes, featureNames, ...(groups && { groups }), provenance }
  }
  throw new InputError('is not a kind of data that is understood', { where: path, fix: `give ${understood}` })
}

/** MNIST's own layout has a training pair and a test pair in one folder; the training pair comes first. */
function readIdxFolder(folder: string, names: string[]): Promise<OwnData> {
  const isTest = (name: string) => /^(t10k|test)/i.test(name)
  const unique = names.filter((name) => !names.includes(`${name}.gz`))
  if (unique.length > 2 || unique.filter((name) => !isTest(name)).length > 1) {
    throw new InputError(`holds several IDX files of images: ${unique.join(', ')}`, { where: folder, fix: 'name one of them' })
  }
  unique.sort((a, b) => Number(isTest(a)) - Number(isTest(b)))
  return readIdxPairs(unique.map((name) => join(folder, name)))
}

async function readIdxPairs([path, testPath]: string[]): Promise<OwnData> {
  const train = await readIdxPair(path)
  const test = testPath === undefined ? undefined : await readIdxPair(testPath)
  const contents = [...train.contents, ...(test?.contents ?? [])]
  const source = [path, testPath].filter(Boolean).join(' and ')
  return { ...encoded(train, test, path), provenance: { name: basename(path), real: true, source, sha256: sha256(...contents) } }
}

async function readIdxPair(path: string): Promise<Part & { contents: Uint8Array[] }> {
  const content = await readContent(path)
  const images = parseIdx(content, { where: path })
  const labelsPath = await findIdxLabels(path)
  const labelsContent = await readContent(labelsPath)
  const labels = parseIdx(labelsContent, { where: labelsPath })
  requireImagesAndLabels(images, labels, path)
  return { x: images, y: labels, contents: [content, labelsContent] }
}

async function readNpyPair(path: string, content: Uint8Array): Promise<OwnData> {
  const labelsPath = path.replace(/x(?=[^/\\]*\.npy(\.gz)?$)/i, (letter) => (letter === 'x' ? 'y' : 'Y'))
  if (labelsPath === path || (await kindOf(labelsPath)) !== 'file') {
    throw new InputError('the labels are missing', {
      where: path,
      fix: 'name the two files x.npy and y.npy, or save both in one .npz as x and y',
    })
  }
  const labels = await readContent(labelsPath)
  const data = encoded({ x: parseNpy(content, path), y: parseNpy(labels, labelsPath) }, undefined, path)
  return { ...data, provenance: { name: basename(path), real: true, source: `${path} and ${labelsPath}`, sha256: sha256(content, labels) } }
}

type Part = { x: NDArray; y: NDArray }

const xNames = ['x', 'x_train', 'train_images', 'images', 'data', 'features']
const yNames = ['y', 'y_train', 'train_labels', 'labels', 'targets', 'target']

function fromArrays(arrays: Record<string, NDArray>, where: string): Omit<OwnData, 'provenance'> {
  const find = (names: string[]) => Object.entries(arrays).find(([name]) => names.includes(name.toLowerCase()))?.[1]
  const [x, y, testX, testY] = [xNames, yNames, ['x_test', 'test_images'], ['y_test', 'test_labels']].map(find)
  if (!x || !y) {
    throw new InputError(`holds ${Object.keys(arrays).join(', ') || 'no arrays'}, not x and y`, {
      where,
      fix: 'save the examples as x and the labels as y',
    })
  }
  return encoded({ x, y }, testX && testY ? { x: testX, y: testY } : undefined, where)
}

function encoded(train: Part, test: Part | undefined, where: string): Omit<OwnData, 'provenance'> {
  const { x, imageShape } = inputsOf(train.x, where)
  const { y, classes } = labelsOf(train.y, x.shape[0], where)
  return { x, y, classes, ...(imageShape && { imageShape }), ...(test && { test: encodedTest(test, x, classes, where) }) }
}

function encodedTest(test: Part, trainX: NDArray, classes: Labels['classes'], where: string): Part {
  const { x } = inputsOf(test.x, `${where}: test part`)
  if (x.shape.slice(1).join() !== trainX.shape.slice(1).join()) {
    throw new InputError(`test examples have shape [${x.shape.slice(1).join(', ')}], the others [${trainX.shape.slice(1).join(', ')}]`, {
      where,
    })
  }
  return { x, y: labelsOf(test.y, x.shape[0], `${where}: test part`, classes).y }
}

async function readImages(folder: string, options: OwnDataOptions): Promise<OwnData> {
  const { images, labels, classes, files } = await loadImageFolder(folder, options)
  if (classes.length < 2)
    throw new InputError(`holds one class only, ${classes[0]}`, { where: folder, fix: 'give each class a subfolder of its own' })
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file}\0`).update(sha256(await readContent(join(folder, file))))
  const [, channels, height, width] = images.shape
  const provenance = { name: basename(folder), real: true, source: folder, sha256: hash.digest('hex') }
  return { x: images, y: labels, classes, imageShape: { channels, height, width }, provenance }
}
