import { fold, gather, type Tensor } from '../../engine/index.ts'
import type { LayeredParams } from '../../nn/index.ts'
import { adam, type Optimizer, sgd } from '../../optim/index.ts'
import { activityForwardGradient } from './activity.ts'
import type { Averaging } from './averaging.ts'
import { projected } from './baselines.ts'
import type { Digits } from './classification.ts'
import type { Config } from './config.ts'
import type { Constraints } from './constraints.ts'
import { type Directions, drawDirection, keyedDirections } from './directions.ts'
import type { Procedure } from './follow.ts'
import { forwardFrankWolfe } from './forward-frank-wolfe.ts'
import { type Estimation, type ForwardGradientsState, withForwardGradients } from './forward-gradients.ts'
import { frankWolfe } from './frank-wolfe.ts'
import type { StepSize } from './step-size.ts'

export interface Rule {
  readonly constraints: Constraints
  readonly stepSize?: StepSize
  /** Learning rates of the rules that are not Frank-Wolfe. */
  readonly rates?: Config['logistic']['rates']
  readonly seed: number
}

/** What an arm's config trains with, around the directions of `estimation` if it takes forward gradients. */
export function procedureOf<P>(config: Config, rule: Rule, loss: Procedure<P>['loss']): Procedure<P> {
  const { gradient, directions, distribution, variant } = config
  if (gradient === 'exact') return { loss, optimizer: () => exactRule(config, rule) }
  if (variant === 'activity') return { loss, optimizer: () => forwardRule(config, rule, undefined), gradientAt: byActivity as never }
  const keyed = (key: Tensor, params: P) => keyedDirections(key, params, { count: directions, distribution })
  return {
    loss,
    optimizer: (estimation) => forwardRule(config, rule, estimation),
    directionsAt: variant === 'decoupled' ? (key, params) => decoupled(keyed(key, params), params) : keyed,
  }
}

const averagingOf = ({ averaging, power }: Config): Averaging => {
  if (averaging === 'power') return { power }
  return averaging === 'momentum' ? { momentum: 0.9 } : averaging
}

function exactRule(config: Config, { constraints, stepSize, rates }: Rule): Optimizer {
  const learningRate = rates?.[config.gradient === 'forward' ? 'forward' : config.rule === 'adam' ? 'adam' : 'sgd'] ?? 0.1
  switch (config.rule) {
    case 'frankWolfe':
      return frankWolfe({ constraints, averaging: averagingOf(config), stepSize }) as Optimizer
    case 'projectedSgd':
      return projected(sgd({ learningRate }), constraints) as Optimizer
    case 'sgd':
      return sgd({ learningRate }) as Optimizer
    case 'adam':
      return adam({ learningRate }) as Optimizer
  }
}

function forwardRule(config: Config, rule: Rule, estimation: Estimation<unknown> | undefined): Optimizer {
  const { directions, distribution, variant } = config
  const options = { directions, distribution, seed: rule.seed, ...(variant === 'lastLayer' && { exact: isLastLayer }) }
  if (config.rule !== 'frankWolfe') return withForwardGradients(exactRule(config, rule), options, estimation) as Optimizer
  const { constraints, stepSize } = rule
  const more = { averaging: averagingOf(config), stepSize, controlVariate: variant === 'controlVariate' }
  return forwardFrankWolfe({ constraints, ...more, ...options }, estimation) as Optimizer
}

/** Of the network of two layers. */
const isLastLayer = (path: string): boolean => path.startsWith('layers.1.')

interface Step {
  readonly params: LayeredParams
  readonly state: ForwardGradientsState<unknown>
}

/** The activity-perturbed gradient on a batch, given by the numbers of its examples. */
const byActivity = ({ params, state }: Step, { x, y }: Digits, batch: Tensor) =>
  activityForwardGradient(params, { x: gather(x, batch), y: gather(y, batch) }, { key: fold(state.key, state.step) })

/** Tells the key of the other direction from the others. */
const other = 2 ** 31

/** A control: the derivative along u scales a direction drawn independently of u. The cost is the same, the mean is zero. */
const decoupled = <P>(directions: Directions<P>, params: P): Directions<P> => ({
  ...directions,
  multiplier: (seed) => drawDirection(fold(seed as Tensor, other), params, 'gaussian'),
})
