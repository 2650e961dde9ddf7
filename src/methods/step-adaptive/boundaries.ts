import { take } from '../../data/index.ts'
import { evaluate, fromArray, jit, type NDArray, ndarray, type Tensor } from '../../engine/index.ts'
import { type DiffusionModel, denoiserOf, type LevelTensors, noised } from '../../kits/diffusion/index.ts'
import type { BundleMember } from './bundle.ts'

/** Examples on which neighbours are compared. */
const comparedExamples = 256

/**
 * How far the predictions of neighbouring models lie apart where one hands over to the other: ‖ε̂ᵢ − ε̂ᵢ₊₁‖ / ‖ε̂ᵢ₊₁‖ at the first time of each later
 * group, on noisy held-out data. A bundle whose copies are one model has 0.
 *
 * @example
 * import { initModel } from 'quire/diffusion'
 *
 * const config = {
 *   network: { kind: 'mlp', width: 8, hidden: [8, 8] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const model = initModel(config, key(0))
 * await boundaryJumps([{ from: 1, model }, { from: 51, model }], await zeros([8, 2]).ndarray()) // [0]
 */
export async function boundaryJumps(members: readonly Pick<BundleMember, 'from' | 'model'>[], heldOut: NDArray): Promise<number[]> {
  const { x } = take({ x: heldOut }, comparedExamples)
  const jumps: number[] = []
  for (const [i, { from, model }] of members.entries()) {
    if (i === 0) continue
    const [before, after] = [await predictedAt(members[i - 1].model, x, from), await predictedAt(model, x, from)]
    const gap = distance(before, after)
    jumps.push(gap === 0 ? 0 : gap / distance(new Float32Array(after.length), after))
  }
  return jumps
}

async function predictedAt(model: DiffusionModel, x: NDArray, time: number): Promise<ArrayLike<number>> {
  const denoiser = denoiserOf(model)
  const { signal, noise, condition } = denoiser.process.at(time)
  const row = (value: number) => fromArray(ndarray(new Float32Array(x.shape[0]).fill(value), [x.shape[0]], 'float32'))
  const { params, estimate } = denoiser.at(time)
  const eps = jit((params: unknown, noisy: Tensor, level: LevelTensors) => estimate(params, noisy, level).eps)
  const level = { signal: row(signal), noise: row(noise), condition: row(condition) }
  const found = await evaluate(eps(params, fromArray(noised(denoiser, x, time, 0)), level))
  return found.data()
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2
  return Math.sqrt(sum)
}
