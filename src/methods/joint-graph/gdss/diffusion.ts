import { draws, seedKey } from '../../../data/draws.ts'
import { createBatcher } from '../../../data/index.ts'
import {
  add,
  broadcastTo,
  compileStep,
  div,
  fold,
  fromArray,
  jit,
  key,
  mean,
  mul,
  type NDArray,
  NotFiniteError,
  ndarray,
  power,
  random,
  scalar,
  sqrt,
  square,
  sub,
  sum,
  swapLast,
  type Tensor,
  triu,
  zipTrees,
} from '../../../engine/index.ts'
import { foldKey } from '../../../engine/threefry.ts'
import { type NoiseProcess, type ProcessConfig, processOf } from '../../../kits/diffusion/index.ts'
import { adam, clipByGlobalNorm } from '../../../optim/index.ts'
import { gradientAt, updated } from '../../../train/transition.ts'
import { type EdgeNetworkParams, edgeNetwork, type GdssConfig, type NodeNetworkParams, nodeNetwork } from './networks.ts'

/** Nodes [graphs, N, features] and weighted adjacency [graphs, N, N], int32 sizes [graphs]. */
export interface GdssData {
  readonly x: NDArray
  readonly adjacency: NDArray
  readonly sizes: NDArray
  readonly [name: string]: NDArray
}

export interface GdssRecipe {
  readonly config: GdssConfig
  readonly nodes: ProcessConfig
  readonly edges: ProcessConfig
  readonly steps: number
  readonly batch: number
  /** Multiplied by 0.999 after every epoch. */
  readonly learningRate: number
  readonly weightDecay: number
  readonly ema: number
  readonly seed: number
}

export interface GdssParams {
  nodes: NodeNetworkParams
  edges: EdgeNetworkParams
}

export interface GdssState {
  readonly nodes: { readonly params: NodeNetworkParams; readonly optimizer: unknown }
  readonly edges: { readonly params: EdgeNetworkParams; readonly optimizer: unknown }
  readonly ema: GdssParams
}

/** Scores of nodes and edges; the time enters by 1 / noise of VP processes alone. */
export function gdssScores(config: GdssConfig, kinds: { readonly nodes: ProcessConfig['kind']; readonly edges: ProcessConfig['kind'] }) {
  const [onNodes, onEdges] = [nodeNetwork(config), edgeNetwork(config)]
  const scaled = (value: Tensor, noise: Tensor, kind: ProcessConfig['kind']) => (kind === 've' ? value : mul(div(value, noise), -1))
  return {
    init(key: Tensor): GdssParams {
      const [a, b] = random.split(key)
      return { nodes: onNodes.init(a), edges: onEdges.init(b) }
    },
    /** `noise`: [B, 1, 1] each. */
    nodes: (params: NodeNetworkParams, x: Tensor, adjacency: Tensor, sizes: Tensor, noise: Tensor) =>
      scaled(onNodes.apply(params, x, adjacency, sizes), noise, kinds.nodes),
    edges: (params: EdgeNetworkParams, x: Tensor, adjacency: Tensor, sizes: Tensor, noise: Tensor) =>
      scaled(onEdges.apply(params, x, adjacency, sizes), noise, kinds.edges),
  }
}

/** z + zᵀ of the upper triangle: symmetric standard normal noise with nothing on the diagonal. */
export const symmetricNoise = (key: Tensor, shape: readonly number[]): Tensor => {
  const upper = triu(random.normal(key, shape), { diagonal: 1 })
  return add(upper, swapLast(upper))
}

const column = (values: readonly number[]): Tensor => fromArray(ndarray(Float32Array.from(values), [values.length, 1, 1], 'float32'))

