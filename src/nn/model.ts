import type { Tensor } from '../engine/index.ts'

/**
 * A model is two functions; its parameters are plain data that anybody may read, save, differentiate or replace.
 *
 * @example
 * const model = mlp({ sizes: [784, 128, 10] })
 * const params = model.init(key(0))
 * const logits = model.apply(params, images)
 */
export interface Model<P, Input = Tensor> {
  /** Fresh parameters. */
  init(key: Tensor): P
  /** The forward pass. */
  apply(params: P, x: Input): Tensor
}
