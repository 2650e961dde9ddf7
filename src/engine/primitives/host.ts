import { type NDArray, ndarray, sizeOf } from '../array.ts'
import { InputError } from '../errors.ts'
import { type Attributes, type Aval, topological } from '../graph/node.ts'
import type { Derivative, Primitive, RuleContext } from '../graph/primitive.ts'
import type { Graph } from '../graph/trace.ts'
import type { Tensor } from '../tensor.ts'
import { vmap } from '../transform/vmap.ts'
import { apply, withBatchAxis } from './define.ts'

/** A JavaScript function from host arrays to host arrays, as part of a graph. */
export type HostFunction = (inputs: readonly NDArray[]) => readonly NDArray[]

interface HostCall {
  readonly name: string
  readonly call: HostFunction
  readonly results: readonly Aval[]
  readonly jvp?: (context: RuleContext, tangents: readonly Derivative[]) => readonly Derivative[]
  readonly vjp?: (context: RuleContext, cotangents: readonly Derivative[]) => readonly Derivative[]
}

const hostCallOf = (attributes: unknown): HostCall => attributes as HostCall

function withoutRule(name: string, mode: string): never {
  throw new InputError(`hostCall '${name}' has no ${mode} derivative`, { fix: `give hostCall a ${mode} rule, or wrap it in stopGradient` })
}

export const hostCallPrimitive: Primitive = {
  name: 'hostCall',
  kind: 'general',
  infer: (_, attributes) => hostCallOf(attributes).results,
  evaluate: (inputs, attributes) => hostCallOf(attributes).call(inputs),
  jvp: (context, tangents) =>
    (hostCallOf(context.attributes).jvp ?? (() => withoutRule(hostCallOf(context.attributes).name, 'jvp')))(context, tangents),
  vjp: (context, cotangents) =>
    (hostCallOf(context.attributes).vjp ?? (() => withoutRule(hostCallOf(context.attributes).name, 'vjp')))(context, cotangents),
  batch(inputs, batched, attributes, size) {
    const { call, results, name, jvp, vjp } = hostCallOf(attributes)
    const stacked = inputs.map((x, i) => withBatchAxis(x, batched[i], size))
    const perExample: HostFunction = (arrays) => {
      const outputs = Array.from({ length: size }, (_, e) => call(arrays.map((array) => example(array, e))))
      return results.map(({ shape, dtype }, i) => {
        const data = new (outputs[0][i].data.constructor as Float64ArrayConstructor)(size * sizeOf(shape))
        outputs.forEach((output, e) => {
          data.set(output[i].data as Float64Array, e * sizeOf(shape))
        })
        return ndarray(data, [size, ...shape], dtype)
      })
    }
    return apply(hostCallPrimitive, stacked, {
      name,
      call: perExample,
      results: results.map(({ shape, dtype }) => ({ shape: [size, ...shape], dtype })),
      jvp: jvp && perExampleRule(jvp, attributes),
      vjp: vjp && perExampleRule(vjp, attributes),
    })
  },
  lower(_, __, { attributes }) {
    throw new InputError(`hostCall '${hostCallOf(attributes).name}': a host call cannot be part of a loop, a branch or an exported model`, {
      fix: 'take it out; a scan that calls the host is written out step by step',
    })
  },
}

/** Whether a graph calls the host, so that it cannot be part of one operator. */
export const callsHost = (graph: Graph): boolean =>
  topological(graph.outputs).some(({ primitive, attributes }) => {
    const body = primitive.body?.(attributes)
    return primitive === hostCallPrimitive || (body !== undefined && callsHost(body))
  })

type Rule = (context: RuleContext, derivatives: readonly Derivative[]) => readonly Derivative[]

/** A rule written for one example, mapped over examples as the call itself is. */
const perExampleRule =
  (rule: Rule, attributes: Attributes): Rule =>
  ({ inputs, outputs }, derivatives) =>
    vmap((context: Pick<RuleContext, 'inputs' | 'outputs'>, each: readonly Derivative[]) => rule({ ...context, attributes }, each))(
      { inputs, outputs },
      derivatives,
    )

function example({ data, shape, dtype }: NDArray, index: number): NDArray {
  const size = sizeOf(shape.slice(1))
  return ndarray(data.slice(index * size, (index + 1) * size), shape.slice(1), dtype)
}

export interface HostCallOptions extends Pick<HostCall, 'name' | 'results' | 'jvp' | 'vjp'> {}

/**
 * Calls a JavaScript function at this place of the graph (an eigen-solver, say). The compiled graph is cut there. The function must be
 * deterministic, must not keep or change its inputs, and returns arrays of the shapes and dtypes in `results`.
 *
 * @example
 * const [sorted] = hostCall((arrays) => [sortArray(arrays[0])], [x], { name: 'sort', results: [x] })
 */
export function hostCall(call: HostFunction, inputs: readonly Tensor[], { name, results, jvp, vjp }: HostCallOptions): Tensor[] {
  const avals = results.map(({ shape, dtype }) => ({ shape: [...shape], dtype }))
  return apply(hostCallPrimitive, inputs, { name, call, results: avals, jvp, vjp })
}
