import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError, type NDArray, ndarray } from '../../engine/index.ts'
import type { Scale } from '../../kits/classifier/index.ts'
import type { ClassPair } from './own-examples.ts'

/** A plane on features as they are: the positive class where Σ weights·x + bias > 0. */
export const planeSchema = z.object({
  positive: z.string(),
  negative: z.string(),
  weights: z.array(z.number()),
  bias: z.number(),
  /** Subtracted from and divided by, feature by feature, before the margin is measured. Margins depend on it, classes do not. */
  standardized: z.object({ mean: z.array(z.number()), deviation: z.array(z.number()) }).optional(),
})
export type Plane = z.output<typeof planeSchema>

/** What `certify` needs of a plane. */
const measurable = planeSchema.pick({ weights: true, bias: true, standardized: true })
export type MeasurablePlane = z.output<typeof measurable>

export const planesFile = 'classifier.json'

/** Reads the plane that `fit` wrote, of several the one that tells these classes apart; or any JSON with weights and bias. */
export async function readPlane(path: string, classes: ClassPair): Promise<MeasurablePlane> {
  const file = path.endsWith('.json') ? path : join(path, planesFile)
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new InputError('there is no such classifier', {
      where: file,
      fix: 'give the folder or the classifier.json that fit wrote',
      cause,
    })
  })
  const content = jsonOf(text, file)
  const several = z.object({ planes: z.array(planeSchema) }).safeParse(content)
  if (several.success) return planeOf(several.data.planes, classes, file)
  const parsed = measurable.safeParse(content)
  if (!parsed.success)
    throw new InputError('is no classifier', { where: file, fix: 'it needs "weights", a list of numbers, and "bias", a number' })
  return parsed.data
}

/** A pair may be named either way round; a plane has two sides. */
function planeOf(planes: readonly Plane[], { positive, negative = 'the rest' }: ClassPair, where: string): Plane {
  const found = planes.find((plane) => plane.positive === positive && plane.negative === negative)
  if (found) return found
  const turned = planes.find((plane) => plane.positive === negative && plane.negative === positive)
  if (turned) return { ...turned, positive, negative, weights: turned.weights.map((value) => -value), bias: -turned.bias }
  throw new InputError(`it has no plane between '${positive}' and '${negative}'`, { where, fix: 'name two classes that it was fitted to' })
}

function jsonOf(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InputError('is not JSON', { where, cause })
  }
}

/** Features [n, d] minus the mean, divided by the deviation, in float64. */
export const standardizedBy = (x: NDArray, { mean, deviation }: Scale): NDArray =>
  ndarray(
    Float64Array.from(x.data, (value, k) => (value - mean[k % mean.length]) / deviation[k % mean.length]),
    x.shape,
    'float64',
  )

/** Weights [d] or, with a bias, [d + 1] on standardized features as weights on features as they are. */
export function onRawFeatures(w: Float64Array, width: number, scale: Scale | undefined): Pick<Plane, 'weights' | 'bias'> {
  const [own, bias] = [[...w.subarray(0, width)], w[width] ?? 0]
  if (!scale) return { weights: own, bias }
  const weights = own.map((value, j) => value / scale.deviation[j])
  return { weights, bias: bias - weights.reduce((sum, value, j) => sum + value * scale.mean[j], 0) }
}

/** The other way round: [d + 1] weights on standardized features, whose margin can be measured. */
export function onStandardFeatures({ weights, bias, standardized }: MeasurablePlane): Float64Array {
  if (!standardized) return Float64Array.of(...weights, bias)
  const own = weights.map((value, j) => value * standardized.deviation[j])
  return Float64Array.of(...own, bias + weights.reduce((sum, value, j) => sum + value * standardized.mean[j], 0))
}
