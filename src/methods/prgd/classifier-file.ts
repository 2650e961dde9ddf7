import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { standardize } from '../../data/index.ts'
import { add, exportOnnx, InputError, matmul, type NDArray, ndarray, type Tensor, tensor, zeros } from '../../engine/index.ts'
import type { OwnExamples } from './own-examples.ts'

/** A linear classifier on features as they are: positive where Σ weights·x + bias > 0. */
export const classifierSchema = z.object({
  positive: z.string(),
  negative: z.string(),
  weights: z.array(z.number()),
  bias: z.number(),
  featureNames: z.array(z.string()).optional(),
  /** Subtracted from and divided by, feature by feature, before the margin is measured. Margins depend on it, classes do not. */
  standardized: z.object({ mean: z.array(z.number()), deviation: z.array(z.number()) }).optional(),
})
export type Classifier = z.output<typeof classifierSchema>

export const classifierFile = 'classifier.json'

/** Reads what `fit` wrote, or any JSON with weights and bias. */
export async function readClassifier(path: string): Promise<Pick<Classifier, 'weights' | 'bias' | 'standardized'>> {
  const file = path.endsWith('.json') ? path : join(path, classifierFile)
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new InputError('there is no such classifier', {
      where: file,
      fix: 'give the folder or the classifier.json that fit wrote',
      cause,
    })
  })
  const parsed = classifierSchema.pick({ weights: true, bias: true, standardized: true }).safeParse(jsonOf(text, file))
  if (!parsed.success)
    throw new InputError('is no classifier', { where: file, fix: 'it needs "weights", a list of numbers, and "bias", a number' })
  return parsed.data
}

function jsonOf(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InputError('is not JSON', { where, cause })
  }
}

export type Standardized = NonNullable<Classifier['standardized']>

export function standardizedBy(x: NDArray): Standardized {
  const { mean, std } = standardize(x)
  return { mean: [...mean], deviation: [...std] }
}

/** Features [n, d] minus the mean, divided by the deviation, in float64. */
export const applyStandard = (x: NDArray, { mean, deviation }: Standardized): NDArray =>
  ndarray(
    Float64Array.from(x.data, (value, k) => (value - mean[k % mean.length]) / deviation[k % mean.length]),
    x.shape,
    'float64',
  )

/** Weights on standardized features (the bias last) as weights on features as they are. */
export function onRawFeatures(w: Float64Array, standardized: Standardized | undefined): Pick<Classifier, 'weights' | 'bias'> {
  const [own, bias] = [[...w.subarray(0, -1)], w[w.length - 1]]
  if (!standardized) return { weights: own, bias }
  const weights = own.map((value, j) => value / standardized.deviation[j])
  return { weights, bias: bias - weights.reduce((sum, value, j) => sum + value * standardized.mean[j], 0) }
}

/** The other way round: [d + 1] weights on standardized features, whose margin can be measured. */
export function onStandardFeatures({ weights, bias, standardized }: Pick<Classifier, 'weights' | 'bias' | 'standardized'>): Float64Array {
  if (!standardized) return Float64Array.of(...weights, bias)
  const own = weights.map((value, j) => value * standardized.deviation[j])
  return Float64Array.of(...own, bias + weights.reduce((sum, value, j) => sum + value * standardized.mean[j], 0))
}

/** The classifier as an ONNX model: features float32 [n, d] → score [n, 1], positive for the positive class. */
export function classifierOnnx({ weights, bias }: Pick<Classifier, 'weights' | 'bias'>, { positive, negative }: OwnExamples): Uint8Array {
  const column = tensor(weights.map((value) => [value]))
  return exportOnnx((features: Tensor) => add(matmul(features, column), bias), [zeros([1, weights.length])], {
    arguments: ['features'],
    outputs: ['score'],
    batch: ['features'],
    doc: `score > 0: ${positive}, else ${negative}`,
  })
}
