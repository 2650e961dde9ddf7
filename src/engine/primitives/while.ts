import { type NDArray, sameShape } from '../array.ts'
import { InputError } from '../errors.ts'
import type { Aval, Node } from '../graph/node.ts'
import type { Primitive } from '../graph/primitive.ts'
import { dependents, type Graph, inline, replaceTensors, substitute, tensorsOf, trace } from '../graph/trace.ts'
import { broadcastTo, cast, less, logicalAnd, max, reshape, where, zerosLike } from '../ops.ts'
import { evaluateGraph } from '../reference/evaluate.ts'
import { isTensor, Tensor } from '../tensor.ts'
import { pushForward } from '../transform/jvp.ts'
import { batchGraph } from '../transform/vmap.ts'
import { apply, shapeError } from './define.ts'
import { placeholder } from './structural.ts'

/**
 * A loop as one node. Inputs: the initial carry, then the values that test and body capture from outside. Test and body are graphs whose
 * parameters are exactly these; being class instances, they are told apart by identity.
 */
class LoopGraph implements Graph {
  readonly parameters: readonly Node[]
  readonly outputs: readonly Node[]
  constructor(parameters: readonly Node[], outputs: readonly Node[]) {
    this.parameters = parameters
    this.outputs = outputs
  }
}

interface Loop {
  readonly carried: number
  /** Parameters: carry and captures; outputs: [whether to go on, ...next carry]. */
  readonly step: LoopGraph
  /** Whether to go on, from the first carry on. */
  readonly test: LoopGraph
  readonly maxIterations: number
}

const loopOf = (attributes: unknown): Loop => attributes as Loop

export const whilePrimitive: Primitive = {
  name: 'while',
  kind: 'general',
  infer: (inputs, attributes) => inputs.slice(0, loopOf(attributes).carried).map(({ shape, dtype }) => ({ shape, dtype })),
  evaluate(inputs, attributes) {
    const { carried, step, test, maxIterations } = loopOf(attributes)
    const captures = inputs.slice(carried)
    let carry: readonly NDArray[] = inputs.slice(0, carried)
    let goOn = evaluateGraph(test, inputs)[0].data[0] !== 0
    for (let i = 0; goOn && i < maxIterations; i++) {
      const [flag, ...next] = evaluateGraph(step, [...carry, ...captures])
      carry = next
      goOn = flag.data[0] !== 0
    }
    return carry
  },
  jvp({ inputs, attributes }, tangents) {
    // The tangent loop carries values and tangents together; captured tangents are captured values of the new body.
    const { carried, step, test, maxIterations } = loopOf(attributes)
    const filled = inputs.map((x, i) => tangents[i] ?? zerosLike(x))
    const shadows = step.parameters.map((parameter) => placeholder(parameter, 'tangent'))
    const pushed = pushForward(
      step.outputs.slice(1),
      step.parameters,
      shadows.map((node) => new Tensor(node)),
    )
    const next = pushed.map((t, i) => (t ?? zerosLike(inputs[i])).node)
    const split = <T>(values: readonly T[]) => [values.slice(0, carried), values.slice(carried)] as const
    const [carry, captures] = split(step.parameters)
    const [carryShadows, captureShadows] = split(shadows)
    const [testCarry, testCaptures] = split(test.parameters)
    const testShadows = shadows.map((node) => placeholder(node, 'tangent'))
    const body = new LoopGraph([...carry, ...carryShadows, ...captures, ...captureShadows], [...step.outputs, ...next])
    const entry = new LoopGraph(
      [...testCarry, ...testShadows.slice(0, carried), ...testCaptures, ...testShadows.slice(carried)],
      test.outputs,
    )
    const [x, c] = split(inputs)
    const [tx, tc] = split(filled)
    const loop = { carried: 2 * carried, step: body, test: entry, maxIterations }
    return apply(whilePrimitive, [...x, ...tx, ...c, ...tc], loop as never).slice(carried)
  },
  vjp() {
    throw new InputError('whileLoop: the number of iterations is unknown, so it has no reverse mode', {
      fix: 'use jvp, or unroll a fixed number of steps',
    })
  },
  batch(inputs, batched, attributes, size) {
    // Every carry gets examples; an example that has stopped keeps its carry while others go on.
    const { carried, step, test, maxIterations } = loopOf(attributes)
    const stacked = inputs.map((x, i) => (i < carried && !batched[i] ? broadcastTo(x, [size, ...x.shape]) : x))
    const mapped = inputs.map((_, i) => i < carried || batched[i])
    const spread = (graph: Graph): { parameters: Node[]; outputs: Tensor[] } => {
      const parameters = stacked.map((x, i) => (mapped[i] ? placeholder(x, 'examples') : graph.parameters[i]))
      const stacks = new Map(parameters.flatMap((node, i) => (mapped[i] ? [[graph.parameters[i], new Tensor(node)] as const] : [])))
      const outputs = batchGraph(graph.outputs, stacks, size).map(
        (y, i) => y ?? broadcastTo(new Tensor(graph.outputs[i]), [size, ...graph.outputs[i].shape]),
      )
      return { parameters, outputs }
    }
    const active = placeholder({ shape: [size], dtype: 'bool' }, 'active')
    const body = spread(step)
    const [flags, ...next] = body.outputs
    const kept = next.map((y, i) => {
      const mask = reshape(new Tensor(active), [size, ...y.shape.slice(1).map(() => 1)])
      return where(mask, y, new Tensor(body.parameters[i])).node
    })
    const stillActive = logicalAnd(flags, new Tensor(active))
    const any = anyOf(stillActive)
    const entry = spread(test)
    const entryActive = placeholder({ shape: [size], dtype: 'bool' }, 'active')
    const firstActive = inline(
      { parameters: entry.parameters, outputs: [entry.outputs[0].node] },
      stacked.map((x) => x.node),
    )[0]
    const place = (parameters: readonly Node[], flag: Node) => [...parameters.slice(0, carried), flag, ...parameters.slice(carried)]
    const loop: Loop = {
      carried: carried + 1,
      step: new LoopGraph(place(body.parameters, active), [any.node, ...kept, stillActive.node]),
      test: new LoopGraph(place(entry.parameters, entryActive), [anyOf(new Tensor(entryActive)).node]),
      maxIterations,
    }
    const first = new Tensor(firstActive)
    return apply(whilePrimitive, [...stacked.slice(0, carried), first, ...stacked.slice(carried)], loop as never).slice(0, carried)
  },
  lower(context, inputs, node) {
    const { carried, step, test, maxIterations } = loopOf(node.attributes)
    const goOn = context.inlineGraph(test, inputs)[0]
    return context.loop({ maxIterations, goOn, carry: inputs.slice(0, carried), captures: inputs.slice(carried), step })
  },
}

