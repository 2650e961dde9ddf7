import type { Optdigits, OptdigitsPart } from '../../data/index.ts'
import { evaluate, fromArray, ndarray } from '../../engine/index.ts'
import type { Findings, UnitContext } from '../../experiment/index.ts'
import { predictionsOf } from '../../kits/metrics/index.ts'
import { accuracy } from '../../nn/index.ts'
import type { Config } from './config.ts'
import { type LabelledExamples, trainHomogeneous } from './network-training.ts'

/** Pixels as 0..1 in float64; so many examples. */
const digitsOf = ({ x, y }: OptdigitsPart, count: number): LabelledExamples => {
  const n = Math.min(count, y.shape[0])
  return {
    x: ndarray(
      Float64Array.from(x.data.subarray(0, n * 64), (value) => value / 16),
      [n, 64],
      'float64',
    ),
    y: ndarray(y.data.subarray(0, n), [n], 'int32'),
  }
}

/** Steps on all examples. */
const fullStages = ({ variant, network: { steps, growth, interval } }: Config) => ({
  steps,
  growth: variant === 'noGrowth' ? 1 : growth,
  interval,
  batch: 0,
})

/** A stage a pass over the examples, in batches. */
function batchedStages({ batch, batchEpochs, epochGrowth }: Config['network'], examples: number) {
  const interval = Math.max(1, Math.round(examples / batch))
  return { steps: batchEpochs * interval, growth: epochGrowth ** batchEpochs, interval, batch }
}

/** A network on all ten digits: normalized margin and test accuracy. */
export async function networkUnit({ config, seed, data, log, progress }: UnitContext<Config, Optdigits>): Promise<Findings> {
  const { examples, hidden, epochs, batch, learningRate, plainLearningRate } = config.network
  const train = digitsOf(data.train, examples > 0 ? examples : data.train.y.shape[0])
  const {
    params,
    margin,
    epochs: separated,
    model,
  } = await trainHomogeneous({
    train,
    classes: 10,
    hidden: [hidden],
    seed,
    separate: { epochs, batch, learningRate: plainLearningRate },
    widen: {
      rule: config.rule,
      learningRate,
      rescaled: config.variant === 'lastLayer' ? 'lastLayer' : 'all',
      ...(config.variant === 'minibatch' ? batchedStages(config.network, train.y.shape[0]) : fullStages(config)),
    },
    onMargin: (step, margin) => log(step, { margin }),
    progress,
  })
  const test = digitsOf(data.test, data.test.y.shape[0])
  const logits = await evaluate(model.apply(params, fromArray(test.x)))
  return {
    measurements: {
      margin: margin.after,
      marginBefore: margin.before,
      accuracy: await accuracy(logits, fromArray(test.y)).item(),
      epochs: separated,
    },
    items: { test: { ...predictionsOf(await logits.ndarray(), test.y.data), id: data.ids.test } },
  }
}
