import { isFloat } from '../dtype.ts'
import { InputError } from '../errors.ts'
import { type ClosedGraph, callGraph, capturesOf, close, graphOf } from '../graph/closure.ts'
import { tensorsLike } from '../graph/like.ts'
import type { Aval } from '../graph/node.ts'
import type { Derivative, Primitive, RuleContext } from '../graph/primitive.ts'
import { type Graph, replaceTensors, type Traced, tensorsOf, trace } from '../graph/trace.ts'
import { sum, zerosLike } from '../ops.ts'
import { evaluateGraph } from '../reference/evaluate.ts'
import { Tensor } from '../tensor.ts'
import { pullBack } from '../transform/vjp.ts'
import { mapGraph } from '../transform/vmap.ts'
import { apply, placesOf, spreadOver } from './define.ts'
import { placeholder } from './structural.ts'

/** What a rule sees of the call that it differentiates. */
export type RuleValues = Pick<RuleContext, 'inputs' | 'outputs'>

/** From tangents of the inputs to those of the outputs, or from cotangents of the outputs to those of the inputs; null stands for zero. */
export type Rule = (values: RuleValues, derivatives: readonly Derivative[]) => readonly Derivative[]

export interface Rules {
  readonly jvp?: Rule
  readonly vjp?: Rule
}

interface Custom extends Rules {
  /** What errors call it. */
  readonly name: string
  readonly fn: ClosedGraph
  /** How many inputs are arguments; the others are captures, of which the rules know nothing. */
  readonly taken: number
}

const customOf = (attributes: unknown): Custom => attributes as Custom

/** A function with a derivative of its own. Transformations see it as one operation; compilation puts the function in its place. */
export const customPrimitive: Primitive = {
  name: 'custom',
  kind: 'general',
  infer: (_, attributes) => customOf(attributes).fn.outputs.map(({ shape, dtype }) => ({ shape, dtype })),
  evaluate: (inputs, attributes) => evaluateGraph(customOf(attributes).fn, inputs),
  jvp({ inputs, outputs, attributes }, tangents) {
    const { name, taken, jvp } = customOf(attributes)
    if (tangents.slice(taken).some((t) => t !== null)) throw captured(name)
    if (!jvp)
      throw new InputError(`${name} has no jvp derivative`, { fix: `give it a jvp rule, which serves both modes, or use reverse mode` })
    return jvp({ inputs: inputs.slice(0, taken), outputs }, tangents.slice(0, taken))
  },
  vjp({ inputs, outputs, attributes }, cotangents, wanted) {
    const { name, taken, jvp, vjp } = customOf(attributes)
    const sought = placesOf(inputs, ({ dtype }, i) => wanted[i] && isFloat(dtype))
    if (sought.some((i) => i >= taken)) throw captured(name)
    const values = { inputs: inputs.slice(0, taken), outputs }
    const found = vjp ? vjp(values, cotangents) : transposed(jvp!, values, cotangents, sought)
    return inputs.map((_, i) => (sought.includes(i) ? found[i] : null))
  },
  batch(inputs, batched, attributes, size) {
    const { name, taken, fn, jvp, vjp } = customOf(attributes)
    const parameters = inputs.map((x) => placeholder(x))
    const outputs = mapGraph(
      fn,
      parameters.map((node) => new Tensor(node)),
      batched,
      size,
    )
    const { closed, captures } = close([{ parameters, outputs: outputs.map((y) => y.node) }])
    const flags = batched.slice(0, taken)
    return apply(customPrimitive, [...inputs, ...captures], {
      name,
      taken,
      fn: closed[0],
      ...(jvp && { jvp: mappedJvp(jvp, flags, size) }),
      ...(vjp && { vjp: mappedVjp(vjp, flags, size) }),
    })
  },
  body: (attributes) => customOf(attributes).fn,
  lower: (context, inputs, { attributes }) => context.inlineGraph(customOf(attributes).fn, inputs),
}

const captured = (name: string): InputError =>
  new InputError(`${name}: the function depends on a differentiated tensor that is not among its arguments`, {
    fix: 'pass the tensor as an argument, so that the rule can give its derivative',
  })

