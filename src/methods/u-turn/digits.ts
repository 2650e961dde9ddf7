import { digitImages, type LocateOptions, loadMnist, type Provenance } from '../../data/index.ts'
import { type Split, splitsOf } from '../../experiment/index.ts'
import type { RealData } from './real-data.ts'

/** Height and width of the digits, a half of MNIST's. */
const side = 14

export interface Digits extends RealData {
  readonly labels: Int32Array
}

/** The digits of the experiment: 7,000 to train on, to start from and to copy; 3,000 to measure quality against. */
export async function loadDigits(options: LocateOptions): Promise<{ value: Digits; provenance: Provenance; splits: Split[] }> {
  const { images, labels, provenance } = await loadMnist(options)
  const { train, heldOut } = digitImages({ images, labels }, { side })
  const parts = { train: { ids: train.indices, x: train.x }, heldOut: { ids: heldOut.indices, x: heldOut.x } }
  return {
    value: { train: train.x, heldOut: heldOut.x, labels: Int32Array.from(train.labels.data) },
    provenance,
    splits: splitsOf(provenance.name, 'row', parts),
  }
}
