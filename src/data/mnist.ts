import { type NDArray, ndarray } from '../engine/array.ts'
import { InputError } from '../engine/errors.ts'
import { rows } from './dataset.ts'
import { generateDigits } from './digits.ts'
import { kindOf, readContent, sha256 } from './files.ts'
import { parseIdx } from './idx.ts'
import { findIdxLabels, requireImagesAndLabels } from './idx-pair.ts'
import { type LocateOptions, locate } from './locate.ts'
import { mnistSource, type Provenance } from './sources.ts'
import { everyFifth } from './split.ts'

export interface Mnist {
  /** float32 [n, 28, 28], 0 (background) to 255; n is 10,000 unless the files are the user's own. */
  readonly images: NDArray
  /** int32 [n], 0 to 9. */
  readonly labels: NDArray
  readonly provenance: Provenance
}

/**
 * The 10,000 images of MNIST's test part: from `data`, QUIRE_DATA, ../shared/data, the cache or a download; where none of these has them, drawn by
 * `generateDigits` and marked `real: false`. `data` may also name an IDX file of images (its labels lie beside it): then those are taken unchecked.
 *
 * @throws InputError for a `data` that holds no MNIST, a wrong checksum (with both sums), a damaged file.
 * @example
 * const mnist = await loadMnist({ log: console.error })
 * if (!mnist.provenance.real) console.error('these digits are generated')
 */
export async function loadMnist(options: LocateOptions = {}): Promise<Mnist> {
  if (options.data !== undefined && (await kindOf(options.data)) === 'file') return readPair(options.data)
  const found = await locate(mnistSource, options)
  if (!found) return generated(options.log)
  const [images, labels] = found.contents
  return {
    images: parseIdx(images, { dtype: 'float32', where: found.provenance.source }),
    labels: parseIdx(labels, { where: found.provenance.source }),
    provenance: found.provenance,
  }
}

async function readPair(path: string): Promise<Mnist> {
  const labelsPath = await findIdxLabels(path)
  const contents = [await readContent(path), await readContent(labelsPath)]
  const images = parseIdx(contents[0], { dtype: 'float32', where: path })
  const labels = parseIdx(contents[1], { where: labelsPath })
  requireImagesAndLabels(images, labels, path)
  if (images.shape[1] !== 28 || images.shape[2] !== 28)
    throw new InputError(`images are ${images.shape.slice(1).join(' by ')}, MNIST's are 28 by 28`, { where: path })
  const sums = contents.map((content) => sha256(content))
  const isMnist = mnistSource.files.every((file, i) => file.sha256 === sums[i])
  return {
    images,
    labels,
    provenance: { name: isMnist ? mnistSource.name : 'own data', real: true, source: path, sha256: sha256(...contents) },
  }
}

const generatedCount = 10_000

function generated(log: LocateOptions['log']): Mnist {
  log?.(`${mnistSource.name}: not available; ${generatedCount} digits are generated instead (real: false)`)
  const { images, labels } = generateDigits({ count: generatedCount, seed: 0 })
  const bytes = [Uint8Array.from(images.data), Uint8Array.from(labels.data)]
  const source = `generateDigits({ count: ${generatedCount}, seed: 0 })`
  return { images, labels, provenance: { name: 'generated-digits', real: false, source, sha256: sha256(...bytes) } }
}

/**
 * The split that the experiments use: index mod 5 == 0 is the test part, for MNIST 2,000 images, the rest training. By index, not by position, since
 * the first half of the file is cleaner than the second.
 * @example
 * const { train, test } = mnistSplit(await loadMnist())
 */
export function mnistSplit({ images, labels }: Pick<Mnist, 'images' | 'labels'>): { train: MnistPart; test: MnistPart } {
  const { train, test } = everyFifth(labels.shape[0])
  const all: MnistPart = { x: images, y: labels }
  return { train: rows(all, train), test: rows(all, test) }
}

/** Examples as columns: x float32 [n, 28, 28], y int32 [n]. */
export type MnistPart = { readonly x: NDArray; readonly y: NDArray }

/**
 * (x/255 - 0.1307)/0.3081 as float32: pixels 0..255 to about mean 0 and deviation 1 over MNIST. Background becomes -0.424, not 0.
 *
 * @example
 * normalize({ data: Float32Array.of(0, 255), shape: [2], dtype: 'float32' }).data.length // 2
 */
export function normalize({ shape, data }: NDArray): NDArray {
  const out = new Float32Array(data.length)
  for (let i = 0; i < out.length; i++) out[i] = (data[i] / 255 - 0.1307) / 0.3081
  return ndarray(out, shape, 'float32')
}
