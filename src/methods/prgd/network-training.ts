import { createBatcher, type Dataset } from '../../data/index.ts'
import { evaluate, fold, fromArray, jit, key, type NDArray, scalar, type Tensor } from '../../engine/index.ts'
import { accuracy, crossEntropy } from '../../nn/index.ts'
import { type Optimizer, sgd } from '../../optim/index.ts'
import { type TrainState, trainStep } from '../../train/index.ts'
import { optimizerNamed } from '../optimizers.ts'
import { type HomogeneousParams, homogeneousMargin, homogeneousMlp, logCrossEntropy } from './network.ts'
import { prgd } from './prgd.ts'
import { budgetedRho, exponentialGrowth } from './schedule.ts'

export interface LabelledExamples extends Dataset {
  /** float64 [n, features] */
  readonly x: NDArray
  /** int32 [n] */
  readonly y: NDArray
}

export const networkRules = ['prgd', 'ngd', 'gd'] as const
type NetworkRule = (typeof networkRules)[number]
export const isNetworkRule = (rule: string): rule is NetworkRule => (networkRules as readonly string[]).includes(rule)

export interface NetworkOptions {
  readonly train: LabelledExamples
  readonly classes: number
  readonly hidden: readonly number[]
  /** Decides starting weights and the order of the batches. */
  readonly seed: number
  /** First, stochastic gradient descent until every training example is right, for at most so many epochs. */
  readonly separate: { readonly epochs: number; readonly batch: number; readonly learningRate: number }
  /** Then steps that widen the margin. */
  readonly widen: WidenOptions
  /** Called now and then while widening. */
  onMargin?(step: number, margin: number): void
  progress(done: number, total: number, note?: string): Promise<void>
}

export interface WidenOptions {
  /** One of `networkRules`, or any other optimizer by name, which then goes down the plain loss. */
  readonly rule: string
  readonly steps: number
  /** Of the normalized rules; `gd` uses that of the first phase. */
  readonly learningRate: number
  /** What the norm of all weights grows by in all; 1 keeps it. */
  readonly growth: number
  /** Steps between two rescalings. */
  readonly interval: number
  /** Examples a step; 0 for all. */
  readonly batch: number
  /** Whose norm grows. Default all. */
  readonly rescaled?: 'all' | 'lastLayer'
}

export interface TrainedNetwork {
  readonly params: HomogeneousParams
  /** Epochs of the first phase. */
  readonly epochs: number
  /** Normalized margins after the first phase and at the end. */
  readonly margin: { readonly before: number; readonly after: number }
  readonly model: ReturnType<typeof homogeneousMlp>
}

/** Steps between two looks at the margin. */
const lookEvery = 25

type Network = ReturnType<typeof homogeneousMlp>

const measuring = (model: Network) =>
  jit((params: HomogeneousParams, x: Tensor, y: Tensor) => {
    const logits = model.apply(params, x)
    return { accuracy: accuracy(logits, y), margin: homogeneousMargin(params, logits, y) }
  })

/** Trains a network without biases until it separates the training examples, then widens its margin. */
export async function trainHomogeneous(options: NetworkOptions): Promise<TrainedNetwork> {
  const { train, classes, hidden, seed, widen } = options
  const model = homogeneousMlp([train.x.shape[1], ...hidden, classes])
  const measure = measuring(model)
  const [x, y] = [fromArray(train.x), fromArray(train.y)]
  const look = async (params: HomogeneousParams) => {
    const { accuracy, margin } = await evaluate(measure(params, x, y))
    return { accuracy: await accuracy.item(), margin: await margin.item() }
  }
  const start = await evaluate(model.init(fold(key(seed), 0)))
  const separated = await separate(options, model, start, look)
  const before = (await look(separated.params)).margin
  const params = await widenMargin(options, model, separated.params, async (step, params) => {
    const { margin } = await look(params)
    options.onMargin?.(step, margin)
    await options.progress(options.separate.epochs + step, options.separate.epochs + widen.steps, 'widening')
  })
  return { params, epochs: separated.epochs, margin: { before, after: (await look(params)).margin }, model }
}

type Look = (params: HomogeneousParams) => Promise<{ accuracy: number }>

async function separate(
  { train, seed, separate, widen, progress }: NetworkOptions,
  model: Network,
  params: HomogeneousParams,
  look: Look,
): Promise<{ params: HomogeneousParams; epochs: number }> {
  const step = trainStep(
    (params: HomogeneousParams, { x, y }) => crossEntropy(model.apply(params, x), y),
    sgd({ learningRate: separate.learningRate }),
  )
  const batcher = createBatcher(train, { size: Math.min(separate.batch, train.y.shape[0]), seed, last: 'wrap' })
  const buffer = batcher.at(0)
  let state: TrainState<HomogeneousParams> = step.init(params)
  for (let epoch = 0; epoch < separate.epochs; epoch++) {
    for (let k = 0; k < batcher.stepsPerEpoch; k++) state = await step(state, batcher.at(epoch * batcher.stepsPerEpoch + k, buffer))
    await progress(epoch + 1, separate.epochs + widen.steps, 'separating')
    if ((await look(state.params)).accuracy === 1) return { params: state.params, epochs: epoch + 1 }
  }
  return { params: state.params, epochs: separate.epochs }
}

/** PRGD's warm-up is the first phase; its radii begin with the norm after one step. */
function ruleOf(rule: NetworkRule, { learningRate, growth, interval, steps, rescaled }: WidenOptions, plainRate: number): Optimizer {
  if (rule === 'gd') return sgd({ learningRate: plainRate })
  if (rule === 'ngd') return sgd({ learningRate })
  const rho = growth === 1 ? 1 : budgetedRho({ growth, interval, warmup: 1, steps })
  return prgd({ learningRate, warmup: 1, interval, growth: exponentialGrowth(scalar(rho, 'float64')), params: rescaled })
}

/** What widens the margin, from where, and the loss that it goes down: the normalized rules take its logarithm. */
async function widening({ widen, separate, seed }: NetworkOptions, params: HomogeneousParams) {
  const { rule, steps, learningRate } = widen
  if (!isNetworkRule(rule)) return { loss: crossEntropy, ...(await optimizerNamed(rule, { params, steps, learningRate, seed })) }
  return { loss: rule === 'gd' ? crossEntropy : logCrossEntropy, optimizer: ruleOf(rule, widen, separate.learningRate), params }
}

async function widenMargin(
  options: NetworkOptions,
  model: Network,
  params: HomogeneousParams,
  look: (step: number, params: HomogeneousParams) => Promise<void>,
): Promise<HomogeneousParams> {
  const { train, seed, widen } = options
  const { loss, optimizer, params: start } = await widening(options, params)
  const step = trainStep<HomogeneousParams, { x: Tensor; y: Tensor }>((params, { x, y }) => loss(model.apply(params, x), y), optimizer)
  const count = train.y.shape[0]
  const batcher = createBatcher(train, { size: widen.batch > 0 ? Math.min(widen.batch, count) : count, seed: seed + 1, last: 'wrap' })
  const all = { x: fromArray(train.x), y: fromArray(train.y) }
  let state = step.init(start)
  for (let t = 0; t < widen.steps; t++) {
    const batch = widen.batch > 0 ? tensorsOf(batcher.at(t)) : all
    state = await step(state, batch)
    if ((t + 1) % lookEvery === 0) await look(t + 1, state.params)
  }
  return state.params
}

const tensorsOf = ({ x, y }: LabelledExamples) => ({ x: fromArray(x), y: fromArray(y) })