/** A rule as a graph of its values and of those derivatives that are not zero; `known` are the places of its results that are not. */
function traceRule(
  rule: Rule,
  { inputs, outputs }: { inputs: readonly Aval[]; outputs: readonly Aval[] },
  derivatives: readonly (Aval | null)[],
): { graph: Graph; known: number[]; length: number } {
  const present = placesOf(derivatives, (d) => d !== null)
  let found: readonly Derivative[] = []
  const graph = graphOf(
    (...all) => {
      const values = { inputs: all.slice(0, inputs.length), outputs: all.slice(inputs.length, inputs.length + outputs.length) }
      found = rule(values, spreadOver(derivatives.length, present, all.slice(inputs.length + outputs.length)))
      return found.filter((d) => d !== null)
    },
    [...inputs, ...outputs, ...present.map((i) => derivatives[i]!)],
  )
  return { graph, known: placesOf(found, (d) => d !== null), length: found.length }
}

const given = ({ inputs, outputs }: RuleValues, derivatives: readonly Derivative[]): Tensor[] => [
  ...inputs,
  ...outputs,
  ...derivatives.filter((d) => d !== null),
]

/** A user's rule that may use what it is given and constants. A tensor of some surrounding trace would be gone when the rule is asked. */
function guarded(name: string, rule: Rule): Rule {
  return (values, derivatives) => {
    const { graph, known, length } = traceRule(rule, values, derivatives)
    if (capturesOf([graph]).some((node) => node.traced)) {
      throw new InputError(`${name}: the rule uses a tensor of the surrounding function that it was not given`, {
        fix: 'pass the tensor as an argument',
      })
    }
    return spreadOver(length, known, callGraph(graph, given(values, derivatives)))
  }
}

/**
 * The cotangents of the inputs, from the tangents: a tangent rule is linear in the tangents, so that it can be transposed. The transpose of a
 * linear map is the same everywhere; it is taken at zero, since a rule made of loops or matrix functions does not show that it is linear.
 */
export function transposed(jvp: Rule, values: RuleValues, cotangents: readonly Derivative[], sought: readonly number[]): Derivative[] {
  const tangents = sought.map((i) => placeholder(values.inputs[i]))
  const found = jvp(
    values,
    spreadOver(
      values.inputs.length,
      sought,
      tangents.map((node) => new Tensor(node)),
    ),
  )
  const known = placesOf(found, (t, i) => t !== null && cotangents[i] !== null)
  const pulled = pullBack(
    known.map((i) => found[i]!.node),
    tangents,
    known.map((i) => cotangents[i]),
  )
  const flowing = placesOf(pulled, (ct) => ct !== null)
  const atZero = callGraph(
    { parameters: tangents, outputs: flowing.map((k) => pulled[k]!.node) },
    sought.map((i) => zerosLike(values.inputs[i])),
  )
  return spreadOver(
    values.inputs.length,
    flowing.map((k) => sought[k]),
    atZero,
  )
}

/** What an example has of a stack of examples. */
const oneOf = <T extends Aval>(x: T, batched: boolean): Aval => (batched ? { shape: x.shape.slice(1), dtype: x.dtype } : x)

/** A tangent rule for stacks of examples. The tangent of a shared input is shared too. */
function mappedJvp(rule: Rule, batched: readonly boolean[], size: number): Rule {
  return (values, tangents) => {
    const each = { inputs: values.inputs.map((x, i) => oneOf(x, batched[i])), outputs: values.outputs.map((y) => oneOf(y, true)) }
    const { graph, known, length } = traceRule(
      rule,
      each,
      tangents.map((t, i) => t && oneOf(t, batched[i])),
    )
    const flags = [...batched, ...values.outputs.map(() => true), ...batched.filter((_, i) => tangents[i] !== null)]
    return spreadOver(length, known, mapGraph(graph, given(values, tangents), flags, size))
  }
}