/** Two networks, each with its own optimizer, on half the summed squared error a graph. */
export function gdssTrainer(data: GdssData, recipe: GdssRecipe) {
  const { config, steps, batch, learningRate, weightDecay, seed } = recipe
  const [nodes, edges] = [processOf(recipe.nodes), processOf(recipe.edges)]
  const scores = gdssScores(config, { nodes: recipe.nodes.kind, edges: recipe.edges.kind })
  const batcher = createBatcher(data, { size: batch, seed, last: 'wrap' })
  const decayed = Math.exp(Math.log(0.999) / Math.max(1, batcher.stepsPerEpoch))
  // Decay by epochs, spread evenly over their steps; L2 as PyTorch's Adam has it would couple with the moments, so it is decoupled here.
  const optimizer = clipByGlobalNorm(adam({ learningRate: (step) => mul(power(scalar(decayed), step), learningRate), weightDecay }), 1)
  const compiled = compileStep((state: GdssState, b: GdssBatch, decay: Tensor) => {
    const [kx, ka] = random.split(b.key)
    const [zx, za] = [random.normal(kx, b.x.shape), symmetricNoise(ka, b.adjacency.shape)]
    const xt = mul(add(mul(b.signalX, b.x), mul(b.noiseX, zx)), b.maskX)
    const at = mul(add(mul(b.signalA, b.adjacency), mul(b.noiseA, za)), b.maskA)
    const errorOf = (score: Tensor, noise: Tensor, z: Tensor, mask: Tensor) => {
      const residual = mul(add(mul(score, noise), z), mask)
      return mean(mul(sum(square(residual), { axes: [1, 2] }), 0.5))
    }
    const one = updated(
      optimizer,
      state.nodes,
      gradientAt(
        (p: NodeNetworkParams) => errorOf(scores.nodes(p, xt, at, b.sizes, b.noiseX), b.noiseX, zx, b.maskX),
        optimizer,
        state.nodes,
        {},
      ),
    )
    const two = updated(
      optimizer,
      state.edges,
      gradientAt(
        (p: EdgeNetworkParams) => errorOf(scores.edges(p, xt, at, b.sizes, b.noiseA), b.noiseA, za, b.maskA),
        optimizer,
        state.edges,
        {},
      ),
    )
    const ema = zipTrees([state.ema, { nodes: one.state.params, edges: two.state.params }], (old: Tensor, now: Tensor) =>
      add(now, mul(sub(old, now), decay)),
    ) as GdssParams
    return { state: { nodes: one.state, edges: two.state, ema }, output: { loss: add(one.output.loss, two.output.loss) } }
  })
  return {
    steps,
    start(): GdssState {
      const params = scores.init(key(seed))
      const state = <P>(params: P) => ({ params, optimizer: optimizer.init(params) })
      return { nodes: state(params.nodes), edges: state(params.edges), ema: params }
    },
    async step(state: GdssState, k: number): Promise<{ state: GdssState; loss: number }> {
      const { x, adjacency, sizes } = batcher.at(k)
      const uniform = draws(foldKey(seedKey(seed, 0x6764_7373), k))
      const times = Array.from({ length: batch }, () => uniform.uniform(1e-5, 1))
      const level = (process: NoiseProcess, part: 'signal' | 'noise') => column(times.map((time) => process.at(time)[part]))
      const given = {
        x: fromArray(x),
        adjacency: fromArray(adjacency),
        sizes: fromArray(sizes),
        key: fold(key(seed), k),
        signalX: level(nodes, 'signal'),
        noiseX: level(nodes, 'noise'),
        signalA: level(edges, 'signal'),
        noiseA: level(edges, 'noise'),
        ...masks(sizes.data, x.shape[1]),
      }
      const decay = Math.min(recipe.ema, (1 + k) / (10 + k))
      const next = await compiled(state, given, fromArray(ndarray(Float32Array.of(decay), [], 'float32')))
      const loss = await next.output.loss.item()
      if (!Number.isFinite(loss)) throw new NotFiniteError(`the loss of step ${k + 1} is ${loss}`, { fix: 'lower the learning rate' })
      return { state: next.state, loss }
    },
  }
}

