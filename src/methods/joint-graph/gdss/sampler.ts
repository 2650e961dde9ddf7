import {
  add,
  broadcastTo,
  div,
  fold,
  fromArray,
  jit,
  key,
  mean,
  mul,
  type NDArray,
  ndarray,
  random,
  sqrt,
  square,
  sum,
  type Tensor,
} from '../../../engine/index.ts'
import { type NoiseProcess, processOf } from '../../../kits/diffusion/index.ts'
import { type GdssParams, type GdssRecipe, gdssScores, masks, symmetricNoise } from './scores.ts'

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
