import { type NDArray, ndarray, sizeOf } from '../array.ts'
import { isFloat } from '../dtype.ts'
import { InputError } from '../errors.ts'
import { type ClosedGraph, callGraph, close, graphOf } from '../graph/closure.ts'
import { tensorsLike } from '../graph/like.ts'
import { type Node, topological } from '../graph/node.ts'
import type { Derivative, Primitive, RuleContext } from '../graph/primitive.ts'
import { dependents, type Graph, replaceTensors, tensorsOf, trace } from '../graph/trace.ts'
import { iota, select, stack, zeros, zerosLike } from '../ops.ts'
import { evaluateGraph } from '../reference/evaluate.ts'
import { Tensor } from '../tensor.ts'
import { pushGraph } from '../transform/jvp.ts'
import { pullBack } from '../transform/vjp.ts'
import { mapGraph } from '../transform/vmap.ts'
import { checkpointed } from './checkpoint.ts'
import { apply, placesOf, referenceArray, spreadOver, sumOf, swapFront, withBatchAxis } from './define.ts'
import { callsHost } from './host.ts'
import { placeholder } from './structural.ts'

interface Scan {
  readonly carried: number
  readonly scanned: number
  readonly length: number
  /** Whether the last slice comes first. Outputs lie beside the inputs that they belong to, either way. */
  readonly reverse: boolean
  /** Whether reverse mode computes a step again from its carry, instead of storing what it computed. */
  readonly checkpoint: boolean
  /** Parameters: carry, slices of the inputs, captures; outputs: next carry, slices of the outputs. */
  readonly body: ClosedGraph
}

const scanOf = (attributes: unknown): Scan => attributes as Scan

/**
 * A loop over the slices of inputs along their first axis, as one node. Inputs: the initial carry, the inputs, the values that the body
 * captures. Results: the final carry, the outputs stacked. Among the outputs are those that reverse mode may ask for (`recordable`); what
 * nobody reads is not stored.
 */
