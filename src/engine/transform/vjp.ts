import { sizeOf } from '../array.ts'
import { isBuffer, withoutBuffers } from '../buffers.ts'
import { isFloat } from '../dtype.ts'
import { InputError } from '../errors.ts'
import { callGraph } from '../graph/closure.ts'
import { tensorsLike } from '../graph/like.ts'
import type { Node } from '../graph/node.ts'
import type { Derivative } from '../graph/primitive.ts'
import { madeAt } from '../graph/site.ts'
import { dependents, type Graph, inlineTree, replaceTensors, type Traced, tensorsOf, trace } from '../graph/trace.ts'
import { add, isDifferentiable, onesLike, zerosLike } from '../ops.ts'
import { stopGradientPrimitive } from '../primitives/cast.ts'
import { shapeError } from '../primitives/define.ts'
import { projectPrimitive } from '../primitives/structural.ts'
import { isTensor, Tensor } from '../tensor.ts'
import { ruleContext } from './jvp.ts'

/** Whether no cotangent can pass a node, so that what lies between it and the outputs need not be differentiated. */
const carriesNone = (node: Node): boolean =>
  node.primitive === stopGradientPrimitive || !(node.results ?? [node]).some(({ dtype }) => isFloat(dtype))

/** The cotangents of `to`, given those of `outputs`: one walk through the graph, users first. */
export function pullBack(outputs: readonly Node[], to: readonly Node[], cotangents: readonly Derivative[]): Derivative[] {
  const gathered = new Map<Node, Derivative[]>()
  const accumulate = (node: Node, ct: Derivative): void => {
    if (ct === null) return
    const isProjection = node.primitive === projectPrimitive
    const target = isProjection ? node.inputs[0] : node
    const index = isProjection ? (node.attributes.index as number) : 0
    const slots = gathered.get(target) ?? new Array<Derivative>((target.results ?? [target]).length).fill(null)
    slots[index] = slots[index] === null ? ct : add(slots[index], ct)
    gathered.set(target, slots)
  }
  outputs.forEach((output, i) => {
    accumulate(output, cotangents[i])
  })

  const reached = dependents(outputs, to, carriesNone)
  const targets = new Set(to)
  const order = [...reached].sort((a, b) => b.id - a.id)
  for (const node of order) {
    const own = gathered.get(node)
    if (!own || targets.has(node) || node.primitive === projectPrimitive) continue
    const wanted = node.inputs.map((input) => reached.has(input))
    const results = madeAt(node.site, () => node.primitive.vjp(ruleContext(node), own, wanted))
    node.inputs.forEach((input, i) => {
      if (wanted[i]) accumulate(input, results[i])
    })
  }
  return to.map((node) => gathered.get(node)?.[0] ?? null)
}

/** The cotangents of a graph's wanted arguments, where it is called on `args`. */
export function pullGraph(
  graph: Graph,
  args: readonly Tensor[],
  cotangents: readonly Derivative[],
  wanted: readonly boolean[],
): Derivative[] {
  const places = graph.parameters.flatMap((_, i) => (wanted[i] ? [i] : []))
  const pulled = pullBack(
    graph.outputs,
    places.map((i) => graph.parameters[i]),
    cotangents,
  )
  const known = pulled.filter((ct) => ct !== null)
  const results = callGraph({ parameters: graph.parameters, outputs: known.map((ct) => ct.node) }, args)
  const each = new Map(places.map((place, k) => [place, pulled[k] && results.shift()!]))
  return graph.parameters.map((_, i) => each.get(i) ?? null)
}

/**
 * Reverse mode: the value of `fn` and a function from a cotangent of the value to the cotangents of the arguments (vector times Jacobian).
 * The pullback can be called any number of times, and is itself differentiable.
 *
 * @example
 * const { value, pullback } = vjp((x) => mul(x, x), tensor([1, 2, 3]))
 * const [dx] = pullback(ones([3])) // 2, 4, 6
 */
