import { isFloat } from '../dtype.ts'
import { type Node, topological } from '../graph/node.ts'
import { dependents, type Graph, substitute, tensorPaths, trace } from '../graph/trace.ts'
import { zerosLike } from '../ops.ts'
import { placesOf } from '../primitives/define.ts'
import { placeholder } from '../primitives/structural.ts'
import { Tensor } from '../tensor.ts'
import { pullBack } from './vjp.ts'

export interface SplitOptions {
  /** Which arguments' cotangents are asked for, by their paths among the arguments: `0.weight`. */
  wanted(path: string): boolean
  /** Arguments that are there again when the cotangents come, such as parameters: what follows from these alone is computed again rather than kept. */
  stays(path: string): boolean
  /** `'needed'`: every value that the backward pass reads. `'arguments'`: none, so that it computes them again (gradient checkpointing). */
  readonly keep?: 'needed' | 'arguments'
}

/** A function's vjp in two graphs, which can be compiled apart and run at different times. */
export interface SplitVjp {
  /** Arguments → outputs, then what is kept. */
  readonly forward: Graph
  /** The arguments that `reads` lists, what was kept, and cotangents of the float outputs → cotangents of the wanted arguments. */
  readonly backward: Graph
  /** Places among the forward graph's outputs of what is kept, in the order of the backward graph's parameters. An output may be kept too. */
  readonly kept: readonly number[]
  /** Places of the arguments that the backward graph reads. Those that do not stay are kept by whoever calls it. */
  readonly reads: readonly number[]
  /** Places and paths of the wanted arguments. */
  readonly wanted: readonly number[]
  readonly paths: readonly string[]
}

/** Results are their inputs in another form: the input is kept instead, which is no larger. */
const forms = new Set(['reshape', 'transpose', 'broadcastTo', 'stopGradient', 'checkpointName'])

/**
 * Splits the vjp of `fn` at arguments like `args`, whose values do not matter: a forward graph that also gives what the backward pass will read, and the
 * backward graph that takes it.
 *
 * @example
 * const { forward, reads } = splitVjp((w: Tensor, x: Tensor) => exp(mul(w, x)), [ones([2]), ones([2])], {
 *   wanted: (path) => path === '1',
 *   stays: (path) => path === '0',
 * })
 * // To pull a cotangent back to x takes w, which stays, and exp(w x), which the forward pass gives once: as value and to keep.
 * reads.length // 1
 * forward.outputs.length // 1
 */
export function splitVjp<A extends unknown[]>(fn: (...args: A) => unknown, args: A, options: SplitOptions): SplitVjp {
  const { parameters, outputs } = trace(fn as never, args)
  const paths = tensorPaths(args)
  const wanted = placesOf(parameters, ({ dtype }, i) => isFloat(dtype) && options.wanted(paths[i]))
  const seeds = outputs.map((node) => (isFloat(node.dtype) ? placeholder(node, 'cotangent') : null))
  const pulled = pullBack(
    outputs,
    wanted.map((i) => parameters[i]),
    seeds.map((node) => node && new Tensor(node)),
  )
  const results = pulled.map((ct, k) => (ct ?? zerosLike(new Tensor(parameters[wanted[k]]))).node)
  const cotangents = seeds.filter((node) => node !== null)
  const kept = options.keep === 'arguments' ? [] : keptNodes(results, { parameters, cotangents, stays: (i) => options.stays(paths[i]) })
  const stands = kept.map((node) => placeholder(node, 'kept'))
  const backward = substitute(results, new Map(kept.map((node, i) => [node, stands[i]])))
  const met = new Set(topological(backward))
  const reads = placesOf(parameters, (node) => met.has(node))
  const given = [...outputs, ...kept.filter((node) => !outputs.includes(node))]
  return {
    forward: { parameters, outputs: given },
    backward: { parameters: [...reads.map((i) => parameters[i]), ...stands, ...cotangents], outputs: backward },
    kept: kept.map((node) => given.indexOf(node)),
    reads,
    wanted,
    paths,
  }
}

interface Seen {
  readonly parameters: readonly Node[]
  readonly cotangents: readonly Node[]
  stays(place: number): boolean
}

/** The values that what depends on the cotangents reads, as far as they follow from arguments that do not stay. */
function keptNodes(results: readonly Node[], { parameters, cotangents, stays }: Seen): Node[] {
  const moving = dependents(results, cotangents)
  const passing = parameters.filter((_, i) => !stays(i))
  const lost = dependents(results, passing, (node) => moving.has(node))
  const asked = [...moving].flatMap(({ inputs }) => inputs).concat(results)
  const kept = new Set<Node>()
  for (const node of asked) {
    if (moving.has(node) || !lost.has(node)) continue
    const source = sourceOf(node)
    if (!parameters.includes(source)) kept.add(source)
  }
  return [...kept]
}

function sourceOf(node: Node): Node {
  return forms.has(node.primitive.name) && node.inputs.length === 1 ? sourceOf(node.inputs[0]) : node
}
