import { mapTree, type Tensor, zerosLike } from '../../engine/index.ts'
import { convNet, type LayeredParams, mlp } from '../../nn/index.ts'
import { adam, type Optimizer, sgd, stepDecay } from '../../optim/index.ts'
import type { Classifier } from './classifier.ts'
import type { Config, TaskName } from './config.ts'
import { proxAdamW } from './prox-adamw.ts'
import { proxSgd } from './prox-sgd.ts'
import { ramda } from './ramda.ts'
import { groupLasso, nuclearNorm, type Regularizer } from './regularizer.ts'
import { rmda } from './rmda.ts'

/** Softmax regression that starts at zero. */
function softmaxRegression(features: number, classes: number): Classifier {
  const model = mlp({ sizes: [features, classes] })
  return { ...model, init: (key) => mapTree<LayeredParams>(model.init(key), (w: Tensor) => zerosLike(w)) }
}

/** The models of the experiments, on 28×28 digits. */
export const modelOf = (task: TaskName): Classifier =>
  ({
    logreg: () => softmaxRegression(784, 10),
    logregNuclear: () => softmaxRegression(784, 10),
    mlp: () => mlp({ sizes: [784, 128, 64, 10] }),
    convnet: () => convNet({ image: [1, 28, 28], classes: 10 }),
  })[task]()

export const epochsOf = ({ task, epochs }: Config): number => (task === 'logregNuclear' ? epochs.logreg : epochs[task])

export const regularizerOf = ({ task, lambda }: Config): Regularizer =>
  task === 'logregNuclear' ? nuclearNorm(lambda * 100) : groupLasso(lambda, { by: 'input' })

/** The optimizer of an arm. Milestones split training into equal stages: five for logistic regression, four for networks (spec of the paper's tables). */
export function optimizerOf(config: Config, stepsPerEpoch: number): Optimizer {
  const { optimizer, variant, momentum, solver, learningRate } = config
  const epochs = epochsOf(config)
  const stages = config.task.startsWith('logreg') ? 5 : 4
  const milestones = Array.from({ length: stages - 1 }, (_, k) => Math.max(Math.round(((k + 1) * epochs) / stages) * stepsPerEpoch, k + 1))
  const common = { learningRate: learningRate[optimizer], regularizer: regularizerOf(config), milestones }
  const decayed = stepDecay(learningRate[optimizer], { milestones })
  switch (optimizer) {
    case 'ramda':
      return ramda({
        ...common,
        momentum,
        subproblem: { solver },
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
      return proxAdamW({ ...common, subproblem: { solver: 'pg' } })
    case 'proxSsi':
      return proxAdamW({ ...common, subproblem: { solver: 'exact' } })
    case 'sgd':
      return sgd({ learningRate: decayed, momentum: 0.9 })
    case 'adam':
      return adam({ learningRate: decayed })
  }
}
