import type { Optdigits, OptdigitsPart } from '../../data/index.ts'
import { fromArray, ndarray } from '../../engine/index.ts'
import type { Findings, UnitContext } from '../../experiment/index.ts'
import { accuracy } from '../../nn/index.ts'
import type { Config } from './config.ts'
import { type LabelledExamples, type NetworkRule, trainHomogeneous } from './network-training.ts'

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

/** A network on all ten digits: normalized margin and test accuracy. */
export async function networkUnit({ config, seed, data, log, progress }: UnitContext<Config, Optdigits>): Promise<Findings> {
  const { examples, hidden, epochs, batch, steps, learningRate, plainLearningRate, growth, interval } = config.network
  const isBatched = config.variant === 'minibatch'
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
      rule: config.rule as NetworkRule,
      // As many passes over the examples would take thirty times as long; a hundred show where it leads.
      steps: isBatched ? Math.round((steps / 10) * (train.y.shape[0] / batch)) : steps,
      learningRate,
      growth: config.variant === 'noGrowth' ? 1 : growth,
      interval: isBatched ? Math.round(train.y.shape[0] / batch) : interval,
      batch: isBatched ? batch : 0,
    },
    onMargin: (step, margin) => log(step, { margin }),
    progress,
  })
  const test = digitsOf(data.test, data.test.y.shape[0])
  const right = await accuracy(model.apply(params, fromArray(test.x)), fromArray(test.y)).item()
  return { measurements: { margin: margin.after, marginBefore: margin.before, accuracy: right, epochs: separated } }
}
