import { mapTree, type Tensor, zerosLike } from '../../engine/index.ts'
import { convNet, type LayeredParams, type Model, mlp, transformer } from '../../nn/index.ts'
import { adam, type Optimizer, sgd, stepDecay } from '../../optim/index.ts'
import type { Classifier } from './classifier.ts'
import type { Config, TaskName } from './config.ts'
import { proxAdamW } from './prox-adamw.ts'
import { proxSgd } from './prox-sgd.ts'
import { ramda } from './ramda.ts'
import { groupLasso, nuclearNorm, type Regularizer } from './regularizer.ts'
import { rmda } from './rmda.ts'
import { equalStages } from './schedule.ts'

/** Softmax regression that starts at zero. */
export function softmaxRegression(features: number, classes: number): Classifier {
  const model = mlp({ sizes: [features, classes] })
  return { ...model, init: (key) => mapTree<LayeredParams>(model.init(key), (w: Tensor) => zerosLike(w)) }
}

/** Characters that the transformer sees at once. */
export const context = 64

/**
 * The models of the experiments: on 28×28 digits, and one that predicts the next character. The network with the nuclear norm is narrower, for each
 * step decomposes its matrices on the host.
 */
export const modelOf = (task: TaskName, vocabulary = 65): Model<object> =>
  ({
    logreg: () => softmaxRegression(784, 10),
    logregNuclear: () => softmaxRegression(784, 10),
    mlp: () => mlp({ sizes: [784, 128, 64, 10] }),
    mlpNuclear: () => mlp({ sizes: [784, 32, 16, 10] }),
    convnet: () => convNet({ image: [1, 28, 28], classes: 10 }),
    text: () => transformer({ vocabulary, context, width: 64, heads: 4, layers: 2 }),
  })[task]()

export const isNuclear = (task: TaskName): task is 'logregNuclear' | 'mlpNuclear' => task.endsWith('Nuclear')

const epochsKey = { logreg: 'logreg', logregNuclear: 'logreg', mlp: 'mlp', mlpNuclear: 'mlp', convnet: 'convnet', text: 'text' } as const

export const epochsOf = ({ task, epochs }: Config): number => epochs[epochsKey[task]]

/** Examples a step; a window of text has many characters. */
export const batchOf = ({ task, batch }: Config): number => (task === 'text' ? Math.max(1, Math.round(batch / 4)) : batch)

export const regularizerOf = ({ task, lambda }: Config): Regularizer =>
  isNuclear(task) ? nuclearNorm(lambda * 100) : groupLasso(lambda, { by: 'input' })

/** The paper's settings for singular values: a decomposition an iteration is dear. */
const nuclearSubproblem = { maxIterations: 5, rtol: 1e-3 } as const

/** The optimizer of an arm. Milestones split training into equal stages: five for logistic regression, four for networks (spec of the paper's tables). */
export function optimizerOf(config: Config, stepsPerEpoch: number): Optimizer {
  const { optimizer, variant, momentum, solver, learningRate, task } = config
  const milestones = equalStages(epochsOf(config), task.startsWith('logreg') ? 5 : 4, stepsPerEpoch)
  const subproblem = isNuclear(task) ? nuclearSubproblem : { solver }
  const common = { learningRate: learningRate[optimizer], regularizer: regularizerOf(config), milestones }
  const decayed = stepDecay(learningRate[optimizer], { milestones })
  switch (optimizer) {
    case 'ramda':
      return ramda({
        ...common,
        momentum,
        subproblem,
        dualAveraging: variant !== 'noDualAveraging',
        accumulateRegularizer: variant !== 'regularizerNotAccumulated',
        finalRamp: variant !== 'noFinalRamp',
        restart: variant !== 'noRestart',
      })
    case 'rmda':
      return rmda({ ...common, momentum })
    case 'proxSgd':
      return proxSgd(common)
    case 'proxAdamW':
      return proxAdamW({ ...common, subproblem: { ...subproblem, solver: 'pg' } })
    case 'proxSsi':
      return proxAdamW({ ...common, subproblem: { solver: 'exact' } })
    case 'sgd':
      return sgd({ learningRate: decayed, momentum: 0.9 })
    case 'adam':
      return adam({ learningRate: decayed })
  }
}
