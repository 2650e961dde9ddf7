import { add, mul, sub, type Tensor, zipTrees } from '../../engine/index.ts'
import { type Optimizer, requireNotNegative } from '../../optim/index.ts'

/* Two cheap remedies against forgetting: a spring towards the base, and a point between the base and what was trained. */

interface AnchoredState<S> {
  readonly inner: S
  /** The parameters that training started from. */
  readonly base: unknown
}

/**
 * The same optimizer on the loss plus λ ‖θ − θ_base‖², where θ_base are the parameters that it starts from.
 *
 * @example
 * import { sgd } from 'quire/optim'
 *
 * const optimizer = anchored(sgd({ learningRate: 0.1 }), 0.01)
 */
export function anchored<S>(optimizer: Optimizer<S>, lambda: number): Optimizer<AnchoredState<S>> {
  requireNotNegative('anchored', 'lambda', lambda)
  const { name, explain, averages } = optimizer
  return {
    name: `${name}+anchor`,
    ...(explain && { explain }),
    ...(averages && { averages }),
    init: (params) => ({ inner: optimizer.init(params), base: params }),
    update({ gradients, state, params }) {
      const pulled = zipTrees([gradients, params, state.base], (g: Tensor, w: Tensor, base: Tensor) =>
        add(g, mul(sub(w, base), 2 * lambda)),
      )
      const next = optimizer.update({ gradients: pulled as typeof gradients, state: state.inner, params })
      return { ...next, state: { inner: next.state, base: state.base } }
    },
  }
}

/**
 * α θ_base + (1 − α) θ: the straight line between two models of one shape. Along it forgetting often falls faster than what was gained (Wortsman et al.
 * 2022).
 *
 * @example
 * const { w } = averaged({ w: ones([2]) }, { w: zeros([2]) }, 0.25)
 * await w.array() // [0.25, 0.25]
 */
export const averaged = <P>(base: P, trained: P, alpha: number): P =>
  zipTrees([base, trained], (b: Tensor, w: Tensor) => add(mul(b, alpha), mul(w, 1 - alpha))) as P
