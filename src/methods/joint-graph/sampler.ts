import { draws, seedKey } from '../../data/draws.ts'
import {
  add,
  broadcastTo,
  clip,
  div,
  fold,
  fromArray,
  grad,
  InputError,
  jit,
  key,
  mul,
  type NDArray,
  ndarray,
  random,
  sub,
  sum,
  type Tensor,
  vmap,
  where,
} from '../../engine/index.ts'
import { type GraphSchema, vectorLength } from '../../kits/graphs/index.ts'
import { type JointProcess, spread } from './diffusion.ts'
import type { GraphNetwork } from './network.ts'

export interface SampleOptions {
  readonly count: number
  readonly steps: number
  /** The noise of sample i is a function of the seed and i. */
  readonly seed: number
  /** Nodes of each sample. */
  readonly sizes: ArrayLike<number>
  /** Estimates of clean data are clipped to ±this, in deviations. Default: 3. */
  readonly clip?: number
  /** Coordinates that are given: they follow their own noise down to their values (in-painting). [count, total] each; `given` is 1 where a value is. */
  readonly known?: { readonly x: NDArray; readonly given: NDArray }
  /** A logarithmic density or any other score of clean data [B, total] → [B] that samples are pushed up. */
  readonly guide?: (x0: Tensor, sizes: Tensor) => Tensor
  /** Samples computed together; the same samples for any, to rounding. Default: 250. */
  readonly batch?: number
  /** Steps whose states are kept, counted from 0; the last is `steps`. */
  readonly keep?: readonly number[]
  onStep?(done: number, total: number): Promise<void> | void
}

export interface Sampled {
  /** float32 [count, total] */
  readonly x: NDArray
  readonly kept: ReadonlyMap<number, NDArray>
  /** Samples that are not finite: counted, never hidden. */
  readonly notFinite: number
}

/** x ← onEstimate · x̂₀ + onState · x + noise · z: the posterior of the forward process between two times, given its end. */
interface Posterior {
  readonly onEstimate: number
  readonly onState: number
  readonly noise: number
}

/**
 * From time t to s < t; exact for VP and VE processes.
 *
 * @example
 * import { processOf } from 'quire/diffusion'
 *
 * posterior(processOf({ kind: 'vp', betas: [0.1, 20] }), 0.5, 0).onEstimate // 1
 */
export function posterior(process: JointProcess['nodes'], t: number, s: number): Posterior {
  const [from, to] = [process.at(t), process.at(s)]
  const ratio = from.signal / to.signal
  const added = Math.max(0, from.noise ** 2 - (ratio * to.noise) ** 2)
  return {
    onEstimate: (to.signal * added) / from.noise ** 2,
    onState: (ratio * to.noise ** 2) / from.noise ** 2,
    noise: (to.noise * Math.sqrt(added)) / from.noise,
  }
}

const [startUse, stepUse, knownUse] = [1, 2, 3]

/** Everything of one step that is the same for all samples, [total] each. */
interface StepNumbers {
  readonly time: Tensor
  readonly signal: Tensor
  readonly noise: Tensor
  readonly onEstimate: Tensor
  readonly onState: Tensor
  readonly added: Tensor
  readonly signalAfter: Tensor
  readonly noiseAfter: Tensor
}

/**
 * Ancestral sampling (Ho et al. 2020) over equal steps of time: one compiled step and a loop.
 *
 * @throws InputError for sizes that the schema does not have.
 * @example
 * const schema = { node: [{ name: 'speed', type: 'real' }], edge: [], maxNodes: 2, directed: false } as const
 * const vp = { kind: 'vp', betas: [0.1, 20] } as const
 * const network = jointNetwork(schema, { width: 8, edgeWidth: 4, layers: 1, heads: 2, triangle: false })
 * const around = { schema, process: jointProcess({ nodes: vp, edges: vp }) }
 * const options = { count: 2, steps: 3, seed: 0, sizes: [2, 1] }
 * const { x } = await sampleVectors(network, network.init(key(0)), around, options)
 * x.shape // [2, 3]
 */
export async function sampleVectors<P>(
  network: GraphNetwork<P>,
  params: P,
  { schema, process }: { readonly schema: GraphSchema; readonly process: JointProcess },
  options: SampleOptions,
): Promise<Sampled> {
  const { count, steps, seed, sizes, batch = 250, keep = [] } = options
  for (let i = 0; i < count; i++)
    if (!(sizes[i] >= 1 && sizes[i] <= schema.maxNodes))
      throw new InputError(`sample ${i} would have ${sizes[i]} nodes`, { fix: `graphs have 1 to ${schema.maxNodes}` })
  const { total } = vectorLength(schema)
  const step = jit(stepOf(network, options))
  const x = new Float32Array(count * total)
  const kept = new Map(keep.map((k) => [k, new Float32Array(count * total)]))
  const chunks = Math.ceil(count / batch)
  for (let chunk = 0; chunk < chunks; chunk++) {
    const [first, last] = [chunk * batch, Math.min(count, (chunk + 1) * batch)]
    // All chunks have one size, so that one program serves them.
    const rows = Array.from({ length: Math.min(batch, count) }, (_, i) => Math.min(first + i, count - 1))
    const keys = keysOf(seed, rows)
    let state = await startOf(keys, schema, process)
    const given = knownRows(options.known, rows, total)
    const own = fromArray(
      ndarray(
        Int32Array.from(rows, (row) => sizes[row]),
        [rows.length],
        'int32',
      ),
    )
    const store = async (into: Float32Array, value: Tensor) =>
      into.set((await value.data()).subarray(0, (last - first) * total) as Float32Array, first * total)
    for (let k = 0; k < steps; k++) {
      if (kept.has(k)) await store(kept.get(k)!, state)
      const numbers = numbersOf(schema, process, 1 - k / steps, 1 - (k + 1) / steps)
      const index = fromArray(ndarray(Uint32Array.of(k), [], 'uint32'))
      state = fromArray(await step(params, state, own, keys, index, numbers, given).ndarray())
      await options.onStep?.(chunk * steps + k + 1, chunks * steps)
    }
    await store(x, state)
  }
  if (kept.has(steps)) kept.get(steps)!.set(x)
  const array = (data: Float32Array) => ndarray(data, [count, total], 'float32')
  return { x: array(x), kept: new Map([...kept].map(([k, data]) => [k, array(data)])), notFinite: notFinite(x, count, total) }
}

