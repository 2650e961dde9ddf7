import { add, fold, key, scalar, type Tensor, withoutBuffers } from '../../engine/index.ts'
import { type Optimizer, require } from '../../optim/index.ts'
import { type Directions, type Distribution, distributions, keyedDirections } from './directions.ts'
import { forwardGradient } from './forward-gradient.ts'

export interface ForwardGradientsOptions {
  /** ν, the number of directions a step, each of which costs one evaluation in forward mode. Default 1. */
  readonly directions?: number
  /** Default 'gaussian'. */
  readonly distribution?: Distribution
  /** Decides all directions. A whole number from 0. Default 0. */
  readonly seed?: number
  /** All directions in one evaluation. Default true. */
  readonly batched?: boolean
  /** Parameters, by path, that get their exact gradient. */
  readonly exact?: (path: string) => boolean
}

export interface ForwardGradientsState<S> {
  /** The key of the seed; that of step k is made of it. */
  readonly key: Tensor
  /** Steps taken, a uint32 scalar. */
  readonly step: Tensor
  readonly inner: S
}

/** What differs between ways to make a step's directions and to centre the estimate. */
export interface Estimation<S> {
  directionsAt?<P>(key: Tensor, params: P): Directions<P>
  centerOf?(inner: S): unknown
}

/**
 * An optimizer that is given forward gradients in the place of exact ones: forward-gradient descent (Baydin et al. 2022) with `sgd` inside. The
 * directions of a step follow from (seed, step): a resumed run draws the same ones.
 *
 * @example
 * import { sgd } from 'quire/optim'
 *
 * const descent = withForwardGradients(sgd({ learningRate: 1e-3 }), { directions: 4 })
 */
export function withForwardGradients<S>(
  inner: Optimizer<S>,
  options: ForwardGradientsOptions = {},
  estimation: Estimation<S> = {},
): Optimizer<ForwardGradientsState<S>> {
  const { directions = 1, distribution = 'gaussian', seed = 0, batched, exact } = options
  const isCount = Number.isInteger(directions) && directions >= 1
  require('forward gradients', isCount, `directions is ${directions}`, 'give a whole number of at least 1')
  const isKnown = distributions.includes(distribution)
  require('forward gradients', isKnown, `there is no distribution '${distribution}'`, `give one of ${distributions.join(', ')}`)
  const drawn = <P>(key: Tensor, params: P) => keyedDirections(key, params, { count: directions, distribution })
  const { directionsAt = drawn, centerOf } = estimation
  return {
    name: `forward-${inner.name}`,
    averages: true,
    init: (params) => ({ key: key(seed), step: scalar(0, 'uint32'), inner: inner.init(params) }),
    differentiate: (loss, { params, state }) =>
      forwardGradient(loss, params, {
        directions: directionsAt(fold(state.key, state.step), withoutBuffers(params)),
        batched,
        exact,
        center: centerOf?.(state.inner) as typeof params,
      }),
    update({ gradients, state, params }) {
      const next = inner.update({ gradients, state: state.inner, params })
      return { ...next, state: { key: state.key, step: add(state.step, 1), inner: next.state } }
    },
  }
}
