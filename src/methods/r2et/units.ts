import { take } from '../../data/index.ts'
import { evaluate, fold, fromArray, jit, key, mean, type NDArray, ndarray, random, type Tensor } from '../../engine/index.ts'
import { writeSafetensors } from '../../engine/safetensors.ts'
import type { Findings, UnitContext } from '../../experiment/index.ts'
import { areaUnderCurve, average, predictionsOf } from '../../kits/metrics/index.ts'
import type { LayeredParams } from '../../nn/index.ts'
import { adam } from '../../optim/index.ts'
import { fromArrays, toArrays } from '../../train/index.ts'
import { type AuditedRow, audit, precisionCurve } from './audit.ts'
import { certifierOf } from './certificate.ts'
import { type Config, type MethodName, settingsOf } from './config.ts'
import { empiricalRadius, mostFeatures } from './empirical-radius.ts'
import { type Loaded, type Parts, partsOf } from './examples.ts'
import { faithfulRows } from './faithfulness.ts'
import { type Examples, fitModel } from './fit.ts'
import { smoothNetwork } from './network.ts'
import type { ObjectiveOptions } from './objective.ts'
import { precision, topMask } from './ranking.ts'
import { saliency } from './saliency.ts'

export type Context = UnitContext<Config, Loaded>
type Trained = ReturnType<typeof smoothNetwork>

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
  const { arm, config, data, seed, artifact } = context
  const { k, points, steps, rows } = settingsOf(config)
  const parts = partsOf(config.dataset, data.sets[config.dataset]!, { seed, limit: rows })
  const network = smoothNetwork({ features: parts.train.x.shape[1], classes: 2, beta: config.beta })
  const { params, first, epochSeconds } = await trained(network, parts, context)
  await artifact('weights.safetensors', writeSafetensors(await toArrays(params)))
  const { x } = take(parts.test, points)
  const eps = config.variant === 'noAttack' ? 0 : config.eps
  const { precision, rows: audited, ...shares } = await audit(network, params, x, { k, eps, steps, seed })
  // The harmless attack of the control: a random point in place of the attacker's.
  const er = config.variant === 'randomAttack' ? shares.random : precision.er!
  const faithful = await faithfulRows(network, params, x, { k })
  const certificate = await radii(params, x, config, 'global')
  const { items, ...quality } = await classified(network, params, parts.test, parts.rows.test)
  const isMain = arm.kind !== 'control' && arm.kind !== 'ablation'
  return {
    measurements: {
      ...quality,
      ...precision,
      er,
      ...shares,
      dffot: average(faithful.dffot),
      comp: average(faithful.comp),
      suff: average(faithful.suff),
      certificate: average(certificate),
      ...(first && { fidelity: await fidelity(network, [first, params], x, k) }),
      ...(arm.kind !== 'control' && parts.validation && seed === 0 && (await onValidation(network, params, parts.validation, context))),
    },
    ...(isMain && seed === 0 && { series: { precision: await fall(network, params, x, config) } }),
    items: {
      test: items,
      explanations: {
        id: items.id.slice(0, audited.length),
        ...columnsOf(audited, config),
        ...faithful,
        certificate,
      },
    },
    details: {
      epochSeconds,
      rows: audited,
      ...(isMain && seed === 0 && { radii: await comparedRadii(network, params, x, config) }),
    },
  }
}

/** Means of these columns of the explanations are measurements. */
export const explanationScores = ['er', 'hardest', 'mse', 'worst', 'random', 'thickness', 'dffot', 'comp', 'suff', 'certificate'] as const

/** What the attacks found, row by row. */
function columnsOf(rows: readonly AuditedRow[], { variant }: Config) {
  const column = (value: (row: AuditedRow) => number) => Float32Array.from(rows, value)
  return {
    predicted: rows.map(({ predicted }) => predicted),
    er: column(({ under, random }) => (variant === 'randomAttack' ? random : under.er!)),
    hardest: column(({ under }) => under.hardest!),
    mse: column(({ under }) => under.mse!),
    worst: column(({ precision }) => precision),
    random: column(({ random }) => random),
    thickness: column(({ thickness }) => thickness),
    gap: column(({ gap }) => gap),
    flip: column(({ flip = Number.NaN }) => flip),
  }
}

/** P@k under ERAttack by radius, from one start. */
async function fall(network: Trained, params: LayeredParams, x: NDArray, config: Config) {
  const { k, steps } = settingsOf(config)
  const y = await precisionCurve(network, params, x, { k, steps, starts: 1, radii: config.radii })
  return { x: [0, ...config.radii], y: [1, ...y] }
}

