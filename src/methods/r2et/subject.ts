import { z } from 'zod'
import { loadTabularOrImages, type OwnData } from '../../data/index.ts'
import {
  add,
  cast,
  evaluate,
  fromArray,
  InputError,
  jit,
  key,
  log,
  maximum,
  mean,
  mul,
  type NDArray,
  ndarray,
  norm,
  notEqual,
  reshape,
  sizeOf,
  sub,
  sum,
  type Tensor,
} from '../../engine/index.ts'
import {
  alignedInputs,
  type ClassifierCard,
  cardOf,
  featureScale,
  groupOption,
  loadClassifier,
  noScale,
  type SavedClassifier,
  scaled,
  unscaledIn,
} from '../../kits/classifier/index.ts'
import { keepings } from './attack.ts'
import { hessianTimes } from './curvature.ts'
import { type Feasible, groupsOf, onlyFeatures, onSimplex } from './feasible.ts'
import { type Network, smoothRelu } from './network.ts'
import { type OwnWeights, ownWeights } from './own-weights.ts'
import { type Classify, predicted, quantityNames, type SaliencyOptions, saliencyMethods } from './saliency.ts'
import { randomDirections } from './vectors.ts'

/** What `explain` and `audit` are asked of. */
export const subjectOptions = {
  model: z.string().describe('a classifier: the folder that a train command wrote, or an ONNX file'),
  data: z.string().describe('a CSV with a header, an image folder (one subfolder a class), IDX, npy or npz'),
  target: z.string().optional().describe('the column of the class, of a CSV; default the last'),
  group: groupOption,
  impute: z.boolean().default(false).describe('fill missing values in, instead of refusing them'),
  k: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('how many of the most salient features are looked at; default what the model was trained for, else 8'),
  eps: z
    .number()
    .positive()
    .default(0.5)
    .describe('radius of the attacks, in units of the features as the model sees them: standardised, or pixels'),
  steps: z.number().int().positive().default(100).describe('steps of an attack'),
  keeping: z
    .enum(keepings)
    .default('steer')
    .describe('how attacks keep the label: step back towards it, stop before it changes, or pay for the distance'),
  features: z
    .enum(['all', 'numeric', 'simplex'])
    .default('all')
    .describe('what attacks may change: all features freely, only the numeric ones, or categories as mixtures of their levels'),
  method: z.enum(saliencyMethods).default('grad').describe('how the map is made'),
  of: z.enum(quantityNames).default('logitMargin').describe('what of the predicted class is explained'),
  smooth: z
    .number()
    .positive()
    .optional()
    .describe("put softplus of this sharpness in the place of the model's ReLU: small is smooth, large stays close"),
}
export const subjectSchema = z.object(subjectOptions)
export type SubjectOptions = z.output<typeof subjectSchema>

/** A classifier, and examples as its explanations see them: rows of standardised features or of pixels, flat. */
export interface Subject {
  /** Scaled rows [n, features] → logits. */
  readonly network: Network<object>
  readonly card: ClassifierCard
  /** Scaled examples float32 [n, features], and their classes in the order of the card's, int32 [n]. */
  readonly x: NDArray
  readonly y: NDArray
  readonly groups?: readonly string[]
  readonly k: number
  readonly saliency: SaliencyOptions
  readonly feasible?: Feasible
  /** Of the models that `quire r2et train` wrote. */
  readonly weights?: OwnWeights
  nameOf(feature: number): string
}

/** @throws InputError for a file that is no classifier, and for data that are not of its kind. */
export async function loadSubject(options: SubjectOptions, say: (line: string) => void): Promise<Subject> {
  const { model, data, target, group, impute, smooth, method, of } = options
  const saved = await loadClassifier(model, smooth === undefined ? {} : { replace: smoothed(smooth) })
  const own = await loadTabularOrImages(data, { target, group, missing: impute ? 'impute' : 'refuse', size: imageSize(saved) })
  const card = saved.card ?? cardOf(own, own.imageShape ? noScale : featureScale(own.x))
  const inputs = alignedInputs(card, own, data)
  const shape = shapeFor(saved, inputs, data)
  const x = flat(scaled(inputs, card))
  const weights = smooth === undefined ? await ownWeights(model) : undefined
  const classify = await logitsOf(saved, card, shape, x, model)
  await warnOfFlatness(saved, classify, x, options, say)
  if (smooth !== undefined) await warnOfChange(await logitsOf(await loadClassifier(model), card, shape, x, model), classify, x, say)
  return {
    network: { apply: (_, z) => classify(z) },
    card,
    x,
    y: labelsIn(card, own, data),
    groups: own.groups,
    k: options.k ?? weights?.about.k ?? 8,
    saliency: { method, of, channels: card.image?.[0] ?? 1 },
    feasible: feasibleFor(options.features, card, inputs),
    weights,
    nameOf: (feature) => nameIn(card, feature),
  }
}

/** A feature by its column's name, a pixel by its place. */
export const nameIn = ({ features, image }: ClassifierCard, feature: number): string =>
  image ? `row ${Math.floor(feature / image[2])}, column ${feature % image[2]}` : features[feature]

