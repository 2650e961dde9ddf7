import {
  add,
  cast,
  div,
  equal,
  evaluate,
  fold,
  fromArray,
  jit,
  key,
  mul,
  type NDArray,
  norm,
  select,
  sub,
  sum,
  type Tensor,
  tensor,
  topK,
} from '../../engine/index.ts'
import { average } from '../../kits/metrics/index.ts'
import { type AttackKind, type AttackOptions, attackExplanation } from './attack.ts'
import type { Network } from './network.ts'
import { precision, tiedAt, topMask } from './ranking.ts'
import { predicted, saliency } from './saliency.ts'
import { thickness } from './thickness.ts'
import { randomDirections } from './vectors.ts'

export interface AuditOptions
  extends Pick<AttackOptions, 'k' | 'eps' | 'steps' | 'starts' | 'keeping' | 'feasible' | 'saliency' | 'progress'> {
  /** Default `er`, `hardest` and `mse`. */
  readonly attacks?: readonly AttackKind[]
  readonly seed?: number
}

/** One row under its worst attack, the one that leaves the least of its top k. */
export interface AuditedRow {
  /** The predicted class, which every attack keeps. */
  readonly predicted: number
  /** The top k before and after, the most salient first. */
  readonly top: readonly number[]
  readonly topAfter: readonly number[]
  readonly precision: number
  /** P@k under each attack, of a random point as far away, and the thickness. */
  readonly under: Readonly<Partial<Record<AttackKind, number>>>
  readonly random: number
  readonly thickness: number
  /** I of the k-th feature less that of the next, before. */
  readonly gap: number
  readonly attack: AttackKind
  /** ‖x′ − x‖ of that attack. */
  readonly perturbation: number
  /** The least ‖x′ − x‖ at which any attack's path has another top k; absent where none has. */
  readonly flip?: number
}

/** How stable the explanations of a model are; shares are means over the rows. */
export interface Audit {
  /** P@k under each attack: what share of the original top k is still there. */
  readonly precision: Readonly<Partial<Record<AttackKind, number>>>
  /** The least of the attacks, row by row. */
  readonly worst: number
  /** P@k of a random point at the same distance: what an attack must beat to be one. */
  readonly random: number
  /** P@k of two random sets of k. */
  readonly chance: number
  /** Share of rows that the attacks could move, and where the label was kept: the least of the attacks. */
  readonly moved: number
  readonly labelKept: number
  /** Share of rows whose k-th and next feature are equally salient, so that their order decides. */
  readonly tied: number
  /** Top-k thickness towards random points at distance eps. */
  readonly thickness: number
  /** Cosine of the maps before and after the first attack. */
  readonly cosine: number
  readonly rows: readonly AuditedRow[]
}

/** Uses of the seed other than the attacks'. */
const randomUse = 100

/**
 * Attacks the explanation of each row and reports what remains of its top k.
 *
 * @example
 * const network = smoothNetwork({ features: 4, classes: 2, hidden: [8] })
 * const params = await evaluate(network.init(key(0)))
 * const rows = await random.normal(key(1), [8, 4]).ndarray()
 * const { precision, worst, thickness } = await audit(network, params, rows, { k: 2, eps: 0.1 })
 */
export async function audit<P>(network: Network<P>, params: P, rows: NDArray, options: AuditOptions): Promise<Audit> {
  const { k, eps, seed = 0, attacks = ['er', 'hardest', 'mse'] } = options
  const x = fromArray(rows)
  const compare = comparison(network, params, x, options)
  const found: (Compared & { attack: AttackKind })[] = []
  for (const [i, attack] of attacks.entries()) {
    const { adversarial } = await attackExplanation(network, params, x, {
      ...options,
      kind: attack,
      key: fold(key(seed), i),
      progress: async (done, total) => options.progress?.(i * total + done, attacks.length * total),
    })
    found.push({ attack, ...(await compare(adversarial)), flips: await flipDistances(network, params, x, adversarial, options) })
  }
  const beside = await compare(add(x, mul(randomDirections(fold(key(seed), randomUse), x.shape), eps)))
  const thick = await thickness(network, params, rows, { k, eps, saliency: options.saliency, seed })
  const audited = found[0].precision.map((_, row) => ({
    ...worstOf(found, row),
    random: beside.precision[row],
    thickness: thick.perSample[row],
  }))
  return {
    precision: Object.fromEntries(found.map(({ attack, precision }) => [attack, average(precision)])),
    worst: average(audited.map(({ precision }) => precision)),
    random: average(beside.precision),
    chance: (k * (options.saliency?.channels ?? 1)) / x.shape[1],
    moved: Math.min(...found.map(({ distance }) => average(distance.map((value) => Number(value > 0))))),
    labelKept: Math.min(...found.map(({ kept }) => average(kept))),
    tied: average(found[0].tied),
    thickness: thick.mean,
    cosine: average(found[0].cosine),
    rows: audited,
  }
}

interface Compared {
  readonly precision: number[]
  readonly kept: number[]
  readonly distance: number[]
  readonly cosine: number[]
  readonly tied: number[]
  readonly gap: number[]
  readonly predicted: number[]
  readonly top: number[]
  readonly topAfter: number[]
  /** The least distance with another top k; infinite where there is none. */
  readonly flips?: readonly number[]
}