function stepOf<P>(network: GraphNetwork<P>, { clip: most = 3, guide }: SampleOptions) {
  return (params: P, x: Tensor, sizes: Tensor, keys: Tensor, k: Tensor, numbers: StepNumbers, known: Known | undefined): Tensor => {
    const { signal, noise } = numbers
    const time = broadcastTo(numbers.time, [x.shape[0]])
    const clean = (x: Tensor, eps: Tensor) => div(sub(x, mul(noise, eps)), signal)
    const eps = network.apply(params, x, time, sizes)
    const pushed = guide
      ? sub(eps, mul(noise, grad((x: Tensor) => sum(guide(clean(x, network.apply(params, x, time, sizes)), sizes)))(x)))
      : eps
    const x0 = clip(clean(x, pushed), -most, most)
    const z = normalRows(keys, stepUse, k, x.shape[1])
    const next = add(add(mul(numbers.onEstimate, x0), mul(numbers.onState, x)), mul(numbers.added, z))
    if (!known) return next
    const own = add(mul(numbers.signalAfter, known.x), mul(numbers.noiseAfter, normalRows(keys, knownUse, k, x.shape[1])))
    return where(known.given, own, next)
  }
}

interface Known {
  readonly x: Tensor
  readonly given: Tensor
}

function knownRows(known: SampleOptions['known'], rows: readonly number[], total: number): Known | undefined {
  if (!known) return undefined
  const take = ({ data }: NDArray) => {
    const chosen = new Float32Array(rows.length * total)
    for (const [i, row] of rows.entries()) chosen.set(data.subarray(row * total, (row + 1) * total) as Float32Array, i * total)
    return chosen
  }
  const shape = [rows.length, total]
  return {
    x: fromArray(ndarray(take(known.x), shape, 'float32')),
    given: fromArray(ndarray(Uint8Array.from(take(known.given)), shape, 'bool')),
  }
}

function numbersOf(schema: GraphSchema, { nodes, edges }: JointProcess, t: number, s: number): StepNumbers {
  const [from, to] = [
    { nodes: nodes.at(t), edges: edges.at(t) },
    { nodes: nodes.at(s), edges: edges.at(s) },
  ]
  const back = { nodes: posterior(nodes, t, s), edges: posterior(edges, t, s) }
  const row = (values: { readonly nodes: number; readonly edges: number }) => {
    const data = spread(schema, values)
    return fromArray(ndarray(data, [data.length], 'float32'))
  }
  const part = <K extends string>(of: { readonly nodes: Record<K, number>; readonly edges: Record<K, number> }, name: K) =>
    row({ nodes: of.nodes[name], edges: of.edges[name] })
  return {
    time: fromArray(ndarray(Float32Array.of(t), [], 'float32')),
    signal: part(from, 'signal'),
    noise: part(from, 'noise'),
    onEstimate: part(back, 'onEstimate'),
    onState: part(back, 'onState'),
    added: part(back, 'noise'),
    signalAfter: part(to, 'signal'),
    noiseAfter: part(to, 'noise'),
  }
}

/** uint32 [rows, 2] */
const keysOf = (seed: number, rows: readonly number[]): Tensor => {
  const own = fromArray(ndarray(Uint32Array.from(rows), [rows.length], 'uint32'))
  return vmap((row: Tensor) => fold(key(seed), row))(own)
}

/** Standard normal [rows, total]: of each row a function of its key, the use and the step. */
const normalRows = (keys: Tensor, use: number, k: Tensor | number, total: number): Tensor =>
  vmap((own: Tensor) => random.normal(fold(fold(own, use), k), [total]))(keys)

/** Noise as large as it is at the last time: 1 of VP processes, σ of VE ones. */
async function startOf(keys: Tensor, schema: GraphSchema, { nodes, edges }: JointProcess): Promise<Tensor> {
  const size = spread(schema, { nodes: nodes.at(1).noise, edges: edges.at(1).noise })
  const start = jit((keys: Tensor, size: Tensor) => mul(normalRows(keys, startUse, 0, size.shape[0]), size))
  return fromArray(await start(keys, fromArray(ndarray(size, [size.length], 'float32'))).ndarray())
}

const notFinite = (x: Float32Array, count: number, total: number): number => {
  let found = 0
  for (let i = 0; i < count; i++) if (!x.subarray(i * total, (i + 1) * total).every(Number.isFinite)) found++
  return found
}

/**
 * Numbers of nodes drawn from a histogram: `histogram[n − 1]` graphs have n nodes.
 *
 * @example
 * drawSizes([0, 0, 1], 4, 0).join() // '3,3,3,3'
 */
export function drawSizes(histogram: readonly number[], count: number, seed: number): Int32Array {
  const random = draws(seedKey(seed, 0x73_69_7a_65))
  const all = histogram.reduce((sum, value) => sum + value, 0)
  return Int32Array.from({ length: count }, () => {
    let left = random.uniform(0, all)
    const place = histogram.findIndex((value) => (left -= value) < 0)
    return (place < 0 ? histogram.length - 1 : place) + 1
  })
}
