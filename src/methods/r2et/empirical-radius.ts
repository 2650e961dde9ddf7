import {
  add,
  diagonal,
  evaluate,
  expandDims,
  fold,
  fromArray,
  InputError,
  jit,
  key,
  matmul,
  maximum,
  mul,
  type NDArray,
  random,
  sign,
  sqrt,
  sub,
  swapLast,
  type Tensor,
  transpose,
  zeros,
} from '../../engine/index.ts'
import { descending, leastQuotient } from './certificate.ts'
import { inputHessian } from './curvature.ts'
import type { Network } from './network.ts'
import { requireK } from './ranking.ts'
import { inputGradient } from './saliency.ts'
import { randomDirections } from './vectors.ts'

/** Above this many features the Hessians are not asked for. */
export const mostFeatures = 128

export interface EmpiricalRadiusOptions {
  readonly k: number
  /** Radius of the ball whose points are met. */
  readonly eps: number
  /** How many points, the centre included. */
  readonly samples?: number
  readonly seed?: number
}

/**
 * min over i of the top k, j outside, of (I_i − I_j)/‖H_i − H_j‖, with the largest norm that was met at some points of the ball. An estimate, never a
 * certificate: between the points the norm may be larger. For any classifier with at most 128 features.
 *
 * @returns one radius a row; infinite where the map does not change at all.
 * @example
 * const network = smoothNetwork({ features: 4, classes: 2, hidden: [8] })
 * const params = await evaluate(network.init(key(0)))
 * const rows = await random.normal(key(1), [8, 4]).ndarray()
 * const radii = await empiricalRadius(network, params, rows, { k: 2, eps: 1 })
 * radii.length // 8
 */
export async function empiricalRadius<P>(
  network: Network<P>,
  params: P,
  rows: NDArray,
  { k, eps, samples = 16, seed = 0 }: EmpiricalRadiusOptions,
): Promise<number[]> {
  const [count, features] = rows.shape
  requireK(k, features)
  if (features > mostFeatures)
    throw new InputError(`the Hessians of ${features} features are too large`, { fix: `give at most ${mostFeatures}` })
  const x = fromArray(rows)
  const classify = (params: P) => (x: Tensor) => network.apply(params, x)
  const gradient = await evaluate(jit((params: P, x: Tensor) => inputGradient(classify(params), x))(params, x))
  const rates = jit((params: P, x: Tensor, signs: Tensor, most: Tensor) => maximum(most, rowDistances(classify(params), x, signs)))
  let most: Tensor = zeros([count, features, features])
  for (let sample = 0; sample < samples; sample++) {
    const own = fold(key(seed), sample)
    const reach = mul(random.uniform(fold(own, 1), [count, 1]), sample === 0 ? 0 : eps)
    most = await evaluate(rates(params, add(x, mul(randomDirections(own, rows.shape), reach)), sign(gradient), most))
  }
  const [maps, met] = await Promise.all([gradient.data(), most.data()])
  return Array.from({ length: count }, (_, row) => {
    const map = Float64Array.from(maps.subarray(row * features, (row + 1) * features), Math.abs)
    return leastQuotient(map, descending(map), k, (i, j) => met[(row * features + i) * features + j])
  })
}

/** ‖H_i − H_j‖ with H_i = ∂I_i/∂x, [n, features, features]; signs [n, features] are those of the gradient. By ‖a‖² + ‖b‖² − 2 a·b. */
function rowDistances(classify: (x: Tensor) => Tensor, x: Tensor, signs: Tensor): Tensor {
  const hessian = mul(transpose(inputHessian(classify, x), [1, 0, 2]), expandDims(signs, 2))
  const products = matmul(hessian, swapLast(hessian))
  const squares = diagonal(products)
  return sqrt(maximum(sub(add(expandDims(squares, 2), expandDims(squares, 1)), mul(products, 2)), 0))
}