export const scanPrimitive: Primitive = {
  name: 'scan',
  kind: 'general',
  infer(_, attributes) {
    const { body, carried, length } = scanOf(attributes)
    return body.outputs.map(({ shape, dtype }, i) => ({ shape: i < carried ? shape : [length, ...shape], dtype }))
  },
  evaluate(inputs, attributes, results) {
    const { body, carried, scanned, length, reverse } = scanOf(attributes)
    const stacks = inputs.slice(carried, carried + scanned)
    const captures = inputs.slice(carried + scanned)
    const outputs = results.slice(carried).map(referenceArray)
    let carry: readonly NDArray[] = inputs.slice(0, carried)
    for (let k = 0; k < length; k++) {
      const at = reverse ? length - 1 - k : k
      const values = evaluateGraph(body, [...carry, ...stacks.map((x) => sliceOf(x, at)), ...captures])
      carry = values.slice(0, carried)
      outputs.forEach(({ data }, i) => {
        data.set(values[carried + i].data as Float64Array, at * values[carried + i].data.length)
      })
    }
    return [...carry, ...outputs]
  },
  jvp({ inputs, attributes }, tangents) {
    const { body, carried, scanned, ...options } = scanOf(attributes)
    const places = placesOf(inputs.slice(0, carried), ({ dtype }) => isFloat(dtype))
    const moving = placesOf(tangents.slice(carried, carried + scanned), (t) => t !== null)
    const captures = inputs.slice(carried + scanned)
    const at = (place: number, t: Derivative): Tensor => t ?? zerosLike(inputs[place])
    let known: number[] = []
    const { carry, outputs } = fold({
      ...options,
      initial: [...inputs.slice(0, carried), ...places.map((place) => at(place, tangents[place]))],
      inputs: [...inputs.slice(carried, carried + scanned), ...moving.map((i) => tangents[carried + i]!)],
      step(now, slices) {
        const directions = [
          ...spreadOver(carried, places, now.slice(carried)),
          ...spreadOver(scanned, moving, slices.slice(scanned)),
          ...tangents.slice(carried + scanned),
        ]
        const pushed = pushGraph(body, [...now.slice(0, carried), ...slices.slice(0, scanned), ...captures], directions)
        const ofOutputs = pushed.tangents.slice(carried)
        known = placesOf(ofOutputs, (t) => t !== null)
        return {
          carry: [...pushed.values.slice(0, carried), ...places.map((place) => at(place, pushed.tangents[place]))],
          outputs: known.map((i) => ofOutputs[i]!),
        }
      },
    })
    return [...spreadOver(carried, places, carry.slice(carried)), ...spreadOver(body.outputs.length - carried, known, outputs)]
  },
  vjp: pullThroughScan,
  batch(inputs, batched, attributes, size) {
    // Every carry gets examples; inputs and captures that all examples share stay shared.
    const { body, carried, scanned, ...options } = scanOf(attributes)
    const captures = inputs.slice(carried + scanned)
    const mapped = batched.map((has, i) => i < carried || has)
    const { carry, outputs } = fold({
      ...options,
      initial: inputs.slice(0, carried).map((x, i) => withBatchAxis(x, batched[i], size)),
      inputs: inputs.slice(carried, carried + scanned).map((x, i) => (batched[carried + i] ? swapFront(x) : x)),
      step(now, slices) {
        const values = mapGraph(body, [...now, ...slices, ...captures], mapped, size)
        return { carry: values.slice(0, carried), outputs: values.slice(carried) }
      },
    })
    return [...carry, ...outputs.map(swapFront)]
  },
  lower(context, inputs, node) {
    const { body, carried, scanned, reverse } = scanOf(node.attributes)
    const stored = placesOf(body.outputs.slice(carried), (_, i) => context.isRead(node, carried + i))
    const outputs = [...body.outputs.slice(0, carried), ...stored.map((i) => body.outputs[carried + i])]
    const directions = (count: number) => new Array<number>(count).fill(Number(reverse))
    const results = context.emitMany('Scan', inputs.slice(0, carried + scanned), outputs.length, {
      body: context.subgraph({ parameters: body.parameters, outputs }, inputs.slice(carried + scanned)),
      num_scan_inputs: scanned,
      scan_input_directions: directions(scanned),
      scan_output_directions: directions(stored.length),
    })
    const stacks = spreadOver(body.outputs.length - carried, stored, results.slice(carried))
    return [...results.slice(0, carried), ...stacks.map((name) => name ?? '')]
  },
}

/** The index-th slice along the first axis. */
function sliceOf({ shape: [_, ...shape], dtype, data }: NDArray, index: number): NDArray {
  const size = sizeOf(shape)
  return ndarray(data.subarray(index * size, (index + 1) * size), shape, dtype)
}

/** Movement is cheaper to repeat than to store. */
const movement = ['reshape', 'transpose', 'broadcastTo']

/** What a step computes from its carry and inputs, and the carry itself: what reverse mode may want to know of it. */
function recordable(
  { parameters, outputs }: Graph,
  { carried, scanned, checkpoint }: Pick<Scan, 'carried' | 'scanned' | 'checkpoint'>,
): Node[] {
  const carry = parameters.slice(0, carried)
  if (checkpoint) return carry
  const changing = dependents(outputs, parameters.slice(0, carried + scanned))
  const known = new Set([...parameters, ...outputs.slice(carried)])
  const computed = topological(outputs, (node) => !changing.has(node)).filter(
    (node) => changing.has(node) && !known.has(node) && node.results === undefined && !movement.includes(node.primitive.name),
  )
  return [...carry, ...computed]
}