async function radii(params: LayeredParams, { shape: [count, features], data }: NDArray, config: Config, lipschitz: 'global' | 'interval') {
  const { certify } = await certifierOf(params, config)
  const { k } = settingsOf(config)
  return Array.from({ length: count }, (_, row) => certify(data.subarray(row * features, (row + 1) * features), { k, lipschitz }).radius)
}

/** So many rows have their radii compared. */
const radiusRows = 50

/** Certified radii by both bounds beside the estimate, on some rows. */
async function comparedRadii(network: Trained, params: LayeredParams, x: NDArray, config: Config) {
  const { x: some } = take({ x }, x.shape[1] > mostFeatures ? radiusRows / 10 : radiusRows)
  return {
    global: average(await radii(params, some, config, 'global')),
    interval: average(await radii(params, some, config, 'interval')),
    ...(x.shape[1] <= mostFeatures && {
      empirical: await empiricalRadius(network, params, some, { k: settingsOf(config).k, eps: config.eps }),
    }),
  }
}

/** P@k between the map of the first training and that of the second: whether the explanation is still that of the model one had. */
async function fidelity(network: Trained, [before, after]: readonly LayeredParams[], x: NDArray, k: number): Promise<number> {
  const run = jit((before: LayeredParams, after: LayeredParams, x: Tensor) => {
    const [one, other] = [before, after].map((params) =>
      topMask(
        saliency((x) => network.apply(params, x), x),
        k,
      ),
    )
    return mean(precision(one, other, k))
  })
  return run(before, after, fromArray(x)).item()
}

/** What a strength is chosen by. */
async function onValidation(network: Trained, params: LayeredParams, validation: Examples, { config, seed }: Context) {
  const { k, points, steps } = settingsOf(config)
  const { auc } = await classified(network, params, validation)
  const [er] = await precisionCurve(network, params, take(validation, points).x, { k, steps, starts: 1, seed, radii: [config.eps] })
  return { validationAuc: auc, validationEr: er }
}

interface Outcome {
  readonly params: LayeredParams
  /** The model of the first training, where there was a second. */
  readonly first?: LayeredParams
  /** The quickest of the last training's epochs but the first, which compiles: others wait for whatever else the machine does. */
  readonly epochSeconds: number
}

async function trained(network: Trained, { train }: Parts, { config, seed, parallel, progress, log }: Context): Promise<Outcome> {
  const { epochs, again, rate, rateAgain } = settingsOf(config)
  const objective = objectiveOf(config)
  const once = onlyOnce.includes(config.method)
  let ends: number[] = []
  /** The first training goes down the loss, the second the arm's objective. */
  const logAs = (name: 'loss' | 'objective') => (epoch: number, value: number) => {
    log(epoch, { [name]: value })
    ends.push(performance.now())
  }
  const epochSeconds = () => Math.min(...ends.slice(1).map((end, i) => (end - ends[i]) / 1000))
  const common = { network, train, batch: config.batch, seed, parallel, progress }
  const plain = await fitModel(network.init(fold(key(seed), initialWeights)), {
    ...common,
    objective: once ? objective : { k: objective.k },
    optimizer: adam({ learningRate: rate }),
    epochs,
    onEpoch: logAs(once ? 'objective' : 'loss'),
  })
  if (once) return { params: plain, epochSeconds: epochSeconds() }
  // Training uses its parameters up.
  const first = fromArrays(await toArrays(plain), plain)
  ends = []
  const params = await fitModel(plain, {
    ...common,
    train: config.variant === 'shuffledLabels' ? await withShuffledLabels(train, seed) : train,
    objective,
    optimizer: adam({ learningRate: rateAgain }),
    epochs: again,
    firstEpoch: epochs,
    onEpoch: logAs('objective'),
  })
  return { params, first, epochSeconds: epochSeconds() }
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

/** Accuracy and area under the ROC curve, by the one logit; and what they are made of. */
async function classified(network: Trained, params: LayeredParams, { x, y }: Examples, ids?: ArrayLike<number>) {
  const logits = await (await evaluate(jit(network.apply)(params, fromArray(x)))).ndarray()
  const data = Array.from(logits.data)
  const right = data.reduce((count, logit, row) => count + (logit > 0 === (y.data[row] === 1) ? 1 : 0), 0)
  const { id, label, predicted, loss } = predictionsOf(logits, y.data, ids)
  return {
    accuracy: right / data.length,
    auc: areaUnderCurve(data, y.data),
    items: { id, label, predicted, logit: Float32Array.from(data), loss },
  }
}
