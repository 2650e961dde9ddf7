import type { NDArray } from '../engine/array.ts'
import { InputError } from '../engine/errors.ts'
import { rows } from './dataset.ts'
import type { Mnist } from './mnist.ts'
import { meanPooled, symmetric } from './pixels.ts'

/** Digits as generative models take them. */
export interface DigitImages {
  /** float32 [n, 1, side, side], −1 (background) to 1. */
  readonly x: NDArray
  /** int32 [n], 0 to 9. */
  readonly labels: NDArray
  /** Their places in the data set. */
  readonly indices: readonly number[]
}

/** Last figures of the indices that are held out: three tenths. */
const heldOutEndings = [0, 3, 6]

/**
 * MNIST for generative models: scaled to −1 … 1, made smaller by means (14: 2 × 2, 7: 4 × 4), split by index: index mod 10 in {0, 3, 6} is held out, the
 * rest training. Never by position: the halves of the file differ in quality.
 *
 * @throws InputError for a side that does not divide that of the images.
 * @example
 * const digits = generateDigits({ count: 20, seed: 0 })
 * const { train, heldOut } = digitImages(digits, { side: 14 })
 * heldOut.x.shape // [6, 1, 14, 14]
 */
export function digitImages(
  { images, labels }: Pick<Mnist, 'images' | 'labels'>,
  { side = 28 }: { side?: number } = {},
): { train: DigitImages; heldOut: DigitImages } {
  const [count, height, width] = images.shape
  if (height % side > 0) throw new InputError(`digits of ${height} by ${width} cannot be made ${side} by ${side}`)
  const small = meanPooled(symmetric({ ...images, shape: [count, 1, height, width] }, [0, 255]), height / side)
  const part = (isHeldOut: boolean): DigitImages => {
    const indices = Array.from({ length: count }, (_, i) => i).filter((i) => heldOutEndings.includes(i % 10) === isHeldOut)
    return { ...rows({ x: small, labels }, indices), indices }
  }
  return { train: part(false), heldOut: part(true) }
}
