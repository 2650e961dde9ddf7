import type { NDArray } from '../array.ts'
import type { LoweringContext } from '../compile/lower.ts'
import { isFloat } from '../dtype.ts'
import { InputError } from '../errors.ts'
import { type ClosedGraph, close, graphOf } from '../graph/closure.ts'
import { tensorsLike } from '../graph/like.ts'
import type { Node } from '../graph/node.ts'
import type { Derivative, Primitive, RuleContext } from '../graph/primitive.ts'
import { replaceTensors, tensorsOf } from '../graph/trace.ts'
import { add, broadcastTo, cast, gather, less, lessEqual, logicalAnd, max, reshape, scalar, sub, where, zerosLike } from '../ops.ts'
import { evaluateGraph } from '../reference/evaluate.ts'
import { isTensor, type Tensor } from '../tensor.ts'
import { pushGraph } from '../transform/jvp.ts'
import { pullGraph } from '../transform/vjp.ts'
import { mapGraph } from '../transform/vmap.ts'
import { apply, placesOf, referenceArray, shapeError, spreadOver, sumOf, swapFront, withBatchAxis } from './define.ts'

interface Loop {
  readonly carried: number
  /** Parameters: carry and captures; outputs: [whether to go on, ...next carry]. */
  readonly step: ClosedGraph
  readonly maxIterations?: number
}

const loopOf = (attributes: unknown): Loop => attributes as Loop

/**
 * A loop as one node. Inputs: whether to begin, the initial carry, the values that the step captures. Results: the final carry, the number of
 * iterations, and, where that number is bounded, the carry before each iteration, [maxIterations, ...], zeros from the last one on. Nothing
 * is recorded unless somebody reads it.
 */
export const whilePrimitive: Primitive = {
  name: 'while',
  kind: 'general',
  infer(inputs, attributes) {
    const { carried, maxIterations } = loopOf(attributes)
    const carry = inputs.slice(1, 1 + carried).map(({ shape, dtype }) => ({ shape, dtype }))
    const records = maxIterations === undefined ? [] : carry.map(({ shape, dtype }) => ({ shape: [maxIterations, ...shape], dtype }))
    return [...carry, { shape: [], dtype: 'int32' }, ...records]
  },
  evaluate([begin, ...inputs], attributes, results) {
    const { carried, step, maxIterations = Number.POSITIVE_INFINITY } = loopOf(attributes)
    const captures = inputs.slice(carried)
    const history: (readonly NDArray[])[] = []
    let carry: readonly NDArray[] = inputs.slice(0, carried)
    for (let goOn = begin.data[0] !== 0; goOn && history.length < maxIterations; ) {
      const [flag, ...next] = evaluateGraph(step, [...carry, ...captures])
      history.push(carry)
      carry = next
      goOn = flag.data[0] !== 0
    }
    const count: NDArray = { shape: [], dtype: 'int32', data: Int32Array.of(history.length) }
    return [
      ...carry,
      count,
      ...results.slice(carried + 1).map((aval, i) =>
        recordOf(
          aval,
          history.map((each) => each[i]),
        ),
      ),
    ]
  },
  jvp({ inputs: [begin, ...inputs], attributes }, [, ...tangents]) {
    const { carried, step, maxIterations } = loopOf(attributes)
    const captures = inputs.slice(carried)
    const places = floatPlaces(inputs.slice(0, carried))
    const at = (place: number, t: Derivative | undefined): Tensor => t ?? zerosLike(inputs[place])
    const { carry, records } = loop(begin, [...inputs.slice(0, carried), ...places.map((place) => at(place, tangents[place]))], {
      maxIterations,
      step(all) {
        const moving = spreadOver(carried, places, all.slice(carried))
        const pushed = pushGraph(step, [...all.slice(0, carried), ...captures], [...moving, ...tangents.slice(carried)])
        const [goOn, ...next] = pushed.values
        return { goOn, next: [...next, ...places.map((place) => at(place, pushed.tangents[place + 1]))] }
      },
    })
    const parts = (all: readonly Tensor[]) => (all.length === 0 ? [] : spreadOver(carried, places, all.slice(carried)))
    return [...parts(carry), null, ...parts(records)]
  },
  vjp: pullThroughLoop,
  batch([begin, ...inputs], [beginBatched, ...batched], attributes, size) {
    // Every carry gets examples; an example that has stopped keeps its carry while others go on.
    const { carried, step, maxIterations } = loopOf(attributes)
    const captures = inputs.slice(carried)
    const mapped = step.parameters.map((_, i) => i < carried || batched[i])
    const initial = inputs.slice(0, carried).map((x, i) => withBatchAxis(x, batched[i], size))
    const first = withBatchAxis(begin, beginBatched, size)
    const { carry, records } = loop(anyOf(first), [...initial, first, broadcastTo(scalar(0, 'int32'), [size])], {
      maxIterations,
      step(all) {
        const old = all.slice(0, carried)
        const [active, count] = all.slice(carried)
        const [goOn, ...next] = mapGraph(step, [...old, ...captures], mapped, size)
        const kept = next.map((y, i) => where(reshape(active, [size, ...y.shape.slice(1).map(() => 1)]), y, old[i]))
        const stillActive = logicalAnd(goOn, active)
        return { goOn: anyOf(stillActive), next: [...kept, stillActive, add(count, cast(active, 'int32'))] }
      },
    })
    return [...carry.slice(0, carried), carry[carried + 1], ...records.slice(0, carried).map(swapFront)]
  },
  lower: lowerLoop,
}