interface GdssBatch {
  readonly x: Tensor
  readonly adjacency: Tensor
  readonly sizes: Tensor
  readonly key: Tensor
  readonly signalX: Tensor
  readonly noiseX: Tensor
  readonly signalA: Tensor
  readonly noiseA: Tensor
  readonly maskX: Tensor
  readonly maskA: Tensor
}

/** [B, N, 1] and [B, N, N]. */
function masks(sizes: ArrayLike<number>, n: number): { maskX: Tensor; maskA: Tensor } {
  const [x, a] = [new Float32Array(sizes.length * n), new Float32Array(sizes.length * n * n)]
  for (let g = 0; g < sizes.length; g++)
    for (let i = 0; i < sizes[g]; i++) {
      x[g * n + i] = 1
      for (let j = 0; j < sizes[g]; j++) if (i !== j) a[(g * n + i) * n + j] = 1
    }
  return { maskX: fromArray(ndarray(x, [sizes.length, n, 1], 'float32')), maskA: fromArray(ndarray(a, [sizes.length, n, n], 'float32')) }
}

export interface GdssSampling {
  readonly steps: number
  readonly seed: number
  readonly sizes: Int32Array
  /** `pc`: Langevin correction, then the reverse-diffusion predictor; `s4`: the splitting solver. */
  readonly sampler: 'pc' | 's4'
  /** Signal-to-noise ratio of the correction, and a factor of its noise. */
  readonly snr: number
  readonly scale: number
  onStep?(done: number, total: number): Promise<void> | void
}

interface Own {
  readonly sizes: Tensor
  readonly maskX: Tensor
  readonly maskA: Tensor
}

interface Pair {
  readonly x: Tensor
  readonly adjacency: Tensor
}

/** Samples [graphs, N, features] and [graphs, N, N] from standard normal noise, whatever the processes end in, as GDSS does. */
export async function sampleGdss(
  params: GdssParams,
  recipe: Pick<GdssRecipe, 'config' | 'nodes' | 'edges'>,
  n: number,
  options: GdssSampling,
): Promise<{ x: NDArray; adjacency: NDArray }> {
  const { steps, seed, sizes, onStep } = options
  const count = sizes.length
  const processes = { nodes: processOf(recipe.nodes), edges: processOf(recipe.edges) }
  const step = jit(gdssStep(recipe, options))
  const [kx, ka] = random.split(key(seed))
  const own = { sizes: fromArray(ndarray(sizes, [count], 'int32')), ...masks(sizes, n) }
  const value = async (x: Tensor) => fromArray(await x.ndarray())
  let x = await value(mul(random.normal(kx, [count, n, recipe.config.features]), own.maskX))
  let adjacency = await value(mul(symmetricNoise(ka, [count, n, n]), own.maskA))
  for (let k = 0; k < steps; k++) {
    const last = 1e-4
    const at = (i: number) => 1 + (i / steps) * (last - 1)
    const next = step(params, { x, adjacency }, own, fold(key(seed + 1), k), numbersAt(processes, at(k), at(k + 1)))
    x = await value(k + 1 === steps ? next.mean.x : next.state.x)
    adjacency = await value(k + 1 === steps ? next.mean.adjacency : next.state.adjacency)
    await onStep?.(k + 1, steps)
  }
  return { x: await x.ndarray(), adjacency: await adjacency.ndarray() }
}

interface PartNumbers {
  readonly noise: Tensor
  readonly alpha: Tensor
  /** The reverse-diffusion predictor: x ← drift · x + gain · score + spread · z, the forward rule from s to t undone. */
  readonly drift: Tensor
  readonly gain: Tensor
  readonly spread: Tensor
  /** S4: the linear part of the process from t to the middle and from there to s, undone, with its noise; g² dt between them. */
  readonly halves: readonly [Half, Half]
  readonly push: Tensor
}

interface Half {
  readonly factor: Tensor
  readonly noise: Tensor
}

interface Numbers {
  readonly nodes: PartNumbers
  readonly edges: PartNumbers
}