const anyOf = (flags: Tensor): Tensor => less(0, max(cast(flags, 'int32')))

/** Values of the outer program that a traced function uses, in a fixed order. */
function capturesOf(graphs: readonly Graph[]): Node[] {
  const found = new Set<Node>()
  for (const graph of graphs) {
    const inside = dependents(graph.outputs, graph.parameters)
    for (const node of inside) for (const input of node.inputs) if (!inside.has(input) && !isPure(input)) found.add(input)
    for (const output of graph.outputs) if (!inside.has(output) && !isPure(output)) found.add(output)
  }
  return [...found]
}

/** A node made of numbers alone can be rebuilt anywhere, and need not be passed in. */
const isPure = (node: Node): boolean => node.primitive.name === 'literal' || node.primitive.name === 'iota'

export interface WhileOptions {
  /** The loop ends after this many iterations even if the test still holds. */
  readonly maxIterations: number
}

/**
 * Repeats `body` on a tree of tensors while `test` holds, at most `maxIterations` times. Compiles to one node; forward mode only.
 *
 * @example
 * const root = whileLoop((x) => less(1e-6, abs(sub(mul(x, x), 2))), (x) => mul(0.5, add(x, div(2, x))), tensor(1), { maxIterations: 20 })
 */
export function whileLoop<T>(test: (carry: T) => Tensor, body: (carry: T) => T, initial: T, { maxIterations }: WhileOptions): T {
  const carry = tensorsOf(initial)
  const entry = trace(test as never, [initial])
  const step = trace(
    ((value: T) => {
      const next = body(value)
      return { goOn: test(next), next }
    }) as never,
    [initial],
  ) as unknown as { parameters: Node[]; outputs: Node[]; result: { goOn: Tensor; next: T } }
  checkLoop(carry, tensorsOf(step.result.next), step.result.goOn)

  const stepOutputs = [step.result.goOn.node, ...tensorsOf(step.result.next).map((x) => x.node)]
  const captures = capturesOf([entry, { parameters: step.parameters, outputs: stepOutputs }])
  const close = (parameters: readonly Node[], outputs: readonly Node[]): LoopGraph => {
    const inner = captures.map((node) => placeholder(node, 'capture'))
    return new LoopGraph([...parameters, ...inner], substitute(outputs, new Map(captures.map((node, i) => [node, inner[i]]))))
  }
  const loop: Loop = {
    carried: carry.length,
    step: close(step.parameters, stepOutputs),
    test: close(entry.parameters, entry.outputs),
    maxIterations,
  }
  const results = apply(whilePrimitive, [...carry, ...captures.map((node) => new Tensor(node))], loop as never)
  return replaceTensors<T>(initial, results)
}

function checkLoop(carry: readonly Tensor[], next: readonly Tensor[], goOn: Tensor): void {
  const same = (a: Aval, b: Aval | undefined) => b && sameShape(a.shape, b.shape) && a.dtype === b.dtype
  const wrong = carry.findIndex((x, i) => !same(x, next[i]))
  if (wrong >= 0 || next.length !== carry.length) {
    throw shapeError(
      'whileLoop',
      'the body must return what it was given: same structure, shapes and dtypes',
      [carry[Math.max(wrong, 0)], next[Math.max(wrong, 0)]].filter(Boolean),
    )
  }
  if (!isTensor(goOn) || goOn.dtype !== 'bool' || goOn.shape.length > 0)
    throw shapeError('whileLoop', 'the test must return one boolean', isTensor(goOn) ? [goOn] : [])
}
