import {
  ArrayFunction,
  add,
  arrayFunction,
  cast,
  leavesWithPaths,
  mul,
  type NDArray,
  scalar,
  slice,
  splitVjp,
  sum,
  type Tensor,
  valueAndGrad,
  zeros,
} from '../../../engine/index.ts'
import { type Optimizer, squaredNorm } from '../../../optim/index.ts'
import type { View } from '../attention.ts'
import type { DecoderConfig } from '../config.ts'
import { applyBlock, logitsOf, start, type TokenBatch } from '../decoder.ts'
import { tokenLosses } from '../loss.ts'
import type { BlockParams, DecoderParams } from '../params.ts'
import { type Demand, isAsked } from './demand.ts'
import { exchanged, type Part, tokensPath } from './parts.ts'

/** Ids [n, t] and their next tokens as host arrays; `ignored` labels are not scored. */
export interface TrainingBatch {
  readonly ids: NDArray
  readonly labels: NDArray
  readonly segments?: NDArray
  readonly positions?: NDArray
}

/** Both halves of a part, and how they are connected. */
export interface Halves {
  readonly forward: ArrayFunction
  readonly backward: ArrayFunction
  /** Places among the forward program's results of what is kept. */
  readonly kept: readonly number[]
  /** Places among the arguments (parameters, input, view) of what the backward program reads. */
  readonly reads: readonly number[]
}

/**
 * The compiled programs of a model for batches of one shape. Blocks share them: there is one forward and one backward program for each demand, whichever
 * block it is made of, so that a pattern of frozen blocks is an order in which programs are called, and a new pattern compiles nothing.
 */
export class Programs {
  readonly #config: DecoderConfig
  readonly #params: DecoderParams
  readonly #batch: TokenBatch & { readonly labels: Tensor }
  readonly #made = new Map<string, unknown>()
  /** The first block's input and what its tokens see: shapes alone. */
  readonly #x: Tensor
  readonly #view: View

  constructor(config: DecoderConfig, params: DecoderParams, batch: TrainingBatch) {
    const like = (array: NDArray) => zeros(array.shape, array.dtype)
    this.#config = config
    this.#params = params
    this.#batch = {
      ids: like(batch.ids),
      labels: like(batch.labels),
      ...(batch.segments && { segments: like(batch.segments) }),
      ...(batch.positions && { positions: like(batch.positions) }),
    }
    const { x, view } = start(config, params, this.#batch)
    this.#x = x
    this.#view = view
  }

  #once<T>(name: string, make: () => T): T {
    if (!this.#made.has(name)) this.#made.set(name, make())
    return this.#made.get(name) as T
  }

  #start = (embedding: Pick<DecoderParams, 'embedding' | 'prompt'>, batch: TokenBatch) =>
    start(this.#config, { ...embedding, blocks: this.#params.blocks }, batch)

  get #tokens(): TokenBatch {
    const { labels: _, ...tokens } = this.#batch
    return tokens
  }

  /** Parameters of the embedding, ids, segments, positions → the first block's input, then its view. */
  embed({ tree }: Part): ArrayFunction {
    return this.#once('embed', () => arrayFunction(this.#start, [tree as DecoderParams, this.#tokens], 'embedding'))
  }

  /** Parameters of the embedding, ids, … as `reads` says, cotangent of the first block's input → gradients. */
  embedBackward({ tree, paths }: Part, gradients: readonly string[]): Halves {
    return this.#once(`embed backward ${gradients}`, () =>
      halvesOf(
        'embedding backward',
        (embedding: DecoderParams, batch: TokenBatch) => this.#start(embedding, batch).x,
        [tree as DecoderParams, this.#tokens],
        { input: false, gradients, keep: 'arguments' },
        paths.length,
      ),
    )
  }

