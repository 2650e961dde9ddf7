import { mapTree, type Tensor } from '../engine/index.ts'

/** Whether the parameter at a dotted path of the tree decays. */
export type Decays = (path: string, parameter: Tensor) => boolean

/**
 * Matrices and what has more axes decay; biases and the gains of norms do not. The usual rule for transformers.
 *
 * @example
 * adam({ learningRate: 1e-3, weightDecay: 0.1, decays: matricesDecay })
 */
export const matricesDecay: Decays = (_, { shape }) => shape.length >= 2

/** Each parameter's own decay: the common one, or 0. */
export const decayOf = (params: unknown, weightDecay: number, decays: Decays = () => true): unknown =>
  mapTree(params, (w: Tensor, path) => (weightDecay > 0 && decays(path, w) ? weightDecay : 0))
