import { type NDArray, ndarray, sizeOf } from '../../../engine/index.ts'
import { eigh } from '../../../engine/kernels/spectra.ts'
import { nearest } from '../../../kits/generative/index.ts'
import type { Outcome, Scene } from './attack.ts'

/*
 * Attacks on what a model samples, for models that can be asked nothing else: the nearer the samples, the likelier a member.
 */

/** Beyond so many elements a covariance is not decomposed: distances are then those of the elements. */
const mostElements = 1024
const components = 40

const flat = ({ shape: [n, ...shape], data }: NDArray): NDArray => ndarray(Float32Array.from(data), [n, sizeOf(shape)], 'float32')

/** Projections of several sets onto the first principal components of the first one. */
function projected(sets: readonly NDArray[], count = components): NDArray[] {
  const [{ shape, data }] = sets
  const [n, d] = shape
  if (d <= count || d > mostElements) return [...sets]
  const mean = new Float64Array(d)
  data.forEach((value, k) => {
    mean[k % d] += value / n
  })
  const covariance = new Float64Array(d * d)
  for (let row = 0; row < n; row++)
    for (let i = 0; i < d; i++) {
      const a = data[row * d + i] - mean[i]
      for (let j = 0; j <= i; j++) covariance[i * d + j] += (a * (data[row * d + j] - mean[j])) / n
    }
  for (let i = 0; i < d; i++) for (let j = i + 1; j < d; j++) covariance[i * d + j] = covariance[j * d + i]
  const { values, vectors } = eigh(covariance, d)
  const largest = Array.from(values.keys())
    .sort((a, b) => values[b] - values[a])
    .slice(0, count)
  return sets.map((set) => {
    const out = new Float32Array(set.shape[0] * count)
    for (let row = 0; row < set.shape[0]; row++)
      for (const [k, column] of largest.entries()) {
        let sum = 0
        for (let i = 0; i < d; i++) sum += (set.data[row * d + i] - mean[i]) * vectors[i * d + column]
        out[row * count + k] = sum
      }
    return ndarray(out, [set.shape[0], count], 'float32')
  })
}

/** The share of samples within the median over records of the distance to the nearest one, on 40 principal components (Hilprecht et al. 2019). */
export async function monteCarlo({ target, records, samples, seed }: Scene): Promise<Outcome> {
  const [drawn, own] = projected([flat(await target.sample!(samples, seed)), flat(records)])
  const { distances } = await nearest(own, drawn, drawn.shape[0])
  const each = drawn.shape[0]
  const closest = Float64Array.from({ length: own.shape[0] }, (_, n) => distances[n * each])
  const radius = closest.slice().sort()[Math.floor(closest.length / 2)]
  const share = closest.map((_, n) => {
    let within = 0
    for (let k = 0; k < each; k++) within += Number(distances[n * each + k] <= radius)
    return within / each
  })
  return { variants: { median: share }, usual: 'median', queries: 0 }
}

/** −(distance to the nearest sample of the target − that to the nearest of the reference) (Chen et al. 2020, full black box); without a reference the first part. */
export async function ganLeaks({ target, reference, records, samples, seed }: Scene): Promise<Outcome> {
  const own = flat(records)
  const closest = async (subject: Scene['target'], seed: number) =>
    (await nearest(own, flat(await subject.sample!(samples, seed)))).distances
  const near = await closest(target, seed)
  const far = reference?.sample && (await closest(reference, seed + 1))
  return { variants: { nearest: Float64Array.from(near, (distance, n) => (far ? far[n] : 0) - distance) }, usual: 'nearest', queries: 0 }
}
