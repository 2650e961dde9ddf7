import { loadMnist, type LocateOptions, type Provenance, rows } from '../../data/index.ts'
import { type NDArray, ndarray } from '../../engine/index.ts'
import { type Split, splitsOf } from '../../experiment/index.ts'
import { heldOutSplit, type RealData } from './real-data.ts'

/** Height and width of the digits, a half of MNIST's. */
const side = 14

/**
 * Means of 2 × 2 pixels, from 0..255 to [−1, 1].
 *
 * @param images float32 [n, 28, 28]
 * @returns float32 [n, 1, 14, 14]
 */
export function halvedDigits({ shape: [n], data }: NDArray): NDArray {
  const wide = 2 * side
  const out = new Float32Array(n * side * side)
  for (let i = 0; i < out.length; i++) {
    const [image, row, column] = [Math.floor(i / (side * side)), Math.floor(i / side) % side, i % side]
    const at = (image * wide + 2 * row) * wide + 2 * column
    out[i] = (data[at] + data[at + 1] + data[at + wide] + data[at + wide + 1]) / (4 * 127.5) - 1
  }
  return ndarray(out, [n, 1, side, side], 'float32')
}

export interface Digits extends RealData {
  readonly labels: Int32Array
}

/** The digits of the experiment: 7,000 to train on, to start from and to copy; 3,000 to measure quality against. */
export async function loadDigits(options: LocateOptions): Promise<{ value: Digits; provenance: Provenance; splits: Split[] }> {
  const { images, labels, provenance } = await loadMnist(options)
  const x = halvedDigits(images)
  const { train, heldOut } = heldOutSplit(x.shape[0])
  const value = { train: rows({ x }, train).x, heldOut: rows({ x }, heldOut).x, labels: Int32Array.from(train, (i) => labels.data[i]) }
  const parts = { train: { ids: train, x: value.train }, heldOut: { ids: heldOut, x: value.heldOut } }
  return { value, provenance, splits: splitsOf(provenance.name, 'row', parts) }
}
