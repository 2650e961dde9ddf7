import { take } from '../../data/index.ts'
import { evaluate, fold, fromArray, jit, key, type NDArray, ndarray, random } from '../../engine/index.ts'
import { writeSafetensors } from '../../engine/safetensors.ts'
import type { Findings, UnitContext } from '../../experiment/index.ts'
import type { LayeredParams } from '../../nn/index.ts'
import { adam } from '../../optim/index.ts'
import { toArrays } from '../../train/index.ts'
import { audit } from './audit.ts'
import { type Config, type MethodName, settingsOf } from './config.ts'
import { type Loaded, type Parts, partsOf } from './examples.ts'
import { type Examples, fitModel } from './fit.ts'
import { type Network, smoothNetwork } from './network.ts'
import type { ObjectiveOptions } from './objective.ts'
import { areaUnderCurve } from './scores.ts'

export type Context = UnitContext<Config, Loaded>

/** Methods that are the first training and nothing more. */
const onlyOnce: readonly MethodName[] = ['vanilla', 'wd', 'sp']

/** What the second training minimises. */
export function objectiveOf(config: Config): ObjectiveOptions {
  const { method, variant, lambda1, lambda2, weightDecay, eps } = config
  const { k, pairs } = settingsOf(config)
  const gap = variant === 'flipped' || variant === 'flippedNoH' ? -lambda1 : lambda1
  const randomSet = variant === 'randomPairs'
  const hessian = variant === 'flippedNoH' ? 0 : lambda2
  const options: Record<MethodName, Omit<ObjectiveOptions, 'k'>> = {
    vanilla: {},
    longer: {},
    sp: {},
    wd: { weightDecay },
    estH: { lambda2 },
    exactH: { lambda2, curvature: 'exact' },
    ssr: { lambda2, curvature: 'topEigen' },
    at: { adversarial: eps },
    r2et: { lambda1: gap, lambda2: hessian, randomSet },
    r2etMm: { lambda1: gap, lambda2: hessian, pairs, randomSet },
    r2etNoH: { lambda1: gap },
    r2etMmNoH: { lambda1: gap, pairs },
  }
  return { k, ...options[method] }
}

/** Trains plainly, then again with the arm's objective, and attacks the explanations of the test rows. */
export async function unit(context: Context): Promise<Findings> {
  const { config, data, seed, artifact } = context
  const settings = settingsOf(config)
  const parts = partsOf(config.dataset, data.sets[config.dataset]!, { seed, limit: settings.rows })
  const network = smoothNetwork({ features: parts.train.x.shape[1], classes: 2, beta: config.beta })
  const params = await trained(network, parts, context)
  await artifact('weights.safetensors', writeSafetensors(await toArrays(params)))
  const { accuracy, auc } = await classified(network, params, parts.test)
  const attacked = take(parts.test, settings.points)
  const found = await audit(network, params, attacked.x, { k: settings.k, eps: config.eps, steps: settings.steps, seed })
  const { precision, rows, ...shares } = found
  // The harmless attack of the control: a random point in place of the attacker's.
  const er = config.variant === 'randomAttack' ? shares.random : precision.er
  return { measurements: { accuracy, auc, ...precision, er, ...shares }, details: { rows } }
}

async function trained(network: Network, { train }: Parts, { config, seed, progress, log }: Context): Promise<LayeredParams> {
  const { epochs, again, rate, rateAgain } = settingsOf(config)
  const objective = objectiveOf(config)
  const once = onlyOnce.includes(config.method)
  const common = { network, train, batch: config.batch, seed, progress, onEpoch: (epoch: number, loss: number) => log(epoch, { loss }) }
  const first = await fitModel(network.init(fold(key(seed), initialWeights)), {
    ...common,
    objective: once ? objective : { k: objective.k },
    optimizer: adam({ learningRate: rate }),
    epochs,
  })
  if (once) return first
  return fitModel(first, {
    ...common,
    train: config.variant === 'shuffledLabels' ? await withShuffledLabels(train, seed) : train,
    objective,
    optimizer: adam({ learningRate: rateAgain }),
    epochs: again,
    firstEpoch: epochs,
  })
}

/** Uses of a seed's key. */
const [initialWeights, labelOrder] = [1, 2]

async function withShuffledLabels(train: Examples, seed: number): Promise<Examples> {
  const order = await random.permutation(fold(key(seed), labelOrder), train.y.shape[0]).data()
  return {
    ...train,
    y: ndarray(
      Int32Array.from(order, (row) => train.y.data[row]),
      train.y.shape,
      'int32',
    ),
  }
}

/** Accuracy and area under the ROC curve, by the one logit. */
async function classified(network: Network, params: LayeredParams, { x, y }: Examples): Promise<{ accuracy: number; auc: number }> {
  const logits = await logitsOf(network, params, x)
  const right = logits.reduce((count, logit, row) => count + (logit > 0 === (y.data[row] === 1) ? 1 : 0), 0)
  return { accuracy: right / logits.length, auc: areaUnderCurve(logits, y.data) }
}

async function logitsOf(network: Network, params: LayeredParams, x: NDArray): Promise<number[]> {
  const logits = await evaluate(
    jit((params: LayeredParams, x: ReturnType<typeof fromArray>) => network.apply(params, x))(params, fromArray(x)),
  )
  return [...(await logits.data())]
}
