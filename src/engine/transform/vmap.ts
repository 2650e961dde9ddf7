import { InputError } from '../errors.ts'
import { callGraph } from '../graph/closure.ts'
import type { Node } from '../graph/node.ts'
import { madeAt } from '../graph/site.ts'
import { dependents, type Graph, inlineTree, replaceTensors, tensorsOf, trace } from '../graph/trace.ts'
import { broadcastTo, transpose } from '../ops.ts'
import { shapeError } from '../primitives/define.ts'
import { projectPrimitive } from '../primitives/structural.ts'
import { isTensor, Tensor } from '../tensor.ts'
import { mapTree } from '../tree.ts'

/** The outputs of a graph with some parameters replaced by stacks of examples along a leading axis; unbatched outputs are null. */
export function batchGraph(outputs: readonly Node[], stacks: ReadonlyMap<Node, Tensor>, size: number): (Tensor | null)[] {
  const known = new Map<Node, readonly Tensor[]>([...stacks].map(([node, stack]) => [node, [stack]]))
  const batchedValue = (node: Node): Tensor | undefined =>
    node.primitive === projectPrimitive ? known.get(node.inputs[0])?.[node.attributes.index as number] : known.get(node)?.[0]
  const order = [...dependents(outputs, [...stacks.keys()])].sort((a, b) => a.id - b.id)
  for (const node of order) {
    if (known.has(node) || node.primitive === projectPrimitive) continue
    const values = node.inputs.map((input) => batchedValue(input) ?? new Tensor(input))
    const batched = node.inputs.map((input) => batchedValue(input) !== undefined)
    known.set(
      node,
      madeAt(node.site, () => node.primitive.batch(values, batched, node.attributes, size)),
    )
  }
  return outputs.map((output) => batchedValue(output) ?? null)
}

/** A graph called on stacks of examples where `batched`; all of its results are stacks. */
export function mapGraph(graph: Graph, args: readonly Tensor[], batched: readonly boolean[], size: number): Tensor[] {
  const stacks = new Map(graph.parameters.flatMap((node, i) => (batched[i] ? [[node, args[i]] as const] : [])))
  const outputs = batchGraph(graph.outputs, stacks, size).map((y, i) => stackOf(y, graph.outputs[i], size))
  return callGraph({ parameters: graph.parameters, outputs: outputs.map((y) => y.node) }, args)
}

/** A batched output, or one that is the same for all examples, repeated. */
const stackOf = (y: Tensor | null, shared: Node, size: number): Tensor => y ?? broadcastTo(new Tensor(shared), [size, ...shared.shape])

const moveToFront = (x: Tensor, axis: number): Tensor => {
  const at = axis < 0 ? axis + x.shape.length : axis
  if (at < 0 || at >= x.shape.length) throw shapeError('vmap', `there is no axis ${axis} to map over`, [x])
  return transpose(x, [at, ...[...x.shape.keys()].filter((k) => k !== at)])
}

export interface VmapOptions {
  /** For each argument: the axis of its tensors that holds the examples, or null where all examples share it. Default: 0 for all. */
  readonly in?: readonly (number | null)[]
}

/**
 * Turns a function of one example into a function of many, computed together. Examples lie along axis 0 of the results.
 *
 * @example
 * const loss = (w: Tensor, x: Tensor) => square(dot(w, x))
 * const perExample = vmap(grad(loss), { in: [null, 0] })
 * await perExample(tensor([1, 1]), eye(2)).array() // [[2, 0], [0, 2]]
 */
export function vmap<A extends unknown[], R>(fn: (...args: A) => R, { in: axes }: VmapOptions = {}): (...args: A) => R {
  return (...args) => {
    const fronted = args.map((arg, i) => {
      const axis = axes === undefined ? 0 : axes[i]
      return axis === null || axis === undefined
        ? { arg, mapped: false }
        : { arg: mapTree(arg, (x) => (isTensor(x) ? moveToFront(x, axis) : x)), mapped: true }
    })
    const tensors = fronted.flatMap(({ arg, mapped }) => tensorsOf(arg).map((x) => ({ x, mapped })))
    const sizes = new Set(tensors.filter(({ mapped }) => mapped).map(({ x }) => x.shape[0]))
    if (sizes.size !== 1)
      throw new InputError(`vmap: the mapped axes have ${sizes.size === 0 ? 'no tensor' : `different extents ${[...sizes].join(', ')}`}`)
    const [size] = sizes
    const avals = tensors.map(({ x, mapped }) => ({ shape: mapped ? x.shape.slice(1) : x.shape, dtype: x.dtype }))
    const traced = trace(fn as never, fronted.map(({ arg }) => arg) as never, avals)
    const stacks = new Map<Node, Tensor>()
    tensors.forEach(({ x, mapped }, i) => {
      if (mapped) stacks.set(traced.parameters[i], x)
    })
    const outputs = batchGraph(traced.outputs, stacks, size).map((y, i) => stackOf(y, traced.outputs[i], size))
    const result = replaceTensors<R>(traced.result, outputs)
    return inlineTree(
      { parameters: traced.parameters, outputs: outputs.map((y) => y.node), result },
      tensors.map(({ x }) => x),
    )
  }
}
