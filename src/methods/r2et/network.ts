import { mul, random, softplus, type Tensor } from '../../engine/index.ts'
import { type Initializer, type LayeredParams, type Model, mlp } from '../../nn/index.ts'

/** softplus(βz)/β: a smooth ReLU. Saliency needs one: a ReLU network's map is constant in pieces, so that neither its Hessian nor an attack sees anything. */
export const smoothRelu =
  (beta: number) =>
  (z: Tensor): Tensor =>
    mul(softplus(mul(z, beta)), 1 / beta)

/** Uniform on ±√(6/(in + out)) (Glorot & Bengio 2010). */
export const xavierUniform: Initializer = (key, [outputs], inputs) => {
  const bound = Math.sqrt(6 / (inputs + outputs))
  return random.uniform(key, [outputs, inputs], { low: -bound, high: bound })
}

export interface NetworkOptions {
  readonly features: number
  readonly classes: number
  readonly hidden?: readonly number[]
  /** Sharpness of the activation: 10 is nearly a ReLU, 0.5 very smooth. */
  readonly beta?: number
}

/** What is explained: a forward pass, x [n, features] → logits [n, classes], or [n, 1] for two classes. */
export type Network<P = LayeredParams> = Pick<Model<P>, 'apply'>

/**
 * A perceptron with smooth activations: x [n, features] → [n, classes], or [n, 1], one logit, for two classes.
 *
 * @example
 * const network = smoothNetwork({ features: 14, classes: 2 })
 */
export const smoothNetwork = ({ features, classes, hidden = [32, 32], beta = 10 }: NetworkOptions): Model<LayeredParams> =>
  mlp({ sizes: [features, ...hidden, classes === 2 ? 1 : classes], activation: smoothRelu(beta), weight: xavierUniform })
