import { isFloat } from '../dtype.ts'
import { type ClosedGraph, close, graphOf } from '../graph/closure.ts'
import { tensorsLike } from '../graph/like.ts'
import type { Primitive } from '../graph/primitive.ts'
import { type Graph, replaceTensors, type Traced, tensorsOf, trace } from '../graph/trace.ts'
import { reshape, where, zerosLike } from '../ops.ts'
import { evaluateGraph } from '../reference/evaluate.ts'
import { isTensor, type Tensor } from '../tensor.ts'
import { pushGraph } from '../transform/jvp.ts'
import { pullGraph } from '../transform/vjp.ts'
import { mapGraph } from '../transform/vmap.ts'
import { apply, placesOf, shapeError, spreadOver } from './define.ts'

interface Cond {
  /** Of the same parameters and with results alike: where the predicate holds, and where not. */
  readonly branches: readonly [ClosedGraph, ClosedGraph]
}

const branchesOf = (attributes: unknown): Cond['branches'] => (attributes as Cond).branches

/** One of two graphs, as a boolean says; the other is not computed. Inputs: the predicate, then the parameters of the branches. */
export const condPrimitive: Primitive = {
  name: 'cond',
  kind: 'general',
  infer: (_, attributes) => branchesOf(attributes)[0].outputs.map(({ shape, dtype }) => ({ shape, dtype })),
  evaluate: ([predicate, ...inputs], attributes) => evaluateGraph(branchesOf(attributes)[predicate.data[0] !== 0 ? 0 : 1], inputs),
  jvp({ inputs: [predicate, ...inputs], attributes }, [, ...tangents]) {
    const moving = placesOf(tangents, (t) => t !== null)
    const branches = branchesOf(attributes)
    const floats = placesOf(branches[0].outputs, ({ dtype }) => isFloat(dtype))
    const results = branch(
      predicate,
      [...inputs, ...moving.map((i) => tangents[i]!)],
      branches.map((graph) => (...all) => {
        const args = all.slice(0, inputs.length)
        const pushed = pushGraph(graph, args, spreadOver(inputs.length, moving, all.slice(inputs.length)))
        return floats.map((i) => pushed.tangents[i] ?? zerosLike(pushed.values[i]))
      }),
    )
    return spreadOver(branches[0].outputs.length, floats, results)
  },
  vjp({ inputs: [predicate, ...inputs], attributes }, cotangents, [, ...wanted]) {
    const arriving = placesOf(cotangents, (ct) => ct !== null)
    const sought = placesOf(inputs, ({ dtype }, i) => wanted[i] && isFloat(dtype))
    const results = branch(
      predicate,
      [...inputs, ...arriving.map((i) => cotangents[i]!)],
      branchesOf(attributes).map((graph) => (...all) => {
        const args = all.slice(0, inputs.length)
        const given = spreadOver(cotangents.length, arriving, all.slice(inputs.length))
        const pulled = pullGraph(
          graph,
          args,
          given,
          inputs.map((_, i) => sought.includes(i)),
        )
        return sought.map((i) => pulled[i] ?? zerosLike(args[i]))
      }),
    )
    return [null, ...spreadOver(inputs.length, sought, results)]
  },
  batch([predicate, ...inputs], [predicateBatched, ...batched], attributes, size) {
    const branches = branchesOf(attributes)
    const mapped = branches.map((graph) => (args: readonly Tensor[]) => mapGraph(graph, args, batched, size))
    if (!predicateBatched) {
      return branch(
        predicate,
        inputs,
        mapped.map(
          (each) =>
            (...all) =>
              each(all),
        ),
      )
    }
    // Examples that go different ways: both ways are computed, and one is chosen for each.
    const [yes, no] = mapped.map((each) => each(inputs))
    return yes.map((y, i) => where(reshape(predicate, [size, ...y.shape.slice(1).map(() => 1)]), y, no[i]))
  },
  lower(context, [predicate, ...inputs], node) {
    const [yes, no] = branchesOf(node.attributes).map((graph) => context.subgraph(graph, inputs))
    return context.emitMany('If', [predicate], yes.outputs.length, { then_branch: yes, else_branch: no })
  },
}

/** A choice between two functions of a list of tensors, which may use any value of the surrounding program. */
function branch(predicate: Tensor, inputs: readonly Tensor[], functions: readonly ((...inputs: Tensor[]) => Tensor[])[]): Tensor[] {
  return choose(
    predicate,
    inputs,
    functions.map((fn) => graphOf(fn, inputs)),
  )
}

function choose(predicate: Tensor, inputs: readonly Tensor[], graphs: readonly Graph[]): Tensor[] {
  if (graphs[0].outputs.length === 0) return []
  const { closed, captures } = close(graphs)
  return apply(condPrimitive, [predicate, ...inputs, ...captures], { branches: closed })
}

/**
 * `onTrue(...args)` where the predicate (one boolean) holds, else `onFalse(...args)`; only that one is computed. Both return trees alike.
 * What a branch computes of its arguments is inside of it; what it computes of other tensors is computed always. Under `vmap` with a
 * predicate for each example, both are computed and one is chosen.
 *
 * @example
 * const x = tensor([-1, 2])
 * await cond(greater(sum(x), 0), (x: Tensor) => mul(x, 2), neg, x).array() // [-2, 4]
 */
export function cond<A extends unknown[], R>(predicate: Tensor, onTrue: (...args: A) => R, onFalse: (...args: A) => R, ...args: A): R {
  if (!isTensor(predicate) || predicate.dtype !== 'bool' || predicate.shape.length > 0)
    throw shapeError('cond', 'the predicate must be one boolean', isTensor(predicate) ? [predicate] : [])
  const [yes, no] = [onTrue, onFalse].map((fn) => trace(fn as never, args) as Traced<R>)
  const other = tensorsLike('cond', 'what the second branch returns', no.result, yes.result).map((x) => x.node)
  return replaceTensors<R>(yes.result, choose(predicate, tensorsOf(args), [yes, { ...no, outputs: other }]))
}