const anyOf = (flags: Tensor): Tensor => less(0, max(cast(flags, 'int32')))

const floatPlaces = (tensors: readonly Tensor[]): number[] => placesOf(tensors, ({ dtype }) => isFloat(dtype))

/** Arrays one after another along a new first axis, zeros after the last; made when somebody looks. */
const recordOf = ({ shape, dtype }: Pick<NDArray, 'shape' | 'dtype'>, arrays: readonly NDArray[]): NDArray => ({
  shape,
  dtype,
  get data() {
    const all = referenceArray({ shape, dtype }).data
    arrays.forEach(({ data }, i) => {
      all.set(data as Float64Array, i * data.length)
    })
    return all
  },
})

/** Reverse mode: a loop over the recorded carries, last one first. */
function pullThroughLoop(
  { inputs, outputs, attributes }: RuleContext,
  cotangents: readonly Derivative[],
  wanted: readonly boolean[],
): Derivative[] {
  const { carried, step, maxIterations } = loopOf(attributes)
  if (maxIterations === undefined) {
    throw new InputError('whileLoop: without maxIterations there is no reverse mode', {
      fix: 'give it maxIterations, so that the carries can be recorded, or use jvp',
    })
  }
  const captures = inputs.slice(1 + carried)
  const records = outputs.slice(carried + 1)
  const recordCotangents = cotangents.slice(carried + 1)
  const places = floatPlaces(records)
  const sought = step.parameters.flatMap((_, i) => (i >= carried && wanted[1 + i] ? [i] : []))
  const zero = (parameter: number): Tensor => zerosLike(inputs[1 + parameter])
  const wantedHere = step.parameters.map((_, i) => places.includes(i) || sought.includes(i))

  const initial = [sub(outputs[carried], 1), ...places.map((i) => cotangents[i] ?? zero(i)), ...sought.map(zero)]
  const { carry } = loop(lessEqual(0, initial[0]), initial, {
    maxIterations,
    step([iteration, ...state]) {
      const sums = state.slice(places.length)
      const then = records.map((record) => gather(record, iteration))
      const pulled = pullGraph(step, [...then, ...captures], [null, ...spreadOver(carried, places, state)], wantedHere)
      const recorded = (i: number) => recordCotangents[i] && gather(recordCotangents[i], iteration)
      const next = sub(iteration, 1)
      return {
        goOn: lessEqual(0, next),
        next: [
          next,
          ...places.map((i) => sumOf([pulled[i], recorded(i)]) ?? zero(i)),
          ...sought.map((i, k) => sumOf([sums[k], pulled[i]])!),
        ],
      }
    },
  })
  return [null, ...spreadOver(step.parameters.length, [...places, ...sought], carry.slice(1))]
}

