import { draws, seedKey } from '../../../data/draws.ts'
import { createBatcher } from '../../../data/index.ts'
import {
  add,
  compileStep,
  fold,
  fromArray,
  key,
  mean,
  mul,
  NotFiniteError,
  ndarray,
  power,
  random,
  scalar,
  square,
  sub,
  sum,
  type Tensor,
  zipTrees,
} from '../../../engine/index.ts'
import { foldKey } from '../../../engine/threefry.ts'
import { type NoiseProcess, processOf } from '../../../kits/diffusion/index.ts'
import { adam, clipByGlobalNorm } from '../../../optim/index.ts'
import { gradientAt, updated } from '../../../train/transition.ts'
import type { EdgeNetworkParams, NodeNetworkParams } from './networks.ts'
import { type GdssData, type GdssParams, type GdssRecipe, gdssScores, masks, symmetricNoise } from './scores.ts'

export interface GdssState {
  readonly nodes: { readonly params: NodeNetworkParams; readonly optimizer: unknown }
  readonly edges: { readonly params: EdgeNetworkParams; readonly optimizer: unknown }
  readonly ema: GdssParams
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