/** ReLU and its leaky kin as softplus(βz)/β. */
export const smoothed = (beta: number) => {
  const soft = smoothRelu(beta)
  return { Relu: soft, PRelu: (x: Tensor, slope: Tensor) => add(mul(x, slope), mul(sub(1, slope), soft(x))) }
}

function imageSize({ card, exampleShape }: SavedClassifier): readonly [number, number] | undefined {
  const [, height, width] = card?.image ?? (exampleShape.length === 3 ? exampleShape : [])
  return typeof height === 'number' && typeof width === 'number' ? [height, width] : undefined
}

/** The shape of an example as the model takes it, where the data fit. */
function shapeFor({ exampleShape }: SavedClassifier, { shape: [, ...given] }: NDArray, where: string): readonly number[] {
  const known = exampleShape.every((extent): extent is number => typeof extent === 'number') ? (exampleShape as number[]) : given
  if (sizeOf(known) === sizeOf(given)) return known
  throw new InputError(`an example has ${sizeOf(given)} numbers, the model takes [${exampleShape}]`, {
    where,
    fix: 'give data like those that the model was trained on',
  })
}

/** Examples as rows of numbers. */
export const flat = ({ data, shape: [count] }: NDArray): NDArray => ndarray(data, [count, data.length / count], 'float32')

/** The model on scaled flat rows. Probabilities, where the model gives these, become their logarithms. */
async function logitsOf({ apply }: SavedClassifier, card: ClassifierCard, shape: readonly number[], x: NDArray, where: string) {
  const raw = (z: Tensor) => apply(unscaledIn(reshape(z, [z.shape[0], ...shape]), card))
  const first = await evaluate(raw(fromArray(ndarray(x.data.slice(0, x.shape[1]), [1, x.shape[1]], 'float32'))))
  const [, width] = first.shape
  if (width !== card.classes.length && !(width === 1 && card.classes.length === 2))
    throw new InputError(`the model tells ${Math.max(width, 2)} classes apart, the data have ${card.classes.length}`, { where })
  const values = [...(await first.data())]
  const areProbabilities = width > 1 && values.every((value) => value >= 0) && Math.abs(values.reduce((a, b) => a + b) - 1) < 1e-4
  return areProbabilities ? (z: Tensor) => log(maximum(raw(z), 1e-30)) : raw
}

/** The data's classes as the card counts them. */
function labelsIn({ classes }: ClassifierCard, { y, classes: given }: OwnData, where: string): NDArray {
  const stranger = given.find((name) => !classes.includes(name))
  if (stranger !== undefined)
    throw new InputError(`the model does not know the class "${stranger}"`, { where, fix: `its classes are ${classes.join(', ')}` })
  const places = given.map((name) => classes.indexOf(name))
  return ndarray(
    Int32Array.from(y.data, (label) => places[label]),
    y.shape,
    'int32',
  )
}

const pieces = ['Relu', 'LeakyRelu', 'PRelu', 'Abs', 'HardSigmoid', 'ThresholdedRelu']

/** Without curvature an attack sees nothing, and every explanation looks stable. */
async function warnOfFlatness(
  { operators }: SavedClassifier,
  classify: (x: Tensor) => Tensor,
  x: NDArray,
  { smooth }: SubjectOptions,
  say: (line: string) => void,
) {
  const kinks = pieces.filter((type) => operators.has(type))
  const some = fromArray(ndarray(x.data.slice(0, 16 * x.shape[1]), [Math.min(16, x.shape[0]), x.shape[1]], 'float32'))
  const product = (x: Tensor) => sum(norm(hessianTimes(classify, x, randomDirections(key(0), x.shape)), { axes: 1 }))
  if ((await jit(product)(some).item()) > 0) return
  if (smooth !== undefined || kinks.length === 0)
    say('the model has no curvature: its map is the same everywhere near a row, and no attack changes it')
  else say(`the map is constant in pieces (${kinks.join(', ')}): attacks see no slope, and P@k looks better than it is; try --smooth 10`)
}

/** Softplus is not ReLU: where it decides otherwise, another model than the user's is explained. */
async function warnOfChange(before: Classify, after: Classify, x: NDArray, say: (line: string) => void) {
  const differs = jit((x: Tensor) => mean(cast(notEqual(predicted(before(x)), predicted(after(x))), 'float32')))
  const share = await differs(fromArray(x)).item()
  if (share > 0) say(`with softplus ${(100 * share).toFixed(1)} % of the rows are of another class; a larger --smooth stays closer`)
}

/** What attacks may change. */
function feasibleFor(
  which: SubjectOptions['features'],
  { features, image, mean, deviation }: ClassifierCard,
  raw: NDArray,
): Feasible | undefined {
  if (which === 'all' || image) return undefined
  const groups = groupsOf(features)
  const categorical = new Set(groups.flat())
  if (which === 'numeric') return onlyFeatures(features.map((_, i) => !categorical.has(i)))
  const width = features.length
  const total = (row: number, group: readonly number[]) => group.reduce((sum, i) => sum + raw.data[row * width + i], 0)
  const rows = Array.from({ length: raw.shape[0] }, (_, row) => row)
  const complete = groups.map((group) => rows.every((row) => total(row, group) === 1))
  const each = (values: readonly number[]) => Array.from({ length: width }, (_, i) => values[i % values.length])
  return onSimplex({ groups, complete, mean: each(mean), deviation: each(deviation) })
}
