import type { NDArray } from '../array.ts'
import { InputError } from '../errors.ts'
import { replaceTensors, type Traced, tensorsOf, trace } from '../graph/trace.ts'
import { data } from '../primitives/structural.ts'
import { Tensor } from '../tensor.ts'
import type { Cause } from './cache.ts'
import { evaluate } from './evaluate.ts'
import { compile, type Program } from './program.ts'
import { BySignature, firstDifference, signatureOf } from './signature.ts'

/** What a step returns: the next state, of the same structure as the one it was given, and anything else. */
export interface StepResult<S, R> {
  readonly state: S
  readonly output: R
}

interface CompiledStep<S, R> {
  readonly program: Program
  readonly traced: Traced<StepResult<S, R>>
  /** Buffers of an earlier state, free to be written again. */
  spare?: NDArray[]
}

/** Buffers that a step made itself, and so may write again once their state has been used up. */
const owned = new WeakSet<NDArray>()

/**
 * Compiles a state transition into one graph that runs on two sets of buffers, swapped at each call: a running loop allocates nothing and
 * copies nothing. Each call uses its state up: the memory of a state that a step returned is written again two calls later, unless that call
 * reads it. Keep an older one with `snapshot`. The first state, which is the caller's, is never written.
 *
 * @example
 * const count = compileStep((total: Tensor, x: Tensor) => ({ state: add(total, x), output: {} }))
 * const { state } = await count(tensor(0), tensor(1))
 * await state.item() // 1
 */
export function compileStep<S, A extends unknown[], R>(
  transition: (state: S, ...args: A) => StepResult<S, R>,
): (state: S, ...args: A) => Promise<StepResult<S, R>> {
  const known = new BySignature<Promise<CompiledStep<S, R>>>('compileStep', transition)

  const build = async (args: [S, ...A], cause: Cause): Promise<CompiledStep<S, R>> => {
    const traced = trace(transition as never, args) as Traced<StepResult<S, R>>
    const before = signatureOf([args[0]])
    const after = signatureOf([traced.result.state])
    if (before !== after) throw new InputError(`compileStep: the next state is not like the state: ${firstDifference(before, after)}`)
    const { state, output } = traced.result
    const ordered = { ...traced, outputs: tensorsOf([state, output]).map((x) => x.node) }
    return { program: await compile(ordered, cause), traced: ordered }
  }

  return async (...args) => {
    const compiled = await known.get(args, (cause) => build(args, cause))
    const tensors = tensorsOf(args)
    if (tensors.some((x) => x.node.value === undefined)) await evaluate(tensors)
    const inputs = tensors.map((x) => x.node.value!)

    const { state, output } = compiled.traced.result
    const stateSize = tensorsOf(state).length
    // A state may be given again, and an older one as an argument: what is read is not written.
    const read = new Set(inputs)
    const into = compiled.spare?.some((array) => read.has(array)) ? undefined : compiled.spare
    const results = await compiled.program.run(inputs, into)
    const previous = inputs.slice(0, stateSize)
    compiled.spare = previous.every((array) => owned.has(array)) ? previous : undefined
    for (const array of results.slice(0, stateSize)) owned.add(array)
    const values = results.map((array) => new Tensor(data(array)))
    return { state: replaceTensors<S>(args[0], values.slice(0, stateSize)), output: replaceTensors<R>(output, values.slice(stateSize)) }
  }
}

/**
 * A copy of a tree's values that no later step writes over.
 *
 * @example
 * const before = await snapshot({ weight: add(ones([2]), 1) })
 * await before.weight.array() // [2, 2]
 */
export async function snapshot<T>(tree: T): Promise<T> {
  const arrays = await Promise.all(tensorsOf(tree).map((x) => x.ndarray()))
  return replaceTensors<T>(
    tree,
    arrays.map((array) => new Tensor(data({ ...array, data: array.data.slice() }))),
  )
}
