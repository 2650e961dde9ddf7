import { permutation, seedKey } from '../../../data/draws.ts'
import { InputError } from '../../../engine/index.ts'
import { foldKey } from '../../../engine/threefry.ts'
import { type Filter, runsOf, wordsOf } from './filters.ts'
import { hash32 } from './minhash.ts'

/** A linear classifier of texts on hashed words and pairs of words. */
export interface QualityModel {
  readonly weights: Float64Array
  readonly bias: number
}

export interface QualityOptions {
  /** Places that words are hashed to. */
  readonly buckets?: number
  readonly epochs?: number
  readonly learningRate?: number
  readonly seed?: number
}

/** Places of a text's words and pairs, each once. */
function featuresOf(text: string, buckets: number): number[] {
  const words = wordsOf(text)
  return [...new Set([...words, ...runsOf(words, 2)].map((item) => hash32(item) % buckets))]
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x))

/** The mean of the weights of what stands in the text: long texts are not surer than short ones. */
const scoreOf = ({ weights, bias }: QualityModel, features: readonly number[]): number =>
  bias + features.reduce((sum, place) => sum + weights[place], 0) / Math.sqrt(Math.max(1, features.length))

/**
 * Trains on good and bad texts by stochastic gradient steps on the logistic loss.
 *
 * @throws InputError where one of the two is empty.
 * @example
 * const model = trainQuality(['a report on rivers'], ['click here now'])
 * model.weights.length // 65536
 */
export function trainQuality(
  good: readonly string[],
  bad: readonly string[],
  { buckets = 1 << 16, epochs = 20, learningRate = 0.5, seed = 0 }: QualityOptions = {},
): QualityModel {
  if (good.length === 0 || bad.length === 0)
    throw new InputError('a quality classifier needs good and bad texts', { where: 'linearQuality', fix: 'give both' })
  const rows = [...good.map((text) => ({ text, label: 1 })), ...bad.map((text) => ({ text, label: 0 }))].map(({ text, label }) => ({
    features: featuresOf(text, buckets),
    label,
  }))
  const weights = new Float64Array(buckets)
  let bias = 0
  const key = seedKey(seed, 0x7175616c)
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rate = learningRate / (1 + epoch)
    for (const row of permutation(foldKey(key, epoch), rows.length)) {
      const { features, label } = rows[row]
      const error = label - logistic(scoreOf({ weights, bias }, features))
      const scale = 1 / Math.sqrt(Math.max(1, features.length))
      for (const place of features) weights[place] += rate * error * scale
      bias += rate * error * 0.1
    }
  }
  return { weights, bias }
}

/** The probability that a text is of the good kind. */
export const qualityOf = (model: QualityModel, text: string): number => logistic(scoreOf(model, featuresOf(text, model.weights.length)))

/**
 * Keeps texts that are likelier good than `least`.
 *
 * @example
 * const model = trainQuality(['a report on rivers'], ['click here now'])
 * linearQuality(model).decide('click here').keep // false
 */
export const linearQuality = (model: QualityModel, least = 0.5): Filter => ({
  name: 'linearQuality',
  decide(text) {
    const value = qualityOf(model, text)
    const keep = value >= least
    return { keep, ...(!keep && { reason: 'linearQuality' }), features: { linearQuality: value } }
  },
})
