import { add, div, exp, mul, reshape, square, sub, sum, type Tensor } from '../../engine/index.ts'
import type { VaeConfig } from './config.ts'
import { type Posterior, reparameterized, type VaeNetwork, type VaeParams } from './network.ts'

/** Data on the scale inside, from 0 to 1. */
export const toUnit = (x: Tensor, [least, most]: VaeConfig['range']): Tensor => div(sub(x, least), most - least)

export const fromUnit = (x: Tensor, [least, most]: VaeConfig['range']): Tensor => add(mul(x, most - least), least)

/** KL(q(z | x) ‖ N(0, I)) = −½ Σ (1 + ln σ² − μ² − σ²) of each record. */
export const divergence = ({ mean, logVariance }: Posterior): Tensor =>
  mul(sum(sub(add(1, logVariance), add(square(mean), exp(logVariance))), { axes: [1] }), -0.5)

/**
 * The negative evidence lower bound of each record, up to a constant: ‖x − dec(μ + σ ε)‖² + KL, without a factor ½ in front of the squares, which makes
 * p(x | z) a normal distribution of variance ½ on the scale from 0 to 1.
 *
 * @param x [n, ...shape], in the data's range
 * @param eps standard normal [n, latent]
 */
export function negativeElbo(
  { config, network }: { config: VaeConfig; network: VaeNetwork },
  params: VaeParams,
  x: Tensor,
  eps: Tensor,
): Tensor {
  const unit = toUnit(x, config.range)
  const posterior = network.encode(params, unit)
  const again = network.decode(params, reparameterized(posterior, eps))
  return add(sum(reshape(square(sub(unit, again)), [x.shape[0], -1]), { axes: [1] }), divergence(posterior))
}