export function vjp<A extends unknown[], R>(fn: (...args: A) => R, ...primals: A): { value: R; pullback: (cotangent: R) => A } {
  const inputs = tensorsOf(primals)
  const traced = trace(fn as never, primals) as Traced<R>
  return {
    value: inlineTree(traced, inputs),
    pullback: (cotangent) => {
      const cotangents = tensorsLike('vjp', 'the cotangent', cotangent, traced.result, { integers: false })
      const result = gradients(traced, primals, cotangents)
      return inlineTree({ parameters: traced.parameters, outputs: tensorsOf(result).map((x) => x.node), result }, inputs)
    },
  }
}

/** The tree `args` with each tensor replaced by the cotangent of its parameter; zeros where nothing flows. */
function gradients<T>(traced: Traced<unknown>, args: T, cotangents: readonly Derivative[]): T {
  const derivatives = pullBack(traced.outputs, traced.parameters, cotangents)
  return replaceTensors<T>(
    args,
    derivatives.map((ct, i) => ct ?? zerosLike(new Tensor(traced.parameters[i]))),
  )
}

export interface ValueAndGradient<P, Aux = undefined> {
  /** The scalar that was differentiated. */
  value: Tensor
  /** Its derivatives, a tree of the first argument's structure. */
  gradient: P
  /** What `fn` returned beside the scalar. */
  aux: Aux
}

/**
 * The value of a scalar function and its gradient with respect to its first argument, a tree of float tensors. `fn` returns a scalar, or
 * `[scalar, aux]` where aux is a tree that is passed on. Buffers in the tree are constants; the gradient has nothing at their places.
 *
 * @example
 * const loss = (w: Tensor, x: Tensor, y: Tensor) => mean(square(sub(matmul(x, w), y)))
 * const { value, gradient } = valueAndGrad(loss)(tensor([1]), tensor([[1], [2]]), tensor([0, 0]))
 * await value.item() // 2.5
 * await gradient.array() // [5]
 */
export function valueAndGrad<P, A extends unknown[], Aux = undefined>(
  fn: (params: P, ...args: A) => Tensor | readonly [Tensor, Aux],
): (params: P, ...args: A) => ValueAndGradient<P, Aux> {
  return (params, ...args) => {
    const sought = withoutBuffers(params)
    const wrong = tensorsOf(sought).find((x) => !isDifferentiable(x))
    if (wrong) throw shapeError('grad', 'only floats have derivatives; pass integers as later arguments', [wrong])
    const traced = trace((p: P) => fn(p, ...args), [params] as never)
    const loss = (isTensor(traced.result) ? traced.result : (traced.result as readonly unknown[])?.[0]) as Tensor
    if (!isTensor(loss)) throw new InputError('grad: the function must return a scalar tensor, or [scalar, aux]')
    if (sizeOf(loss.shape) !== 1 || !isDifferentiable(loss)) throw shapeError('grad', 'the function must return a float scalar', [loss])
    const cotangents = traced.outputs.map((node) => (node === loss.node ? onesLike(loss) : null))
    // The scalar may also be part of aux: only its first occurrence is differentiated.
    const first = traced.outputs.indexOf(loss.node)
    const gradient = gradients(
      { ...traced, parameters: traced.parameters.filter((_, i) => !isBuffer(tensorsOf(params)[i])) },
      sought,
      cotangents.map((ct, i) => (i === first ? ct : null)),
    )
    const aux = isTensor(traced.result) ? undefined : (traced.result as readonly unknown[])[1]
    const result = { value: loss, gradient, aux } as ValueAndGradient<P, Aux>
    return inlineTree({ parameters: traced.parameters, outputs: tensorsOf(result).map((x) => x.node), result }, tensorsOf(params))
  }
}

/**
 * The gradient of a scalar function with respect to its first argument, a tree of float tensors.
 *
 * @example
 * await grad((x: Tensor) => sum(mul(x, x)))(tensor([1, 2, 3])).array() // [2, 4, 6]
 */
export function grad<P, A extends unknown[]>(fn: (params: P, ...args: A) => Tensor): (params: P, ...args: A) => P {
  const both = valueAndGrad(fn)
  return (params, ...args) => both(params, ...args).gradient
}
