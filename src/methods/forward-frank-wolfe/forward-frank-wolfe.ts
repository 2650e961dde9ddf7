import { leavesWithPaths, type Tensor } from '../../engine/index.ts'
import { type Optimizer, require } from '../../optim/index.ts'
import { setAt } from './constraints.ts'
import { type Estimation, type ForwardGradientsOptions, type ForwardGradientsState, withForwardGradients } from './forward-gradients.ts'
import { type FrankWolfeOptions, type FrankWolfeState, frankWolfe } from './frank-wolfe.ts'

export interface ForwardFrankWolfeOptions extends FrankWolfeOptions, ForwardGradientsOptions {
  /**
   * Estimates ∇f − d_{k−1} instead of ∇f: as unbiased, and less noisy once d is near. The noise is then in proportion to the error of d, which grows
   * unless r_k < 2ν/(d + ν + 1): r is kept at half of that or below. Default false.
   */
  readonly controlVariate?: boolean
}

/**
 * Forward-gradient Frank-Wolfe (Rostami & Kia 2024): the gradient is estimated by one evaluation in forward mode, averaged over the steps, and
 * handed to the linear minimization oracle. Nothing of the forward pass is kept, nothing is projected, and every iterate lies in C.
 * Without averaging it converges to the wrong point.
 *
 * @throws InputError for signs (Rademacher) on l1 or ksparse without averaging: all |u_i| are equal then, so that the oracle always takes the
 * first coordinates.
 * @example
 * const optimizer = forwardFrankWolfe({ constraints: onMatrices({ kind: 'ksparse', k: 100, radius: 1.5 }), averaging: { power: 0.9 } })
 */
export function forwardFrankWolfe(
  options: ForwardFrankWolfeOptions,
  estimation: Estimation<FrankWolfeState> = {},
): Optimizer<ForwardGradientsState<FrankWolfeState>> {
  const { averaging = 'mokhtari', controlVariate = false } = options
  require('forwardFrankWolfe', !(controlVariate && averaging === 'none'), 'a control variate needs an average', 'set averaging')
  const { directions = 1 } = options
  const inner = frankWolfe(controlVariate ? { ...options, largestWeight: (d) => directions / (d + directions + 1) } : options)
  const guarded: Optimizer<FrankWolfeState> = {
    ...inner,
    init(params) {
      if (averaging === 'none' && options.distribution === 'rademacher') refuseTies(params, options)
      return inner.init(params)
    },
  }
  const centred = controlVariate ? { centerOf: ({ average }: FrankWolfeState) => average } : {}
  return { ...withForwardGradients(guarded, options, { ...centred, ...estimation }), name: 'forwardFrankWolfe' }
}

function refuseTies(params: unknown, { constraints }: FrankWolfeOptions): void {
  for (const [path, x] of leavesWithPaths(params)) {
    const { kind } = setAt(constraints, path, x as Tensor)
    const what = `all components of a rademacher direction are as large, so that ${kind} takes the first ones whatever the gradient`
    require('forwardFrankWolfe', kind !== 'l1' && kind !== 'ksparse', what, 'use gaussian or sphere, or averaging')
  }
}
