import {
  add,
  cast,
  div,
  equal,
  evaluate,
  fold,
  fromArray,
  greater,
  jit,
  key,
  mean,
  mul,
  type NDArray,
  norm,
  random,
  sub,
  sum,
  type Tensor,
} from '../../engine/index.ts'
import type { LayeredParams } from '../../nn/index.ts'
import { type AttackKind, attackExplanation, attackKinds, randomDirections } from './attack.ts'
import type { Network } from './network.ts'
import { orderedShare, precision, topMask } from './ranking.ts'
import { predicted, saliency } from './saliency.ts'

export interface AuditOptions {
  readonly k: number
  readonly eps: number
  readonly steps?: number
  readonly starts?: number
  readonly channels?: number
  readonly seed?: number
  progress?(done: number, total: number): Promise<void>
}

/** How stable the explanations of a model are; shares are means over the rows. */
export interface Audit {
  /** P@k under each attack: what share of the original top k is still there. */
  readonly precision: Readonly<Record<AttackKind, number>>
  /** The least of the attacks, row by row. */
  readonly worst: number
  /** P@k of a random point at the same distance: what an attack must beat to be one. */
  readonly random: number
  /** P@k of two random sets of k. */
  readonly chance: number
  /** Share of rows that the attacks could move, and where the label was kept. */
  readonly moved: number
  readonly labelKept: number
  /** Top-k thickness: the share of ordered pairs that keep their order along paths to random points at distance eps. */
  readonly thickness: number
  /** Cosine of the maps before and after the `er` attack. */
  readonly cosine: number
  /** Row by row: P@k under the worst attack. */
  readonly rows: readonly number[]
}

/** Random end points, and places along the path to each, whose mean is the thickness. */
const pathSamples = 20

/**
 * Attacks the explanation of each row with every kind of attack and reports what remains of its top k.
 *
 * @example
 * const { precision, worst, thickness } = await audit(network, params, x, { k: 8, eps: 0.5 })
 */
export async function audit(network: Network, params: LayeredParams, rows: NDArray, options: AuditOptions): Promise<Audit> {
  const { k, eps, channels, seed = 0 } = options
  const x = fromArray(rows)
  const compare = jit((params: LayeredParams, x: Tensor, other: Tensor) => {
    const classify = (x: Tensor) => network.apply(params, x)
    const [map, changed] = [x, other].map((x) => saliency(classify, x, { channels }))
    return {
      precision: precision(topMask(map, k), topMask(changed, k), k),
      kept: mean(cast(equal(predicted(classify(x)), predicted(classify(other))), 'float32')),
      moved: mean(cast(greater(norm(sub(other, x), { axes: 1 }), 0), 'float32')),
      cosine: mean(div(sum(mul(map, changed), { axes: 1 }), add(mul(norm(map, { axes: 1 }), norm(changed, { axes: 1 })), 1e-12))),
    }
  })
  const found: { precision: number[]; kept: number; moved: number; cosine: number }[] = []
  for (const [i, kind] of attackKinds.entries()) {
    const { adversarial } = await attackExplanation(network, params, x, {
      ...options,
      kind,
      key: fold(key(seed), i),
      progress: async (done, total) => options.progress?.(i * total + done, attackKinds.length * total),
    })
    const result = await evaluate(compare(params, x, adversarial))
    found.push({
      precision: [...(await result.precision.data())],
      kept: await result.kept.item(),
      moved: await result.moved.item(),
      cosine: await result.cosine.item(),
    })
  }
  const beside = compare(params, x, add(x, mul(randomDirections(fold(key(seed), randomUse), x.shape), eps)))
  const worst = found[0].precision.map((_, row) => Math.min(...found.map(({ precision }) => precision[row])))
  return {
    precision: Object.fromEntries(attackKinds.map((kind, i) => [kind, average(found[i].precision)])) as Record<AttackKind, number>,
    worst: average(worst),
    random: average([...(await beside.precision.data())]),
    chance: (k * (channels ?? 1)) / x.shape[1],
    moved: Math.min(...found.map(({ moved }) => moved)),
    labelKept: Math.min(...found.map(({ kept }) => kept)),
    thickness: await thickness(network, params, x, options),
    cosine: found[0].cosine,
    rows: worst,
  }
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Uses of the seed other than the attacks'. */
const [randomUse, pathUse] = [100, 200]

/** Top-k ranking thickness, the mean over rows, end points on the sphere of radius eps, and places along the way there. */
export async function thickness(
  network: Network,
  params: LayeredParams,
  x: Tensor,
  { k, eps, channels, seed = 0 }: AuditOptions,
): Promise<number> {
  const share = jit((params: LayeredParams, x: Tensor, other: Tensor) => {
    const map = (x: Tensor) => saliency((x) => network.apply(params, x), x, { channels })
    return mean(orderedShare(map(other), topMask(map(x), k), k))
  })
  let total = 0
  for (let sample = 0; sample < pathSamples; sample++) {
    const own = fold(key(seed), pathUse + sample)
    const reach = mul(random.uniform(fold(own, 1), [x.shape[0], 1]), eps)
    total += await share(params, x, add(x, mul(randomDirections(own, x.shape), reach))).item()
  }
  return total / pathSamples
}
