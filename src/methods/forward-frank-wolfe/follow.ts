import {
  add,
  compileStep,
  evaluate,
  fold,
  iota,
  leaves,
  scan,
  type Tensor,
  valueAndGrad,
  vmap,
  withoutBuffers,
} from '../../engine/index.ts'
import type { Snapshot } from '../../experiment/index.ts'
import type { Optimizer } from '../../optim/index.ts'
import { fromArrays } from '../../train/index.ts'
import type { Directions } from './directions.ts'
import type { Estimation, ForwardGradientsState } from './forward-gradients.ts'

/**
 * What is followed: a loss, and an optimizer. An optimizer of forward gradients is made around directions that are there already: those of many
 * steps are drawn at once, for drawing a few numbers at a time costs more than a step.
 */
export interface Procedure<P> {
  /** The loss of a step: `shared` is the same in all, `input` its own. */
  loss(params: P, shared: never, input: never): Tensor
  optimizer(estimation?: Estimation<unknown>): Optimizer
  /** The directions of the step with this key; absent where gradients are exact. */
  directionsAt?(key: Tensor, params: P): Directions<P>
  /** Gradients by a way of their own, which knows the step's input. */
  gradientAt?(at: { readonly params: P; readonly state: unknown }, shared: never, input: never): { value: Tensor; gradient: P }
}

export interface Followed<P> {
  readonly params: P
  readonly optimizer: unknown
}

/** What a step draws: tangents, and multipliers where they are others. */
interface Drawn<P> {
  readonly tangents: P
  readonly multipliers?: P
}

/** `length` steps as one compiled graph; gives the loss before each. */
export function compileSteps<P>(procedure: Procedure<P>, length: number) {
  const { loss, optimizer, directionsAt, gradientAt } = procedure
  return compileStep(({ params, optimizer: state }: Followed<P>, shared: unknown, inputs: unknown) => {
    const drawn = directionsAt ? drawAll(directionsAt, params, state as ForwardGradientsState<unknown>, length) : {}
    const step = (carry: Followed<P>, { input, drawn }: { input: unknown; drawn: Drawn<P> }) => {
      const own = optimizer(directionsAt && { directionsAt: <Q>() => asDirections(drawn) as unknown as Directions<Q> })
      const { differentiate = (f, at) => valueAndGrad(f)(at.params) } = own
      const at = { params: carry.params, state: carry.optimizer }
      const { value, gradient } =
        gradientAt?.(at, shared as never, input as never) ?? differentiate((p: P) => loss(p, shared as never, input as never), at)
      const next = own.update({ gradients: gradient, ...at })
      return { carry: { params: next.params, optimizer: next.state }, output: value }
    }
    const { carry, outputs } = scan(step as never, { params, optimizer: state }, { input: inputs, drawn }, { length }) as {
      carry: Followed<P>
      outputs: Tensor
    }
    return { state: carry, output: outputs }
  })
}

/** The directions of the next steps, with the steps along the first axis. */
function drawAll<P>(
  directionsAt: NonNullable<Procedure<P>['directionsAt']>,
  params: P,
  { key, step }: ForwardGradientsState<unknown>,
  length: number,
): Drawn<P> {
  const ofStep = (k: Tensor): Drawn<P> => {
    const { seeds, tangent, multiplier } = directionsAt(fold(key, k), withoutBuffers(params))
    const tangents = vmap(tangent)(seeds)
    return multiplier === tangent ? { tangents } : { tangents, multipliers: vmap(multiplier)(seeds) }
  }
  return vmap(ofStep)(add(step, iota(length, 'uint32')))
}

const asDirections = <P>({ tangents, multipliers }: Drawn<P>): Directions<P> => ({
  count: (leaves(tangents)[0] as Tensor).shape[0],
  seeds: { tangents, ...(multipliers && { multipliers }) },
  tangent: (seed) => (seed as Drawn<P>).tangents,
  multiplier: (seed) => (seed as Drawn<P>).multipliers ?? (seed as Drawn<P>).tangents,
  remade: false,
})

/** An optimizer's start at these parameters, as values. */
export const startAt = <P>({ optimizer }: Procedure<P>, params: P): Promise<Followed<P>> =>
  evaluate({ params, optimizer: optimizer().init(withoutBuffers(params)) })

export interface FollowOptions<P> {
  readonly start: P
  readonly steps: number
  /** A state that was saved after so many steps. */
  readonly resume?: Pick<Snapshot, 'step' | 'tensors'>
  /** Steps of one call of the runtime. */
  readonly chunk: number
  readonly shared: unknown
  /** The inputs of `length` steps from step `first`, along their first axis. */
  inputsAt?(first: number, length: number): unknown
  /** After each chunk: how many steps are done, the loss before each of the chunk's, and the state. */
  onChunk(done: number, losses: ArrayLike<number>, state: Followed<P>): Promise<void>
}

/** Follows a procedure from a start, chunk by chunk. */
export async function follow<P>(procedure: Procedure<P>, options: FollowOptions<P>): Promise<Followed<P>> {
  const { start, resume, steps, chunk, shared, inputsAt = () => ({}), onChunk } = options
  const compiled = new Map<number, ReturnType<typeof compileSteps<P>>>()
  let state = await startAt(procedure, start)
  if (resume) state = fromArrays(resume.tensors, state)
  for (let done = resume?.step ?? 0; done < steps; ) {
    const length = Math.min(chunk, steps - done)
    if (!compiled.has(length)) compiled.set(length, compileSteps(procedure, length))
    const next = await compiled.get(length)!(state, shared, inputsAt(done, length))
    state = next.state
    done += length
    await onChunk(done, await next.output.data(), state)
  }
  return state
}
