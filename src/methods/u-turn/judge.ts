import {
  bareFeatures,
  type FeatureNetwork,
  featureNetwork,
  featureRecipe,
  loadFeatureNetwork,
  randomFeatureRecipe,
} from '../../kits/generative/index.ts'
import type { RealData } from './real-data.ts'

/** Smaller images have no room for three poolings. */
const leastForConvolutions = 8

/**
 * What FID, KID and classes are judged by: a network that is given, one trained on the labels, random features where there are none, the numbers themselves
 * where the data are no images.
 */
export async function judgeFor(
  { train, labels }: RealData,
  { features, log, progress }: { features?: string; log(line: string): void; progress(done: number, total: number): Promise<void> },
): Promise<FeatureNetwork> {
  if (features !== undefined) return loadFeatureNetwork(features)
  const shape = train.shape.slice(1)
  if (shape.length !== 3) return bare(shape)
  if (labels)
    return featureNetwork(featureRecipe(shape), { images: train, labels }, { log, progress: (done, total) => progress(done, total) })
  const isSmall = Math.min(shape[1], shape[2]) < leastForConvolutions
  return featureNetwork(isSmall ? featureRecipe(shape, { steps: 0 }) : randomFeatureRecipe(shape), { images: train }, { log })
}

const bare = (shape: readonly number[]): FeatureNetwork => ({
  hash: 'none',
  about: 'the numbers themselves',
  width: shape.reduce((product, extent) => product * extent, 1),
  features: async (images) => bareFeatures(images),
})