/** Reverse mode: a scan in the other direction, over what was stored. */
function pullThroughScan(
  { inputs, outputs, attributes }: RuleContext,
  cotangents: readonly Derivative[],
  wanted: readonly boolean[],
): Derivative[] {
  const { body, carried, scanned, reverse, ...options } = scanOf(attributes)
  const { parameters } = body
  const sought = placesOf(parameters, ({ dtype }, i) => isFloat(dtype) && (i < carried || wanted[i]))
  const [ofCarry, ofInputs, ofCaptures] = [
    sought.filter((i) => i < carried),
    sought.filter((i) => i >= carried && i < carried + scanned),
    sought.filter((i) => i >= carried + scanned),
  ]
  const ofOutputs = placesOf(cotangents, (ct, i) => i >= carried && ct !== null)
  const arriving = [...ofCarry, ...ofOutputs].map((i) => [i, placeholder(body.outputs[i])] as const)
  const pulled = pullBack(
    body.outputs,
    sought.map((i) => parameters[i]),
    spreadOver(
      body.outputs.length,
      arriving.map(([i]) => i),
      arriving.map(([, node]) => new Tensor(node)),
    ),
  )
  const flowing = placesOf(pulled, (ct) => ct !== null)
  const graph = flowing.map((k) => pulled[k]!.node)

  // The walk back from the cotangents ends at what was stored: all before that need not be computed again.
  const stored = new Map(body.outputs.map((node, i) => [node, outputs[i]] as const).slice(carried))
  const needed = topological(graph, (node) => stored.has(node))
  const read = needed.filter((node) => stored.has(node))
  const slices = placesOf(parameters, (node, i) => i >= carried && i < carried + scanned && !stored.has(node) && needed.includes(node))
  const captures = parameters.slice(carried + scanned)
  const formal = [...arriving.map(([, node]) => node), ...read, ...slices.map((i) => parameters[i]), ...captures]

  const total = fold({
    ...options,
    reverse: !reverse,
    initial: [...ofCarry.map((i) => cotangents[i] ?? zerosLike(inputs[i])), ...ofCaptures.map((i) => zerosLike(inputs[i]))],
    inputs: [...ofOutputs.map((i) => cotangents[i]!), ...read.map((node) => stored.get(node)!), ...slices.map((i) => inputs[i])],
    step(now, then) {
      const args = [...now.slice(0, ofCarry.length), ...then, ...inputs.slice(carried + scanned)]
      const found = spreadOver(sought.length, flowing, callGraph({ parameters: formal, outputs: graph }, args))
      const cotangentOf = (i: number) => found[sought.indexOf(i)]
      const like = (i: number) => new Tensor(parameters[i])
      return {
        carry: [
          ...ofCarry.map((i) => cotangentOf(i) ?? zerosLike(like(i))),
          ...ofCaptures.map((i, k) => sumOf([now[ofCarry.length + k], cotangentOf(i)])!),
        ],
        outputs: ofInputs.map((i) => cotangentOf(i) ?? zerosLike(like(i))),
      }
    },
  })
  const results = [...total.carry.slice(0, ofCarry.length), ...total.outputs, ...total.carry.slice(ofCarry.length)]
  return spreadOver(parameters.length, sought, results)
}

interface Fold extends Pick<Scan, 'length' | 'reverse' | 'checkpoint'> {
  readonly initial: readonly Tensor[]
  readonly inputs: readonly Tensor[]
  readonly step: (carry: Tensor[], slices: Tensor[]) => { carry: readonly Tensor[]; outputs: readonly Tensor[] }
}

/** A scan on lists of tensors, as one node; the step may use any value of the surrounding program. */
function fold({ initial, inputs, step, length, reverse, checkpoint }: Fold): { carry: Tensor[]; outputs: Tensor[] } {
  // The operator needs something to count its steps by.
  const stacks = inputs.length > 0 ? inputs : [iota(length)]
  const [carried, scanned] = [initial.length, stacks.length]
  const traced = graphOf(
    (...all) => {
      const { carry, outputs } = step(all.slice(0, carried), all.slice(carried, carried + inputs.length))
      return [...carry, ...outputs]
    },
    [...initial, ...stacks.map(({ shape, dtype }) => ({ shape: shape.slice(1), dtype }))],
  )
  const { closed, captures } = close([traced], (graph) => recordable(graph, { carried, scanned, checkpoint }))
  const attributes = { carried, scanned, length, reverse, checkpoint, body: closed[0] }
  const results = apply(scanPrimitive, [...initial, ...stacks, ...captures], attributes)
  return { carry: results.slice(0, carried), outputs: results.slice(carried, traced.outputs.length) }
}

