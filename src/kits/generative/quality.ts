import { InputError, type NDArray } from '../../engine/index.ts'
import { type CopyReport, copies } from './copies.ts'
import type { FeatureNetwork } from './features/network.ts'
import { fid } from './fid.ts'
import { fidFloor } from './fid-bias.ts'
import { type Interval, scoreInterval } from './intervals.ts'
import { kid } from './kid.ts'
import { type PrecisionRecall, precisionRecall } from './precision-recall.ts'
import { someFeatures } from './subsets.ts'

/** What samples of one model, drawn with several seeds, are worth: all at one n, with one feature network. */
export interface Quality {
  /** Samples of each seed, and as many real examples. */
  readonly n: number
  /** The feature network's hash: compare with nothing that has another. */
  readonly network: string
  /** Against the held-out examples; ± 2 standard errors over the sampling seeds. */
  readonly fid: Interval
  readonly kid: Interval
  /** FID of n training examples against n held-out ones: what no model can be told from perfect below. */
  readonly floor: Interval
  /** Of the first seed's samples. */
  readonly precisionRecall: PrecisionRecall
  /** Of the first seed's samples against the training examples, in the space of the features. FID alone rewards copying. */
  readonly copies: Omit<CopyReport, 'nearest'>
}

export interface QualityData {
  /** Samples [n, ...image] by seed, at least three; equally many each. */
  readonly samples: readonly NDArray[]
  readonly train: NDArray
  /** Real examples that the model was not trained on. */
  readonly heldOut: NDArray
}

/**
 * Everything that should be said of generated images together. Held-out examples are drawn down to the number of samples, so that both sides have n.
 *
 * @throws InputError for fewer than three seeds, unequal counts, or more samples a seed than held-out examples.
 * @example
 * const images = (seed: number) => ({ data: Float32Array.from({ length: 980 }, (_, i) => Math.sin(seed + i * i)), shape: [20, 1, 7, 7], dtype: 'float32' }) as const
 * const network = await featureNetwork(featureRecipe([1, 7, 7], { steps: 0 }), { images: images(0) })
 * const { floor } = await quality(network, { samples: [images(1), images(2), images(3)], train: images(4), heldOut: images(5) })
 * floor.values.length // 3
 */
export async function quality(network: FeatureNetwork, { samples, train, heldOut }: QualityData, { seed = 0 } = {}): Promise<Quality> {
  const n = samples[0]?.shape[0] ?? 0
  if (samples.some(({ shape }) => shape[0] !== n)) throw new InputError('the seeds have unequal numbers of samples')
  if (n > heldOut.shape[0])
    throw new InputError(`${n} samples cannot be held against ${heldOut.shape[0]} held-out examples`, { fix: 'score fewer samples' })
  const [known, unseen] = [await network.features(train), await network.features(heldOut)]
  const real = someFeatures(unseen, n, seed)
  const scored: { fid: Awaited<ReturnType<typeof fid>>; kid: Awaited<ReturnType<typeof kid>> }[] = []
  const made = await Promise.all(samples.map((images) => network.features(images)))
  for (const features of made) scored.push({ fid: await fid(features, real), kid: await kid(features, real, { seed }) })
  const { nearest: _, ...copied } = await copies(made[0].rows, known.rows, { heldOut: unseen.rows, seed })
  return {
    n,
    network: network.hash,
    fid: scoreInterval(scored.map(({ fid }) => fid)),
    kid: scoreInterval(scored.map(({ kid }) => kid)),
    floor: await fidFloor(known, unseen, { n: Math.min(n, known.rows.shape[0]), seed }),
    precisionRecall: await precisionRecall(made[0], real),
    copies: copied,
  }
}