const numbersAt = (processes: { readonly nodes: NoiseProcess; readonly edges: NoiseProcess }, t: number, s: number): Numbers => ({
  nodes: partNumbers(processes.nodes, t, s),
  edges: partNumbers(processes.edges, t, s),
})

const one = (value: number): Tensor => fromArray(ndarray(Float32Array.of(value), [], 'float32'))

function partNumbers(process: NoiseProcess, t: number, s: number): PartNumbers {
  /** What the forward process does between two times: a factor, and the deviation of what it adds. */
  const between = (from: number, to: number) => {
    const [late, early] = [process.at(from), process.at(to)]
    const ratio = late.signal / early.signal
    return { ratio, added: Math.sqrt(Math.max(0, late.noise ** 2 - (ratio * early.noise) ** 2)) }
  }
  const half = (from: number, to: number): Half => {
    const { ratio, added } = between(from, to)
    return { factor: one(1 / ratio), noise: one(added) }
  }
  const { ratio, added } = between(t, s)
  const middle = (t + s) / 2
  return {
    noise: one(process.at(t).noise),
    alpha: one(ratio * ratio),
    drift: one(2 - ratio),
    gain: one(added * added),
    spread: one(added),
    halves: [half(t, middle), half(middle, s)],
    push: one(process.sde(t).diffusion ** 2 * (t - s)),
  }
}

/** One step of the sampler: the next state, and its mean without the last noise. */
function gdssStep({ config, nodes, edges }: Pick<GdssRecipe, 'config' | 'nodes' | 'edges'>, { sampler, snr, scale }: GdssSampling) {
  const scores = gdssScores(config, { nodes: nodes.kind, edges: edges.kind })
  return (params: GdssParams, state: Pair, own: Own, k: Tensor, numbers: Numbers) => {
    const keys = random.split(k, 6)
    const batch = state.x.shape[0]
    const wide = (noise: Tensor) => broadcastTo(noise, [batch, 1, 1])
    const score = ({ x, adjacency }: Pair): Pair => ({
      x: scores.nodes(params.nodes, x, adjacency, own.sizes, wide(numbers.nodes.noise)),
      adjacency: scores.edges(params.edges, x, adjacency, own.sizes, wide(numbers.edges.noise)),
    })
    const noise = (a: number): Pair => ({
      x: mul(random.normal(keys[a], state.x.shape), own.maskX),
      adjacency: mul(symmetricNoise(keys[a + 1], state.adjacency.shape), own.maskA),
    })
    const both = (f: (part: 'x' | 'adjacency', own: PartNumbers) => Tensor): Pair => ({
      x: f('x', numbers.nodes),
      adjacency: f('adjacency', numbers.edges),
    })
    const first = score(state)
    const z = noise(0)
    const corrected = both((part, { alpha }) => {
      const size = mul(square(div(mul(meanNorm(z[part]), snr), add(meanNorm(first[part]), 1e-12))), mul(alpha, 2))
      return add(add(state[part], mul(size, first[part])), mul(mul(sqrt(mul(size, 2)), scale), z[part]))
    })
    if (sampler === 'pc') {
      const second = score(corrected)
      const z2 = noise(2)
      const mean = both((part, { drift, gain }) => add(mul(drift, corrected[part]), mul(gain, second[part])))
      return { mean, state: both((part, { spread }) => add(mean[part], mul(spread, z2[part]))) }
    }
    // S4: one evaluation of the scores serves the correction and the drift.
    const [z2, z3] = [noise(2), noise(4)]
    const pushed = both((part, { halves: [{ factor, noise }], push }) =>
      add(add(mul(factor, corrected[part]), mul(noise, z2[part])), mul(push, first[part])),
    )
    const mean = both((part, { halves: [, { factor }] }) => mul(factor, pushed[part]))
    return { mean, state: both((part, { halves: [, { noise }] }) => add(mean[part], mul(noise, z3[part]))) }
  }
}

/** The mean over graphs of the norms of their values. */
const meanNorm = (x: Tensor): Tensor => mean(sqrt(sum(square(x), { axes: [1, 2] })))