/** The maps of other points beside those of the originals, row by row. */
function comparison<P>(network: Network<P>, params: P, x: Tensor, { k, saliency: about }: AuditOptions) {
  const run = jit((params: P, x: Tensor, other: Tensor) => {
    const classify = (x: Tensor) => network.apply(params, x)
    const [map, changed] = [x, other].map((x) => saliency(classify, x, about))
    const { values } = topK(map, k + 1)
    return {
      precision: precision(topMask(map, k), topMask(changed, k), k),
      kept: cast(equal(predicted(classify(x)), predicted(classify(other))), 'float32'),
      distance: norm(sub(other, x), { axes: 1 }),
      cosine: div(sum(mul(map, changed), { axes: 1 }), add(mul(norm(map, { axes: 1 }), norm(changed, { axes: 1 })), 1e-12)),
      tied: cast(tiedAt(map, k), 'float32'),
      gap: sub(select(values, k - 1, { axis: 1 }), select(values, k, { axis: 1 })),
      predicted: predicted(classify(x)),
      top: topK(map, k).indices,
      topAfter: topK(changed, k).indices,
    }
  })
  return async (other: Tensor): Promise<Compared> => {
    const entries = Object.entries(await evaluate(run(params, x, other)))
    return Object.fromEntries(
      await Promise.all(entries.map(async ([name, values]) => [name, [...(await values.data())]] as const)),
    ) as unknown as Compared
  }
}

function worstOf(found: readonly (Compared & { attack: AttackKind })[], row: number): Omit<AuditedRow, 'random' | 'thickness'> {
  const worst = found.reduce((least, other) => (other.precision[row] < least.precision[row] ? other : least))
  const k = worst.top.length / worst.precision.length
  const at = (values: readonly number[]) => values.slice(row * k, (row + 1) * k)
  const flip = Math.min(...found.map(({ flips }) => flips![row]))
  return {
    predicted: worst.predicted[row],
    top: at(worst.top),
    topAfter: at(worst.topAfter),
    precision: worst.precision[row],
    under: Object.fromEntries(found.map(({ attack, precision }) => [attack, precision[row]])),
    gap: worst.gap[row],
    attack: worst.attack,
    perturbation: worst.distance[row],
    ...(Number.isFinite(flip) && { flip }),
  }
}

const halvings = 16

/** On the way from each row to its attacked point: the least distance found, by halving, at which the top k is another one and the label the same. */
async function flipDistances<P>(network: Network<P>, params: P, x: Tensor, end: Tensor, { k, saliency: about }: AuditOptions) {
  const look = jit((params: P, x: Tensor, end: Tensor, places: Tensor) => {
    const classify = (x: Tensor) => network.apply(params, x)
    const point = add(x, mul(sub(end, x), places))
    const [map, changed] = [x, point].map((x) => saliency(classify, x, about))
    return {
      same: precision(topMask(map, k), topMask(changed, k), k),
      kept: cast(equal(predicted(classify(x)), predicted(classify(point))), 'float32'),
      distance: norm(sub(end, x), { axes: 1 }),
    }
  })
  const at = async (places: readonly number[]) => {
    const found = await evaluate(look(params, x, end, tensor([...places], { shape: [places.length, 1] })))
    const [same, kept, distance] = await Promise.all([found.same.data(), found.kept.data(), found.distance.data()])
    return { distance, flipped: places.map((_, row) => same[row] < 1 && kept[row] === 1) }
  }
  const low = new Array<number>(x.shape[0]).fill(0)
  const high = new Array<number>(x.shape[0]).fill(1)
  const { distance, flipped: ever } = await at(high)
  for (let i = 0; i < halvings; i++) {
    const middle = low.map((from, row) => (from + high[row]) / 2)
    const { flipped } = await at(middle)
    middle.forEach((place, row) => {
      if (flipped[row]) high[row] = place
      else low[row] = place
    })
  }
  return ever.map((flips, row) => (flips ? high[row] * distance[row] : Number.POSITIVE_INFINITY))
}

/**
 * P@k under ERAttack at several radii: a curve that falls from 1.
 *
 * @example
 * const network = smoothNetwork({ features: 4, classes: 2, hidden: [8] })
 * const params = await evaluate(network.init(key(0)))
 * const rows = await random.normal(key(1), [8, 4]).ndarray()
 * const precisions = await precisionCurve(network, params, rows, { k: 2, radii: [0.1, 0.5] })
 * precisions.length // 2
 */
export async function precisionCurve<P>(
  network: Network<P>,
  params: P,
  rows: NDArray,
  { radii, seed = 0, ...options }: Omit<AuditOptions, 'eps' | 'attacks'> & { radii: readonly number[] },
): Promise<number[]> {
  const x = fromArray(rows)
  const compare = comparison(network, params, x, { ...options, eps: 0 })
  const curve: number[] = []
  for (const [i, eps] of radii.entries()) {
    const progress = async (done: number, total: number) => options.progress?.(i * total + done, radii.length * total)
    const { adversarial } = await attackExplanation(network, params, x, { ...options, eps, kind: 'er', key: fold(key(seed), 0), progress })
    curve.push(average((await compare(adversarial)).precision))
  }
  return curve
}