  /** Parameters, input, view → output, and what is kept; what was read and kept, cotangent of the output → that of the input, gradients. */
  block({ tree, paths, signature }: Part, demand: Demand): Halves {
    const kept = isAsked(demand) ? demand : { ...demand, keep: 'arguments' as const }
    return this.#once(`block ${JSON.stringify(kept)} ${signature}`, () =>
      halvesOf(
        'block',
        (params: BlockParams, x: Tensor, view: View) => applyBlock(this.#config, params, x, view).x,
        [tree as BlockParams, this.#x, this.#view],
        kept,
        paths.length,
      ),
    )
  }

  /** Parameters of the top, those of the embedding, top of the stack, labels, scale → scale · Σ −log p, and what is demanded: cotangent, gradients. */
  top({ tree }: Part, { input, gradients }: Omit<Demand, 'keep'>): ArrayFunction {
    type Arguments = [Pick<DecoderParams, 'norm' | 'head'>, Tensor, Tensor]
    const loss = ([top, tokens, x]: Arguments, labels: Tensor, scale: Tensor) =>
      mul(sum(tokenLosses(logitsOf(this.#config, { ...top, embedding: { tokens } }, this.#text(x)), labels)), scale)
    const sought = [...(input ? ['2'] : []), ...gradients.map((path) => (path === tokensPath ? '1' : `0.${path}`))]
    return this.#once(`top ${sought}`, () =>
      arrayFunction(
        (args: Arguments, labels: Tensor, scale: Tensor) => {
          const all = new Map(leavesWithPaths(args) as [string, Tensor][])
          if (sought.length === 0) return [loss(args, labels, scale)]
          const { value, gradient } = valueAndGrad((wanted: Tensor[]) =>
            loss(exchanged(args, new Map(sought.map((path, i) => [path, wanted[i]]))), labels, scale),
          )(sought.map((path) => all.get(path)!))
          return [value, ...gradient]
        },
        [[tree as DecoderParams, this.#params.embedding.tokens, this.#x] as Arguments, this.#batch.labels, scalar(1)],
        'head and loss',
      ),
    )
  }

  /** Behind the virtual tokens of a prompt. */
  #text = (x: Tensor): Tensor => (this.#params.prompt ? slice(x, { axis: 1, start: this.#params.prompt.shape[0] }) : x)
}

function halvesOf<A extends unknown[]>(what: string, fn: (...args: A) => Tensor, args: A, demand: Demand, parameters: number): Halves {
  const paths = new Set([...(demand.input ? ['1'] : []), ...demand.gradients.map((path) => `0.${path}`)])
  // The view is the same for all blocks: it is there again when the backward pass comes, as the parameters are.
  const split = splitVjp(fn, args, { wanted: (path) => paths.has(path), stays: (path) => path !== '1', keep: demand.keep })
  // The cotangent of the input comes first, and is the first block's to add to.
  const inputFirst = [...split.wanted.keys()].sort(
    (a, b) => Number(split.wanted[b] === parameters) - Number(split.wanted[a] === parameters),
  )
  const { parameters: taken, outputs } = split.backward
  return {
    forward: new ArrayFunction(split.forward, `${what} forward`),
    backward: new ArrayFunction({ parameters: taken, outputs: inputFirst.map((k) => outputs[k]) }, `${what} backward`),
    kept: split.kept,
    reads: split.reads,
  }
}

/** Lists of tensors a, b → a + b. */
export const accumulation = (like: readonly Tensor[]): ArrayFunction =>
  arrayFunction((a: Tensor[], b: Tensor[]) => a.map((x, i) => add(x, b[i])), [[...like], [...like]], 'accumulate')

/** A list of tensors → the sum of the squares of all elements. */
export const squares = (like: readonly Tensor[]): ArrayFunction => arrayFunction((all: Tensor[]) => squaredNorm(all), [[...like]], 'norm')

/** A parameter with its path within its part. */
export interface Leaf {
  readonly path: string
  readonly like: Tensor
}

/** Parameters, gradients, states of each parameter (without its step), the step, factors of the gradients → parameters, states. */
export function updateProgram(optimizer: Optimizer, given: readonly Leaf[]): ArrayFunction {
  const states = given.map(({ path, like }) => withoutStep(optimizer.init({ [path]: like })))
  const fn = (params: Tensor[], gradients: Tensor[], before: unknown[], step: Tensor, factors: Tensor[]) => {
    const next = given.map(({ path }, i) =>
      optimizer.update({
        gradients: { [path]: mul(gradients[i], cast(factors[i], gradients[i].dtype)) },
        state: { ...(before[i] as object), step },
        params: { [path]: params[i] },
      }),
    )
    return [next.map(({ params }, i) => params[given[i].path]), next.map(({ state }) => withoutStep(state))]
  }
  const tensors = given.map(({ like }) => like)
  return arrayFunction(fn, [tensors, tensors, states, scalar(0), given.map(() => scalar(1))], `update by ${optimizer.name}`)
}

/** An optimizer's state for one parameter, but for the step, which is common to all. */
export const withoutStep = (state: unknown): unknown => {
  const { step: _, ...rest } = state as { step?: Tensor }
  return rest
}
