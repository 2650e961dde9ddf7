import { loadTabularOrImages } from '../../data/index.ts'
import { fold, InputError, key, reshape, type Tensor } from '../../engine/index.ts'
import { type ClassifierCard, loadClassifier, ownExamples, splitOwn, unscaledIn } from '../../kits/classifier/index.ts'
import type { LayeredParams } from '../../nn/index.ts'
import type { Examples } from './fit.ts'
import { type Network, smoothNetwork } from './network.ts'
import { type OwnShape, ownWeights } from './own-weights.ts'
import { flat, loadSubject, type SubjectOptions, smoothed } from './subject.ts'

/** What training starts from: a network on scaled flat rows, its parameters, and examples. */
export interface Start<P> {
  readonly network: Network<P>
  readonly params: P
  readonly card: ClassifierCard
  readonly train: Examples
  readonly test: Examples
  /** Of perceptrons of our own, whose explanations can be certified. */
  readonly shape?: OwnShape
}

export interface FreshOptions {
  readonly data: string
  readonly target?: string
  readonly group?: string
  readonly impute: boolean
  readonly size?: number
  readonly hidden: number[]
  readonly beta: number
  readonly k: number
  readonly seed: number
}

/** A perceptron with fresh weights for a user's data. */
export async function freshStart(options: FreshOptions, log: (line: string) => void): Promise<Start<LayeredParams>> {
  const { data, target, group, impute, size, hidden, beta, k, seed } = options
  const own = await loadTabularOrImages(data, { target, group, size, missing: impute ? 'impute' : 'refuse' })
  const { card, train, test } = ownExamples(own, { where: data, log })
  const [fitted, held] = [train, test].map(({ x, y }): Examples => ({ x: flat(x), y }))
  const shape = { features: fitted.x.shape[1], classes: card.classes.length, hidden, beta, k }
  const network = smoothNetwork(shape)
  return { network, params: network.init(fold(key(seed), 1)), card, train: fitted, test: held, shape }
}

type Stored = Readonly<Record<string, Tensor>>

/** A trained classifier, ours or anybody's, to go on from; every fifth example is kept to test on. */
export async function baseStart(
  base: string,
  options: SubjectOptions,
  say: (line: string) => void,
): Promise<Start<LayeredParams> | Start<Stored>> {
  const subject = await loadSubject({ ...options, model: base }, say)
  const { card, x, y } = subject
  const parts = { card, ...splitOwn({ x, y }, subject, options.data) }
  const own = options.smooth === undefined ? await ownWeights(base) : undefined
  if (own) return { ...parts, network: smoothNetwork(own.about), params: own.params, shape: { ...own.about, k: options.k ?? own.about.k } }
  return { ...parts, ...(await storedNetwork(base, card, options.smooth)) }
}

/** A classifier from a file with its stored tensors as parameters. */
async function storedNetwork(base: string, card: ClassifierCard, smooth: number | undefined) {
  const model = await loadClassifier(base, smooth === undefined ? {} : { replace: smoothed(smooth) })
  if (Object.keys(model.parameters).length === 0) throw new InputError('stores no tensors that could be trained', { where: base })
  const example = model.exampleShape.every((extent) => typeof extent === 'number')
    ? (model.exampleShape as readonly number[])
    : (card.image ?? [card.features.length])
  const network: Network<Stored> = {
    apply: (params, z) => model.apply(unscaledIn(reshape(z, [z.shape[0], ...example]), card), params),
  }
  return { network, params: { ...model.parameters } as Stored }
}
