import { sha256 } from '../../data/files.ts'
import { type LocateOptions, loadMnist, type Provenance, rows } from '../../data/index.ts'
import { type NDArray, ndarray } from '../../engine/index.ts'
import { type Split, splitsOf } from '../../experiment/index.ts'

/** Digits of one size in [−1, 1], float32 [n, 1, side, side]. */
export interface Digits {
  readonly train: NDArray
  /** int32, one an image of `train`. */
  readonly labels: NDArray
  readonly heldOut: NDArray
  /** SHA-256 of the training images. */
  readonly name: string
}

/** By their side. */
export type Data = Readonly<Record<number, Digits>>

/** Digits at these places of every ten are held out: by index, never by position, for the halves of the file differ in quality. */
const heldOutPlaces = [0, 3, 6]

/** Which images of so many are trained on, and which are held out. */
export function splitOf(count: number): { train: number[]; heldOut: number[] } {
  const all = Array.from({ length: count }, (_, i) => i)
  const isHeldOut = (i: number) => heldOutPlaces.includes(i % 10)
  return { train: all.filter((i) => !isHeldOut(i)), heldOut: all.filter(isHeldOut) }
}

/** The digits in these sizes. */
export async function loadDigits(
  sides: readonly number[],
  options: LocateOptions,
): Promise<{ provenance: Provenance; value: Data; splits: Split[] }> {
  const mnist = await loadMnist(options)
  const ids = splitOf(mnist.labels.shape[0])
  const value = Object.fromEntries(
    sides.map((side) => {
      const images = pooled(mnist.images, side)
      const [train, heldOut] = [ids.train, ids.heldOut].map((indices) => rows({ x: images }, indices).x)
      const { data } = train
      const digits: Digits = {
        train,
        heldOut,
        labels: rows({ y: mnist.labels }, ids.train).y,
        name: sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
      }
      return [side, digits]
    }),
  )
  const first = value[sides[0]]
  const parts = { train: { ids: ids.train, x: first.train }, 'held-out': { ids: ids.heldOut, x: first.heldOut } }
  return { provenance: mnist.provenance, value, splits: splitsOf(mnist.provenance.name, 'row', parts) }
}

/**
 * Images [n, 28, 28] of 0 to 255 as means over blocks, [n, 1, side, side] in [−1, 1].
 *
 * @example
 * import { generateDigits } from 'quire/data'
 *
 * pooled(generateDigits({ count: 2, seed: 0 }).images, 7).shape // [2, 1, 7, 7]
 */
export function pooled({ shape: [count, height, width], data }: NDArray, side: number): NDArray {
  const size = height / side
  const found = new Float32Array(count * side * side)
  for (let i = 0; i < data.length; i++) {
    const [image, row, column] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width]
    found[(image * side + Math.floor(row / size)) * side + Math.floor(column / size)] += (data[i] as number) / (size * size)
  }
  return ndarray(
    found.map((mean) => mean / 127.5 - 1),
    [count, 1, side, side],
    'float32',
  )
}