/** An ONNX Loop. It counts and records only what is read. */
function lowerLoop(context: LoweringContext, [begin, ...inputs]: readonly string[], node: Node): string[] {
  const { carried, step, maxIterations } = loopOf(node.attributes)
  const recorded = Array.from({ length: carried }, (_, i) => i).filter((i) => context.isRead(node, carried + 1 + i))
  const counts = recorded.length > 0 || context.isRead(node, carried)
  const captures = inputs.slice(carried)

  const counter = graphOf((n) => [add(n, 1)], [{ shape: [], dtype: 'int32' }])
  const carry = step.parameters.slice(0, carried)
  const body = context.subgraph(
    {
      parameters: [...carry, ...(counts ? counter.parameters : []), ...step.parameters.slice(carried)],
      outputs: [...step.outputs, ...(counts ? counter.outputs : []), ...recorded.map((i) => carry[i])],
    },
    captures,
    [
      { name: context.fresh('iteration'), dtype: 'int64', shape: [] },
      { name: context.fresh('condition'), dtype: 'bool', shape: [] },
    ],
  )
  const limit = maxIterations === undefined ? '' : context.integers(maxIterations)
  const zero = counts ? [context.scalar(0, 'int32')] : []
  const results = context.emitMany('Loop', [limit, begin, ...inputs.slice(0, carried), ...zero], carried + zero.length + recorded.length, {
    body,
  })
  const count = counts ? results[carried] : ''
  const padded = new Array<string>(carried).fill('')
  recorded.forEach((i, k) => {
    padded[i] = padTo(context, results[carried + 1 + k], count, maxIterations!, carry[i].shape.length)
  })
  return [...results.slice(0, carried), count, ...padded]
}

/** What a loop left, [iterations, ...], with zeros up to [extent, ...]. */
function padTo(context: LoweringContext, record: string, iterations: string, extent: number, rank: number): string {
  const missing = context.emit('Sub', [
    context.integers(extent),
    context.emit('Reshape', [context.cast(iterations, 'int64'), context.integers(1)]),
  ])
  const zeros = (count: number) => (count === 0 ? [] : [context.integers(...new Array<number>(count).fill(0))])
  return context.emit('Pad', [record, context.emit('Concat', [...zeros(rank + 1), missing, ...zeros(rank)], { axis: 0 })])
}

interface LoopParts {
  readonly maxIterations?: number
  readonly step: (carry: Tensor[]) => { goOn: Tensor; next: readonly Tensor[] }
}

/** A loop on a list of tensors; the step may use any value of the surrounding program. */
function loop(begin: Tensor, initial: readonly Tensor[], { step, maxIterations }: LoopParts) {
  const traced = graphOf((...carry) => {
    const { goOn, next } = step(carry)
    return [goOn, ...next]
  }, initial)
  const { closed, captures } = close([traced])
  const carried = initial.length
  const attributes = { carried, step: closed[0], ...(maxIterations === undefined ? {} : { maxIterations }) }
  const results = apply(whilePrimitive, [begin, ...initial, ...captures], attributes)
  return { carry: results.slice(0, carried), count: results[carried], records: results.slice(carried + 1) }
}

export interface WhileOptions {
  /** The loop ends after this many iterations even if the test still holds. Without a bound there is no reverse mode. */
  readonly maxIterations?: number
}

/**
 * Repeats `body` on a tree of tensors while `test` holds. Compiles to one node. Reverse mode records the carry of each iteration, so it needs
 * `maxIterations`, and memory for as many; forward mode needs neither.
 *
 * @example
 * const root = whileLoop((x) => less(1e-6, abs(sub(mul(x, x), 2))), (x) => mul(0.5, add(x, div(2, x))), tensor(1), { maxIterations: 20 })
 */
export function whileLoop<T>(test: (carry: T) => Tensor, body: (carry: T) => T, initial: T, { maxIterations }: WhileOptions = {}): T {
  if (maxIterations !== undefined && !(Number.isInteger(maxIterations) && maxIterations >= 0))
    throw new InputError(`whileLoop: maxIterations is a whole number from 0, not ${maxIterations}`)
  const { carry } = loop(checkedFlag(test(initial)), tensorsOf(initial), {
    maxIterations,
    step(all) {
      const carried = body(replaceTensors<T>(initial, all))
      const next = tensorsLike('whileLoop', 'the next carry', carried, initial)
      return { goOn: checkedFlag(test(carried)), next }
    },
  })
  return replaceTensors<T>(initial, carry)
}

function checkedFlag(goOn: Tensor): Tensor {
  if (!isTensor(goOn) || goOn.dtype !== 'bool' || goOn.shape.length > 0)
    throw shapeError('whileLoop', 'the test must return one boolean', isTensor(goOn) ? [goOn] : [])
  return goOn
}
