import type { NDArray } from '../engine/array.ts'
import { builtin } from '../engine/builtin.ts'
import { InputError } from '../engine/errors.ts'
import { namesIn } from './files.ts'

const { basename, dirname, join } = builtin('node:path')

/* IDX data comes as two files: images, and labels beside them under a name that differs in "images" → "labels" and "idx3" → "idx1". */

/** Whether a file name is that of IDX images (MNIST's naming, .idx, plain or gzip). */
export const isIdxImages = (name: string): boolean => /images.*(idx|ubyte)/i.test(name)

/** The labels' path for an images' path. @throws InputError if there is none beside it. */
export async function findIdxLabels(imagesPath: string): Promise<string> {
  const plain = (name: string) => name.replace(/\.gz$/, '')
  const wanted = plain(basename(imagesPath))
    .replace(/images/i, 'labels')
    .replace(/idx\d/, 'idx1')
  const found = (await namesIn(dirname(imagesPath))).find((name) => plain(name) === wanted)
  if (found && plain(basename(imagesPath)) !== wanted) return join(dirname(imagesPath), found)
  throw new InputError(`there is no file of labels beside it (looked for ${wanted})`, {
    where: imagesPath,
    fix: 'name the pair …images… and …labels…',
  })
}

/** @throws InputError unless images are [n, height, width] and labels [n]. */
export function requireImagesAndLabels(images: NDArray, labels: NDArray, where: string): void {
  if (images.shape.length !== 3)
    throw new InputError(`images have shape [${images.shape.join(', ')}] instead of [n, height, width]`, { where })
  if (labels.shape.length !== 1 || labels.shape[0] !== images.shape[0]) {
    throw new InputError(`${images.shape[0]} images do not go with labels of shape [${labels.shape.join(', ')}]`, { where })
  }
}
