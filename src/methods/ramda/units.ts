import { createBatcher } from '../../data/index.ts'
import { evaluate, key, random } from '../../engine/index.ts'
import { writeSafetensors } from '../../engine/safetensors.ts'
import type { Findings, UnitContext } from '../../experiment/index.ts'
import type { LayeredParams } from '../../nn/index.ts'
import { fromArrays, toArrays } from '../../train/index.ts'
import { type Examples, scorer, trainClassifier } from './classifier.ts'
import { compareCompacted } from './compaction.ts'
import type { Config, TaskName } from './config.ts'
import { itemsOf } from './items.ts'
import { minimize } from './minimizer.ts'
import { value as penalty } from './regularizer.ts'
import type { Description } from './saved-model.ts'
import { type StructureReport, structureReport } from './structure.ts'
import { batchOf, epochsOf, modelOf, optimizerOf, regularizerOf, softmaxRegression } from './task.ts'

interface Parts {
  readonly train: Examples
  readonly test: Examples
  /** Which examples of the data set the test part holds. */
  readonly ids: readonly number[]
}

export interface Data {
  readonly digits: Parts
  /** Only in extended runs. */
  readonly text?: Parts & { readonly vocabulary: number }
}

export type Context = UnitContext<Config, Data>

/** What a unit stores beside its measurements. */
export interface Details {
  /** Zero groups of the first layer: the pixels that are not read. */
  readonly zeroGroups: readonly number[]
  readonly layers: StructureReport['layers']
  /** How many steps took 0, 1, 2 … proximal-gradient iterations. */
  readonly iterations?: readonly number[]
}

const examplesOf = ({ task }: Config, data: Data): Parts => (task === 'text' ? data.text! : data.digits)

export async function trainedUnit({ config, data, seed, parallel, checkpoint, log, progress, artifact }: Context): Promise<Findings> {
  const model = modelOf(config.task, data.text?.vocabulary)
  const { train, test } = examplesOf(config, data)
  const batch = batchOf(config)
  const { stepsPerEpoch } = createBatcher(train, { size: batch, seed, last: 'wrap' })
  const fitted = await trainClassifier({
    model,
    optimizer: optimizerOf(config, stepsPerEpoch),
    regularizer: regularizerOf(config),
    train,
    test,
    epochs: epochsOf(config),
    batch,
    seed,
    parallel,
    checkpoint,
    progress,
    onEpoch: (epoch, values) => log(epoch, values),
  })
  const params = config.variant === 'randomZeros' ? await shuffleGroups(fitted.params as LayeredParams, seed) : fitted.params
  await artifact('weights.safetensors', writeSafetensors(await toArrays(params)))
  const { measurements, details, items } = await measured(config, params, data)
  const compaction = config.optimizer === 'ramda' && config.variant === 'full' ? await compacted(config.task, params) : {}
  return {
    measurements: { ...measurements, ...compaction },
    items,
    details: { ...details, iterations: fitted.iterations } satisfies Details,
  }
}

/** The minimizer of softmax regression with this regularizer, whatever the seed. */
export async function minimizerUnit({ config, data, progress }: Context): Promise<Findings> {
  const model = softmaxRegression(784, 10)
  const regularizer = regularizerOf(config)
  const start = await evaluate(model.init(key(0)))
  const examples = data.digits.train
  return measured(config, await minimize({ model, regularizer, examples, start, iterations: config.minimizerIterations, progress }), data)
}

async function measured(config: Config, params: object, data: Data) {
  const model = modelOf(config.task, data.text?.vocabulary)
  const regularizer = regularizerOf(config)
  const { train, test, ids } = examplesOf(config, data)
  const score = scorer(model)
  const [training, testing] = [await score(params, train), await score(params, test)]
  const structure = structureReport(await toArrays(params), regularizer)
  const objective = training.loss + (await penalty(regularizer, params).item())
  return {
    measurements: {
      accuracy: testing.accuracy,
      sparsity: structure.sparsity,
      objective,
      trainingLoss: training.loss,
      testLoss: testing.loss,
    },
    items: await itemsOf(model, params, test, ids),
    details: { zeroGroups: structure.layers[0]?.zeroGroups ?? [], layers: structure.layers } satisfies Details,
  }
}

/** The models that can be cut smaller, as a saved model describes them. */
const networks: Partial<Record<TaskName, Pick<Description, 'network' | 'hidden'>>> = {
  logreg: { network: 'logistic', hidden: [] },
  mlp: { network: 'mlp', hidden: [128, 64] },
  convnet: { network: 'convnet', hidden: [] },
}

/** What cutting the zeros out saves: multiplications of an example, and milliseconds of a run on 64. */
async function compacted(task: TaskName, params: object): Promise<Record<string, number>> {
  const network = networks[task]
  if (!network) return {}
  const about: Description = {
    ...network,
    inputShape: [28, 28],
    classes: Array.from('0123456789'),
    mean: [0],
    deviation: [1],
    regularizer: { kind: 'groupLasso', lambda: 0 },
  }
  const { macs, milliseconds } = await compareCompacted(about, await toArrays(params), { batch: 64 })
  return { macs: macs.full, macsCompacted: macs.small, milliseconds: milliseconds.full, millisecondsCompacted: milliseconds.small }
}

/** The first layer's columns in random order: as many zero groups as before, in other places. */
async function shuffleGroups(params: LayeredParams, seed: number): Promise<LayeredParams> {
  const arrays = await toArrays(params)
  const weight = arrays['layers.0.weight']
  const columns = weight.shape[1]
  const draws = await random.uniform(key(seed), [columns]).data()
  const order = [...draws.keys()].sort((a, b) => draws[a] - draws[b])
  const shuffled = weight.data.map((_, i) => weight.data[i - (i % columns) + order[i % columns]])
  return fromArrays({ ...arrays, 'layers.0.weight': { ...weight, data: shuffled } }, params)
}
