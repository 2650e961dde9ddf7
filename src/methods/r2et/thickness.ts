import { add, cast, evaluate, fold, fromArray, jit, key, mul, type NDArray, power, random, sub, type Tensor } from '../../engine/index.ts'
import type { Network } from './network.ts'
import { orderedShare, topMask } from './ranking.ts'
import { type SaliencyOptions, saliency } from './saliency.ts'
import { randomDirections } from './vectors.ts'

export interface ThicknessOptions {
  readonly k: number
  /** How far the paths go. */
  readonly eps: number
  /** Pairs of an end point and a place along the way to it. Default 20. */
  readonly samples?: number
  /** Where paths end: uniform on the sphere (default), uniform in the ball, normal with E‖x′ − x‖² = eps², or points [n, features] of one's own (attacked ones, say). */
  readonly distribution?: 'sphere' | 'ball' | 'normal' | NDArray
  readonly saliency?: SaliencyOptions
  readonly seed?: number
}

export interface Thickness {
  /** Row by row. */
  readonly perSample: readonly number[]
  readonly mean: number
}

/** Uses of the seed other than the attacks'. */
const pathUse = 200

/**
 * Top-k ranking thickness: the share of pairs (i of the top k, j outside) with I_i(x(t)) ≥ I_j(x(t)), x(t) = (1 − t) x + t x′, averaged over end points x′
 * and places t uniform on [0, 1]. 1 where no pair ever changes places.
 *
 * @example
 * const network = smoothNetwork({ features: 4, classes: 2, hidden: [8] })
 * const params = await evaluate(network.init(key(0)))
 * const rows = await random.normal(key(1), [8, 4]).ndarray()
 * const { mean, perSample } = await thickness(network, params, rows, { k: 2, eps: 0.5 })
 */
export async function thickness<P>(network: Network<P>, params: P, rows: NDArray, options: ThicknessOptions): Promise<Thickness> {
  const { k, samples = 20, saliency: about, seed = 0 } = options
  const x = fromArray(rows)
  const share = jit((params: P, x: Tensor, other: Tensor) => {
    const map = (x: Tensor) => saliency((x) => network.apply(params, x), x, about)
    return orderedShare(map(other), topMask(map(x), k), k)
  })
  const total = new Array<number>(rows.shape[0]).fill(0)
  for (let sample = 0; sample < samples; sample++) {
    const own = fold(key(seed), pathUse + sample)
    const place = random.uniform(fold(own, 1), [rows.shape[0], 1])
    const shares = await (await evaluate(share(params, x, add(x, mul(endsOf(own, x, options), place))))).data()
    shares.forEach((value, row) => {
      total[row] += value
    })
  }
  const perSample = total.map((value) => value / samples)
  return { perSample, mean: perSample.reduce((sum, value) => sum + value, 0) / perSample.length }
}

/** x′ − x. */
function endsOf(own: Tensor, x: Tensor, { eps, distribution = 'sphere' }: ThicknessOptions): Tensor {
  const [rows, features] = x.shape
  if (distribution === 'normal') return mul(random.normal(own, x.shape), eps / Math.sqrt(features))
  if (typeof distribution === 'object') return sub(cast(fromArray(distribution), x.dtype), x)
  const directions = mul(randomDirections(own, x.shape), eps)
  // The distance from the centre of a uniform point of the ball is distributed like the features-th root of a uniform number.
  return distribution === 'sphere' ? directions : mul(directions, rootUniform(fold(own, 2), rows, features))
}

const rootUniform = (key: Tensor, rows: number, features: number): Tensor => power(random.uniform(key, [rows, 1]), 1 / features)