/** A cotangent rule for stacks of examples. To a shared input every example adds its part. */
function mappedVjp(rule: Rule, batched: readonly boolean[], size: number): Rule {
  return (values, cotangents) => {
    const each = { inputs: values.inputs.map((x, i) => oneOf(x, batched[i])), outputs: values.outputs.map((y) => oneOf(y, true)) }
    const { graph, known, length } = traceRule(
      rule,
      each,
      cotangents.map((ct) => ct && oneOf(ct, true)),
    )
    const args = given(values, cotangents)
    const mapped = mapGraph(
      graph,
      args,
      args.map((_, i) => batched[i] ?? true),
      size,
    )
    return spreadOver(
      length,
      known,
      mapped.map((ct, k) => (batched[known[k]] ? ct : sum(ct, { axes: [0] }))),
    )
  }
}

/** A function of a list of tensors, given as a graph, with rules of its own. */
export function withRules(name: string, graph: Graph, args: readonly Tensor[], { jvp, vjp }: Rules): Tensor[] {
  const { closed, captures } = close([graph])
  return apply(customPrimitive, [...args, ...captures], {
    name,
    taken: args.length,
    fn: closed[0],
    ...(jvp && { jvp: guarded(name, jvp) }),
    ...(vjp && { vjp: guarded(name, vjp) }),
  })
}

/** What a rule is given of the call: its arguments and the value. */
export interface CustomCall<A, R> {
  readonly args: A
  readonly value: R
}

const filled = (derivatives: readonly Derivative[], like: readonly Tensor[]): Tensor[] => derivatives.map((d, i) => d ?? zerosLike(like[i]))

const floatsOf = (tensors: readonly Tensor[]): Derivative[] => tensors.map((x) => (isFloat(x.dtype) ? x : null))

/** Calls `fn` with rules made for this call's trees. */
function customCall<A extends unknown[], R>(
  name: string,
  fn: (...args: A) => R,
  args: A,
  rules: (call: (values: RuleValues) => CustomCall<A, R>, result: R) => Rules,
): R {
  const traced = trace(fn as never, args) as Traced<R>
  const call = ({ inputs, outputs }: RuleValues) => ({
    args: replaceTensors<A>(args, inputs),
    value: replaceTensors<R>(traced.result, outputs),
  })
  return replaceTensors<R>(traced.result, withRules(name, traced, tensorsOf(args), rules(call, traced.result)))
}

/**
 * A function with its own forward derivative: `rule` gives the tangent of the value from the tangents of the arguments, in which it must be
 * linear. Reverse mode follows by transposing it (of a rule that is not linear, the slope at zero). Rules may use what they are given and
 * constants; they are themselves differentiable, and may call the function again.
 *
 * @example
 * const softSign = customJvp(sign, ({ args: [x] }, [t]) => mul(t, exp(neg(square(x)))))
 */
export function customJvp<A extends unknown[], R>(
  fn: (...args: A) => R,
  rule: (call: CustomCall<A, R>, tangents: A) => R,
): (...args: A) => R {
  return (...args) =>
    customCall('customJvp', fn, args, (call, result) => ({
      jvp(values, tangents) {
        const tangent = rule(call(values), replaceTensors<A>(args, filled(tangents, values.inputs)))
        return floatsOf(tensorsLike('customJvp', 'the tangent that the rule returns', tangent, result, { integers: false }))
      },
    }))
}

/**
 * A function with its own reverse derivative: `rule` gives the cotangents of the arguments, a list like them, from that of the value. What
 * rule and function both compute of the arguments is computed once. There is no forward mode: where that is needed, use `customJvp`.
 *
 * @example
 * const clipped = customVjp(
 *   (x: Tensor) => x,
 *   (_, ct) => [clip(ct, -1, 1)],
 * ) // the identity, whose gradients never exceed 1
 * await grad((x: Tensor) => mul(clipped(x), 5))(scalar(2)).item() // 1
 */
export function customVjp<A extends unknown[], R>(
  fn: (...args: A) => R,
  rule: (call: CustomCall<A, R>, cotangent: R) => readonly [...NoInfer<A>],
): (...args: A) => R {
  return (...args) =>
    customCall('customVjp', fn, args, (call, result) => ({
      vjp(values, cotangents) {
        const found = rule(call(values), replaceTensors<R>(result, filled(cotangents, values.outputs)))
        return floatsOf(tensorsLike('customVjp', 'what the rule returns', found, args, { integers: false }))
      },
    }))
}