export interface ScanOptions {
  /** The number of steps, where there are no inputs to tell it. */
  readonly length?: number
  /** Go through the inputs from the last to the first. */
  readonly reverse?: boolean
  /** In reverse mode, compute each step again from its carry, instead of storing what it computed. */
  readonly checkpoint?: boolean
  /** Up to this many steps are written out one after another, which the runtime executes faster. Default: 16. */
  readonly unroll?: number
}

/**
 * Repeats a step over the slices of `inputs` (a tree of tensors [steps, ...]), handing a carry from step to step: recurrent networks,
 * simulations, optimizers. The outputs of all steps are stacked.
 *
 * @example
 * const { carry, outputs } = scan((total, x) => ({ carry: add(total, x), output: total }), tensor(0), tensor([1, 2, 3]))
 */
export function scan<C, X, Y>(
  step: (carry: C, input: X) => { carry: C; output: Y },
  initial: C,
  inputs: X,
  options: ScanOptions = {},
): { carry: C; outputs: Y } {
  const { reverse = false, checkpoint = false, unroll = 16 } = options
  const stacks = tensorsOf(inputs)
  const length = lengthOf(stacks, options.length)
  const starts = tensorsOf(initial)
  const slices = stacks.map(({ shape, dtype }) => ({ shape: shape.slice(1), dtype }))
  const traced = trace(step as never, [initial, inputs], [...starts, ...slices]) as unknown as Graph & { result: { carry: C; output: Y } }
  const next = tensorsLike('scan', 'the next carry', traced.result.carry, initial)
  // The trace lists its outputs as the step happens to name them.
  const outputs = [...next, ...tensorsOf(traced.result.output)].map((x) => x.node)
  const graph = { parameters: traced.parameters, outputs }
  const split = (results: Tensor[]) => ({ carry: results.slice(0, starts.length), outputs: results.slice(starts.length) })
  const once = (carry: readonly Tensor[], x: readonly Tensor[]) => split(callGraph(graph, [...carry, ...x]))
  const again = (carry: readonly Tensor[], x: readonly Tensor[]) => split(checkpointed(graph, [...carry, ...x], 'nothing'))
  const parts = { initial: starts, inputs: stacks, step: once, length, reverse, checkpoint }
  const flat =
    length <= unroll || callsHost(graph)
      ? unrolled(checkpoint ? { ...parts, step: again } : parts, graph.outputs.slice(starts.length))
      : fold(parts)
  return { carry: replaceTensors<C>(initial, flat.carry), outputs: replaceTensors<Y>(traced.result.output, flat.outputs) }
}

function unrolled({ initial, inputs, step, length, reverse }: Fold, slices: readonly Node[]): { carry: Tensor[]; outputs: Tensor[] } {
  const order = [...Array(length).keys()]
  const outputs: (readonly Tensor[])[] = []
  let carry = [...initial]
  for (const at of reverse ? order.reverse() : order) {
    const result = step(
      carry,
      inputs.map((x) => select(x, at)),
    )
    carry = [...result.carry]
    outputs[at] = result.outputs
  }
  const stacked = slices.map(({ shape, dtype }, i) => (length === 0 ? zeros([0, ...shape], dtype) : stack(outputs.map((each) => each[i]))))
  return { carry, outputs: stacked }
}

function lengthOf(stacks: readonly Tensor[], given: number | undefined): number {
  if (stacks.some(({ shape }) => shape.length === 0)) throw new InputError('scan: an input has no axis to go along')
  const lengths = [...new Set([...stacks.map(({ shape }) => shape[0]), ...(given === undefined ? [] : [given])])]
  if (lengths.length === 1) return lengths[0]
  if (lengths.length === 0) throw new InputError('scan: without inputs it needs a length', { fix: 'give { length }' })
  throw new InputError(`scan: the inputs have different numbers of steps: ${lengths.join(', ')}`)
}
