import { ndarray } from '../engine/array.ts'
import { decodeImages } from './decode-images.ts'
import { generateDigits } from './digits.ts'
import { sha256 } from './files.ts'
import { type LocateOptions, locate } from './locate.ts'
import { symmetric, tilesOf } from './pixels.ts'
import type { Source } from './sources.ts'
import type { TrainingImages } from './training-images.ts'

/**
 * The picture in Fashion-MNIST's description: 900 of its images.
 *
 * @example
 * fashionSource.name // 'fashion-mnist-sprite'
 */
export const fashionSource: Source = {
  name: 'fashion-mnist-sprite',
  folder: 'fashion-mnist-sprite',
  real: true,
  licence: 'MIT (Zalando SE)',
  files: [
    {
      names: ['fashion-mnist-sprite.png'],
      urls: [
        'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/b2617bb6d3ffa2e429640350f613e3291e10b141/doc/img/fashion-mnist-sprite.png',
      ],
      bytes: 790_450,
      sha256: 'a7de0a151f8c68e6e96f157a018ac290d1f6b0e7845892c3d7d85cb64961c3cb',
    },
  ],
}

const fashionClasses = ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot']
const perClass = 90

/**
 * 900 images of clothes, 90 of each of ten kinds, [900, 1, 28, 28] from −1 to 1. Where they cannot be had, digits are drawn instead, with `real: false`.
 *
 * @example
 * const { x, classes } = await loadFashion()
 * x.shape // [900, 1, 28, 28]
 */
export async function loadFashion(options: LocateOptions = {}): Promise<TrainingImages> {
  const found = await locate(fashionSource, options)
  if (!found) return generated(options.log)
  const [picture] = found.contents
  const where = found.provenance.source
  const { images } = await decodeImages([{ where, name: fashionSource.files[0].names[0], bytes: async () => picture }], { channels: 1 })
  const x = symmetric(tilesOf(images, 28, where), [0, 1])
  // Three rows of 30 tiles a class.
  const labels = Int32Array.from({ length: x.shape[0] }, (_, i) => Math.floor(i / perClass))
  return {
    x,
    labels: ndarray(labels, [labels.length], 'int32'),
    classes: fashionClasses,
    names: placesOf(labels.length),
    provenance: found.provenance,
  }
}

const placesOf = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i))

function generated(log: LocateOptions['log']): TrainingImages {
  log?.(`${fashionSource.name}: not available; digits are generated instead (real: false)`)
  const count = fashionClasses.length * perClass
  const { images, labels } = generateDigits({ count, seed: 2 })
  const x = symmetric({ ...images, shape: [count, 1, 28, 28] }, [0, 255])
  const source = `generateDigits({ count: ${count}, seed: 2 })`
  const provenance = { name: 'generated-digits', real: false, source, sha256: sha256(Uint8Array.from(images.data)) }
  return { x, labels, classes: Array.from({ length: 10 }, (_, digit) => String(digit)), names: placesOf(count), provenance }
}
