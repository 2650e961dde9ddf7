import { type NDArray, ndarray, sizeOf } from '../array.ts'
import { InputError } from '../errors.ts'
import { graphOf } from '../graph/closure.ts'
import { type Aval, type Node, topological } from '../graph/node.ts'
import type { Primitive, RuleContext } from '../graph/primitive.ts'
import type { Graph } from '../graph/trace.ts'
import type { Tensor } from '../tensor.ts'
import { type Rules, withRules } from './custom.ts'
import { apply, withBatchAxis } from './define.ts'

/** A JavaScript function from host arrays to host arrays, as part of a graph. */
export type HostFunction = (inputs: readonly NDArray[]) => readonly NDArray[]

interface HostCall {
  readonly name: string
  readonly call: HostFunction
  readonly results: readonly Aval[]
}

const hostCallOf = (attributes: unknown): HostCall => attributes as HostCall

const withoutRule =
  (mode: 'jvp' | 'vjp') =>
  (context: RuleContext): never => {
    throw new InputError(`hostCall '${hostCallOf(context.attributes).name}' has no ${mode} derivative`, {
      fix: `give hostCall a ${mode} rule, or wrap it in stopGradient`,
    })
  }

/** Stands in for the lowering of what runs on the host: a compiled program is cut there, but a single operator or model cannot be. */
export function refuseLowering(_: unknown, __: unknown, { primitive, attributes }: Node): never {
  const name = primitive.name === 'hostCall' ? `hostCall '${hostCallOf(attributes).name}'` : primitive.name
  throw new InputError(`${name}: a host call cannot be part of a loop, a branch or an exported model`, {
    fix: 'take it out; a scan that calls the host is written out step by step',
  })
}

export const hostCallPrimitive: Primitive = {
  name: 'hostCall',
  kind: 'general',
  infer: (_, attributes) => hostCallOf(attributes).results,
  evaluate: (inputs, attributes) => hostCallOf(attributes).call(inputs),
  jvp: withoutRule('jvp'),
  vjp: withoutRule('vjp'),
  batch(inputs, batched, attributes, size) {
    const { call, results, name } = hostCallOf(attributes)
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
    const stackedResults = results.map(({ shape, dtype }) => ({ shape: [size, ...shape], dtype }))
    return apply(hostCallPrimitive, stacked, { name, call: perExample, results: stackedResults })
  },
  onHost: true,
  lower: refuseLowering,
}

/** Whether a graph calls the host, so that it cannot be part of one operator. */
export const callsHost = (graph: Graph): boolean =>
  topological(graph.outputs).some(({ primitive, attributes }) => {
    const body = primitive.body?.(attributes)
    return primitive.onHost || (body !== undefined && callsHost(body))
  })

function example({ data, shape, dtype }: NDArray, index: number): NDArray {
  const size = sizeOf(shape.slice(1))
  return ndarray(data.slice(index * size, (index + 1) * size), shape.slice(1), dtype)
}

export interface HostCallOptions extends Rules {
  /** What errors call it. */
  readonly name: string
  /** The shapes and dtypes of the results. */
  readonly results: readonly Aval[]
}

/**
 * Calls a JavaScript function at this place of the graph (an eigen-solver, say). The compiled graph is cut there. The function must be
 * deterministic, must not keep or change its inputs, and returns arrays of the shapes and dtypes in `results`. Its derivatives are rules made
 * of tensors: `jvp` serves both modes, `vjp` the reverse one.
 *
 * @example
 * const x = tensor([3, 1, 2])
 * const [sorted] = hostCall(([{ data, ...rest }]) => [{ ...rest, data: data.slice().sort() }], [x], { name: 'sort', results: [x] })
 * await sorted.array() // [1, 2, 3]
 */
export function hostCall(call: HostFunction, inputs: readonly Tensor[], { name, results, jvp, vjp }: HostCallOptions): Tensor[] {
  const avals = results.map(({ shape, dtype }) => ({ shape: [...shape], dtype }))
  const onHost = (...args: Tensor[]) => apply(hostCallPrimitive, args, { name, call, results: avals })
  return jvp || vjp ? withRules(`hostCall '${name}'`, graphOf(onHost, inputs), inputs, { jvp, vjp }) : onHost(...inputs)
}
