import { mapTree, type Tensor } from '../../engine/index.ts'
import type { Optimizer } from '../../optim/index.ts'
import { type Constraints, oracleAt } from './constraints.ts'

/**
 * An optimizer whose iterates are projected back into their sets after each step: projected gradient descent with `sgd` inside.
 *
 * @example
 * import { sgd } from 'quire/optim'
 *
 * const rival = projected(sgd({ learningRate: 0.1 }), { kind: 'l1', radius: 150 })
 */
export const projected = <S>(inner: Optimizer<S>, constraints: Constraints): Optimizer<S> => ({
  ...inner,
  name: `projected-${inner.name}`,
  update(input) {
    const next = inner.update(input)
    const project = (w: Tensor, path: string) => oracleAt(constraints, path, w)?.project(w) ?? w
    return { ...next, params: mapTree<typeof next.params>(next.params, project) }
  },
})
