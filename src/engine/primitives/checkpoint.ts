import { isFloat } from '../dtype.ts'
import { InputError } from '../errors.ts'
import { type ClosedGraph, callGraph, close, graphOf } from '../graph/closure.ts'
import { type Node, topological } from '../graph/node.ts'
import type { Primitive } from '../graph/primitive.ts'
import { dependents, type Graph, replaceTensors, type Traced, tensorsOf, trace } from '../graph/trace.ts'
import { evaluateGraph } from '../reference/evaluate.ts'
import type { Tensor } from '../tensor.ts'
import { pushGraph } from '../transform/jvp.ts'
import { pullBack, pullGraph } from '../transform/vjp.ts'
import { mapGraph } from '../transform/vmap.ts'
import { barrier } from './barrier.ts'
import { apply, linear, placesOf, spreadOver } from './define.ts'

/**
 * What the forward pass keeps for the backward pass: 'nothing' but the arguments, 'everything', or what certain primitives compute (by their
 * names in a printed graph: 'matmul') and what carries certain names (`checkpointName`).
 */
export type CheckpointPolicy = 'nothing' | 'everything' | { readonly primitives?: readonly string[]; readonly names?: readonly string[] }

interface Checkpoint {
  readonly fn: ClosedGraph
  readonly policy: CheckpointPolicy
}

const checkpointOf = (attributes: unknown): Checkpoint => attributes as Checkpoint

/** A function whose intermediate values reverse mode computes again. Compilation puts the function in the node's place. */
export const checkpointPrimitive: Primitive = {
  name: 'checkpoint',
  kind: 'general',
  infer: (_, attributes) => checkpointOf(attributes).fn.outputs.map(({ shape, dtype }) => ({ shape, dtype })),
  evaluate: (inputs, attributes) => evaluateGraph(checkpointOf(attributes).fn, inputs),
  jvp({ inputs, attributes }, tangents) {
    const { fn, policy } = checkpointOf(attributes)
    const moving = placesOf(tangents, (t) => t !== null)
    let known: number[] = []
    const pushed = graphOf(
      (...all) => {
        const directions = spreadOver(inputs.length, moving, all.slice(inputs.length))
        const found = pushGraph(fn, all.slice(0, inputs.length), directions).tangents
        known = placesOf(found, (t) => t !== null)
        return known.map((i) => found[i]!)
      },
      [...inputs, ...moving.map((i) => tangents[i]!)],
    )
    const results = known.length === 0 ? [] : checkpointed(pushed, [...inputs, ...moving.map((i) => tangents[i]!)], policy)
    return spreadOver(fn.outputs.length, known, results)
  },
  vjp({ inputs, attributes }, cotangents, wanted) {
    const { fn, policy } = checkpointOf(attributes)
    const sought = placesOf(inputs, ({ dtype }, i) => wanted[i] && isFloat(dtype))
    const isSought = inputs.map((_, i) => sought.includes(i))
    if (policy === 'everything') return pullGraph(fn, inputs, cotangents, isSought)
    const arrived = cotangents.filter((ct) => ct !== null)
    if (arrived.length === 0) return inputs.map(() => null)
    const pulled = pullBack(
      fn.outputs,
      sought.map((i) => fn.parameters[i]),
      cotangents,
    )
    const known = placesOf(pulled, (ct) => ct !== null)
    // What was kept are nodes of the forward pass. All that the backward pass computes again starts behind a barrier that opens when the
    // cotangents arrive: it is not the forward pass's own work, which can be forgotten in between.
    const kept = keptNodes(fn, policy)
    const behind = barrier([...inputs, ...callGraph({ parameters: fn.parameters, outputs: kept }, inputs)], arrived)
    const again = { parameters: [...fn.parameters, ...kept], outputs: known.map((k) => pulled[k]!.node) }
    const results = callGraph(again, behind)
    // Cotangents leave together: else the runtime might go on and leave the others, with all that they are computed of, for the end.
    const together = results.length > 1 ? barrier(results, results) : results
    return spreadOver(
      inputs.length,
      known.map((k) => sought[k]),
      together,
    )
  },
  batch(inputs, batched, attributes, size) {
    const { fn, policy } = checkpointOf(attributes)
    const mapped = graphOf((...all) => mapGraph(fn, all, batched, size), inputs)
    return checkpointed(mapped, inputs, policy)
  },
  body: (attributes) => checkpointOf(attributes).fn,
  lower: (context, inputs, { attributes }) => context.inlineGraph(checkpointOf(attributes).fn, inputs),
}

/** x, under a name that a checkpoint's policy can refer to. */
export const checkpointNamePrimitive: Primitive = linear<{ name: string }>({
  name: 'checkpointName',
  infer: ([x]) => x,
  evaluate: ([x]) => x,
  transpose: [(ct) => ct],
  batch: ([x], _, attributes) => apply(checkpointNamePrimitive, [x], attributes)[0],
  lower: (_, [x]) => x,
})

/** The nodes of a graph that a policy keeps. */
function keptNodes({ parameters, outputs }: Graph, policy: Exclude<CheckpointPolicy, 'everything'>): Node[] {
  if (policy === 'nothing') return []
  const { primitives = [], names = [] } = policy
  const inside = dependents(outputs, parameters)
  const isKept = ({ primitive, attributes }: Node) =>
    primitives.includes(primitive.name) || (primitive === checkpointNamePrimitive && names.includes(attributes.name as string))
  return topological(outputs, (node) => !inside.has(node)).filter((node) => inside.has(node) && node.results === undefined && isKept(node))
}

/** A graph as one checkpointed call. */
export function checkpointed(graph: Graph, args: readonly Tensor[], policy: CheckpointPolicy): Tensor[] {
  const { closed, captures } = close([graph])
  return apply(checkpointPrimitive, [...args, ...captures], { fn: closed[0], policy })
}

/**
 * The same function, whose intermediate values are not kept for the backward pass but computed again there: less memory for more time. Wrap the
 * layers of a deep network one by one; the activations within one layer then exist for one layer at a time.
 *
 * @example
 * const block = checkpoint((x: Tensor) => tanh(exp(x))) // keeps x alone for the backward pass, and computes the rest once more
 * await grad((x: Tensor) => sum(block(x)))(tensor([0])).array() // [0.419974]
 */
export function checkpoint<A extends unknown[], R>(
  fn: (...args: A) => R,
  { policy = 'nothing' }: { readonly policy?: CheckpointPolicy } = {},
): (...args: A) => R {
  if (typeof policy === 'string' && policy !== 'nothing' && policy !== 'everything') {
    throw new InputError(`checkpoint: there is no policy '${policy}'`, { fix: `use 'nothing', 'everything' or { primitives, names }` })
  }
  return (...args) => {
    const traced = trace(fn as never, args) as Traced<R>
    if (traced.outputs.length === 0) return traced.result
    return replaceTensors<R>(traced.result, checkpointed(traced, tensorsOf(args), policy))
  }
}

/**
 * Names a value inside a checkpointed function, so that its policy can keep it.
 *
 * @example
 * const block = checkpoint((x: Tensor) => exp(checkpointName(sin(x), 'kept')), { policy: { names: ['kept'] } })
 * await grad((x: Tensor) => sum(block(x)))(tensor([0])).array() // [1]
 */
export const checkpointName = (x: Tensor, name: string): Tensor => apply(checkpointNamePrimitive, [x], { name })[0]
