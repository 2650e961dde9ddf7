import { z } from 'zod'
import { type Dataset, everyFifth, exactDuplicates, groupSplit, type OwnData, rows } from '../../data/index.ts'
import { InputError, type NDArray, ndarray, sizeOf } from '../../engine/index.ts'
import { type ClassifierCard, exampleShape } from './card.ts'
import { commonScale, featureScale, noScale, type Scale, scaled } from './scale.ts'

/** Examples in rows: x float32 [n, ...], y int32 [n]. */
export interface Examples extends Dataset {
  readonly x: NDArray
  readonly y: NDArray
}

/** How features are scaled: each by itself, all alike, or not at all. */
const scales = { each: featureScale, alike: commonScale, none: () => noScale } as const

export interface OwnExamplesOptions {
  /** Of a table. Default: each feature by itself. */
  readonly table?: keyof typeof scales
  /** Of images, whose pixels go from 0 to 1. Default: not at all. */
  readonly images?: keyof typeof scales
  /** What the data are called in messages. */
  readonly where?: string
  /** Told how many rows the two parts have in common, where there are any. */
  log?(line: string): void
}

/**
 * The option of every verb that splits a user's data.
 *
 * @example
 * import { z } from 'zod'
 *
 * const options = z.object({ data: z.string(), group: groupOption })
 * options.parse({ data: 'scans.csv', group: 'patient' }).group // 'patient'
 */
export const groupOption = z
  .string()
  .optional()
  .describe(
    'the column of a CSV that says which rows belong together, such as the patient: no group is on both sides of the split; it is no feature',
  )

/** Somebody's data, made ready to train a classifier on and to test it. */
export interface OwnExamples {
  readonly card: ClassifierCard
  readonly train: Examples
  readonly test: Examples
}

/**
 * Splits a user's data into the test part that they bring, or a fifth, and the rest, and scales both by the training part. The fifth is every fifth
 * example; of data with groups, as many whole groups as make up a fifth.
 *
 * @throws InputError for fewer than ten examples, or a single group.
 * @example
 * import { writeFileSync } from 'node:fs'
 * import { loadTabularOrImages } from 'quire/data'
 *
 * writeFileSync('credit.csv', `age,default\n${Array.from({ length: 20 }, (_, i) => `${i},${i % 2 ? 'yes' : 'no'}`).join('\n')}\n`)
 * const { card, train, test } = ownExamples(await loadTabularOrImages('credit.csv', { target: 'default' }))
 * card.classes // ['no', 'yes']
 */
export function ownExamples(own: OwnData, { table = 'each', images = 'none', where, log }: OwnExamplesOptions = {}): OwnExamples {
  const all: Examples = { x: own.x, y: own.y }
  const parts = own.test ? { train: all, test: own.test as Examples } : splitOwn(all, own, where)
  const common = exactDuplicates(parts.train.x, parts.test.x)
  if (common > 0) log?.(`${common} of ${parts.test.y.shape[0]} examples to test on equal one to train on in every value`)
  const scale = scales[own.imageShape ? images : table](parts.train.x)
  const inputs = ({ x, y }: Examples): Examples => ({ x: scaled(x, scale), y })
  return { card: cardOf(own, scale), train: inputs(parts.train), test: inputs(parts.test) }
}

/**
 * A fifth of examples to test on and the rest to train on; with groups, none on both sides.
 *
 * @example
 * const x = { data: new Float32Array(20), shape: [20, 1], dtype: 'float32' } as const
 * const y = { data: new Int32Array(20), shape: [20], dtype: 'int32' } as const
 * splitOwn({ x, y }, {}).test.y.shape // [4]
 */
export function splitOwn({ x, y }: Examples, { groups }: Pick<OwnData, 'groups'>, where?: string): { train: Examples; test: Examples } {
  const count = y.shape[0]
  if (count < 10) throw new InputError(`${count} examples are too few to train and test on`, { where, fix: 'give at least 10' })
  const { train, test } = groups ? groupSplit(groups, { shares: { train: 0.8, test: 0.2 }, where }) : everyFifth(count)
  return { train: rows<Examples>({ x, y }, train), test: rows<Examples>({ x, y }, test) }
}

/**
 * The card of a classifier of these data.
 *
 * @example
 * const own = { x: { data: Float32Array.of(1, 2), shape: [2, 1], dtype: 'float32' }, classes: ['no', 'yes'] }
 * cardOf(own as never, noScale).features // ['feature 0']
 */
export function cardOf({ x, classes, featureNames, imageShape }: OwnData, { mean, deviation }: Scale): ClassifierCard {
  const about = { classes: [...classes], mean: [...mean], deviation: [...deviation] }
  if (imageShape) return { ...about, features: [], image: [imageShape.channels, imageShape.height, imageShape.width] }
  return { ...about, features: [...(featureNames ?? Array.from({ length: sizeOf(x.shape.slice(1)) }, (_, i) => `feature ${i}`))] }
}

/**
 * A user's examples in the order of the classifier's features, values as they are: float32 [n, ...].
 *
 * @throws InputError where they are other features or images than those that it was trained on.
 * @example
 * const own = { x: { data: Float32Array.of(1, 2), shape: [1, 2], dtype: 'float32' }, featureNames: ['b', 'a'] }
 * const card = { classes: ['no', 'yes'], features: ['a', 'b'], mean: [0], deviation: [1] }
 * alignedInputs(card, own as never, 'two.csv').data // Float32Array [2, 1]
 */
export function alignedInputs(card: ClassifierCard, own: OwnData, where: string): NDArray {
  const [count, ...shape] = own.x.shape
  if (card.image || own.imageShape) {
    if (shape.join() === exampleShape(card).join()) return own.x
    throw new InputError(`an example is [${shape}], the model takes ${card.image ? `[${card.image}]` : 'rows of a table'}`, { where })
  }
  const places = placesOf(card.features, own.featureNames ?? [], sizeOf(shape), where)
  const data = Float32Array.from({ length: count * places.length }, (_, i) => {
    const place = places[i % places.length]
    return place < 0 ? 0 : own.x.data[Math.floor(i / places.length) * sizeOf(shape) + place]
  })
  return ndarray(data, [count, places.length], 'float32')
}

/** Where each of the model's features stands among the given ones; a level that the data lack is −1. */
function placesOf(known: readonly string[], given: readonly string[], width: number, where: string): number[] {
  if (given.length === 0 && width === known.length) return known.map((_, i) => i)
  const extra = given.find((name) => !known.includes(name))
  if (extra)
    throw new InputError(`the model was not trained on "${extra}"`, {
      where,
      fix: 'give columns and levels that training has seen; --group leaves the column of a group out',
    })
  const places = known.map((name) => given.indexOf(name))
  const absent = places.findIndex((place, i) => place < 0 && !known[i].includes('='))
  if (absent >= 0)
    throw new InputError(`there is no column "${known[absent]}"`, { where, fix: 'give data like those that the model was trained on' })
  return places
}
