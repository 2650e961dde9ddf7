import {
  add,
  broadcastTo,
  fromArray,
  jit,
  mean,
  mul,
  reshape,
  sizeOf,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
} from '../../../engine/index.ts'
import type { Denoiser, LevelTensors, NoiseLevel, NoiseProcess } from '../../../kits/diffusion/index.ts'
import { makeSchedule } from '../../../kits/diffusion/schedule.ts'
import type { LikelihoodOracle } from './oracle.ts'

/** The steps of the paper's code, counted from 0 in a chain of 1000. */
export const paperSteps = [0, 50, 100, 150, 200, 250, 300, 350, 400, 450] as const

const reference = makeSchedule('linear', 1000)

/** σ = noise / signal of a step, counted from 0, of the paper's chain: linear β from 1e-4 to 0.02 in 1000 steps. */
const paperSigma = (step: number): number => Math.sqrt((1 - reference.alphaBars[step + 1]) / reference.alphaBars[step + 1])

/** The times of a process at which the noise is that of the paper's steps: the steps themselves for the paper's own chain. */
export const timesOfSteps = (process: NoiseProcess, steps: readonly number[] = paperSteps): number[] =>
  steps.map((step) => process.timeOf(paperSigma(step)))

/** One level for n rows. */
export const levelRows = ({ signal, noise, condition }: Record<'signal' | 'noise' | 'condition', Tensor>, n: number): LevelTensors => {
  const rows = (x: Tensor) => broadcastTo(x, [n])
  return { signal: rows(signal), noise: rows(noise), condition: rows(condition) }
}

export const scalars = ({ signal, noise, condition }: NoiseLevel): Record<'signal' | 'noise' | 'condition', Tensor> => ({
  signal: tensor(Float32Array.of(signal)),
  noise: tensor(Float32Array.of(noise)),
  condition: tensor(Float32Array.of(condition)),
})

/** A compiled function for each network that serves some of the times. */
export function perServing<F>(denoiser: Denoiser, make: (estimate: ReturnType<Denoiser['at']>['estimate']) => F) {
  const made = new Map<unknown, F>()
  return (time: number): { params: unknown; run: F } => {
    const serving = denoiser.at(time)
    if (!made.has(serving)) made.set(serving, make(serving.estimate))
    return { params: serving.params, run: made.get(serving)! }
  }
}

/** x relative to the model's centre. */
export const centred = (x: Tensor, { centre }: Denoiser): Tensor => (centre ? sub(x, fromArray(centre)) : x)

/**
 * The denoising loss l_t(x) = mean over elements of (ε − ε̂(a x + s ε, t))², a row for each time (Ho et al. 2020, L_simple of one record at one time).
 *
 * @param times Default: those of the paper, by their noise.
 *
 * @example
 * import { denoiserOf, initModel } from 'quire/diffusion'
 *
 * const process = { kind: 'discrete', steps: 1000, schedule: 'linear' } as const
 * const denoiser = denoiserOf(initModel({ network: { kind: 'mlp', width: 8, hidden: [8] }, process, predict: 'eps', shape: [16] }, key(0)))
 * denoisingOracle(denoiser).rows.length // 10
 */
export function denoisingOracle(
  denoiser: Denoiser,
  { times = timesOfSteps(denoiser.process) }: { times?: readonly number[] } = {},
): LikelihoodOracle {
  const { shape, process } = denoiser
  const size = sizeOf(shape)
  const lossAt = perServing(denoiser, (estimate) =>
    jit((params: unknown, versions: Tensor, noise: Tensor, level: ReturnType<typeof scalars>) => {
      const [records, count] = versions.shape
      const rows = records * count
      const eps = reshape(broadcastTo(noise, [records, count, size]), [rows, ...shape])
      const x0 = centred(reshape(versions, [rows, ...shape]), denoiser)
      const levels = levelRows(level, rows)
      const noisy = add(mul(level.signal, x0), mul(level.noise, eps))
      const guess = estimate(params, noisy, levels).eps
      return mean(reshape(square(sub(guess, eps)), [rows, size]), { axes: [1] })
    }),
  )
  return {
    kind: 'denoising',
    rows: times.map((time) => `t=${Number(time.toPrecision(4))}`),
    noise: size,
    cost: 1,
    async losses(row, versions, noise) {
      const { params, run } = lossAt(times[row])
      return (await run(params, fromArray(versions), fromArray(noise), scalars(process.at(times[row]))).data()) as ArrayLike<number>
    },
  }
}

/** The deterministic DDIM step between two levels (Song et al. 2021, η = 0), either way; compiled once for each network. */
function ddimStep(denoiser: Denoiser) {
  const stepAt = perServing(denoiser, (estimate) =>
    jit((params: unknown, x: Tensor, from: ReturnType<typeof scalars>, to: ReturnType<typeof scalars>) => {
      const { x0, eps } = estimate(params, x, levelRows(from, x.shape[0]))
      return add(mul(to.signal, x0), mul(to.noise, eps))
    }),
  )
  return (x: Tensor, from: number, to: number): Tensor => {
    const { params, run } = stepAt(from)
    return run(params, x, scalars(denoiser.process.at(from)), scalars(denoiser.process.at(to)))
  }
}

const squaredDistance = jit((a: Tensor, b: Tensor) => sum(reshape(square(sub(a, b)), [a.shape[0], -1]), { axes: [1] }))

/** ‖x_t − x̃_t‖² after a step forward and back, at the last of these times, which the deterministic inversion of x has walked through (Duan et al. 2023). */
export function inversionErrors(denoiser: Denoiser) {
  const step = ddimStep(denoiser)
  return (x: Tensor, times: readonly number[], beyond: number): Tensor => {
    let state = x
    for (let k = 1; k < times.length; k++) state = step(state, times[k - 1], times[k])
    const last = times.at(-1)!
    return squaredDistance(step(step(state, last, beyond), beyond, last), state)
  }
}

/**
 * The error of a DDIM step forward and back in the place of the denoising error, a row for each step but the first: deterministic, so that draws are one. The
 * authors found it no better, at many times the cost.
 */
export function ddimOracle(denoiser: Denoiser, { steps = [...paperSteps, 500] }: { steps?: readonly number[] } = {}): LikelihoodOracle {
  const times = timesOfSteps(denoiser.process, steps)
  const rows = steps.slice(1, -1)
  const errorsOf = inversionErrors(denoiser)
  const relative = jit((x: Tensor) => centred(x, denoiser))
  return {
    kind: 'ddim',
    rows: rows.map((step) => `step=${step}`),
    noise: 0,
    cost: 3 + rows.length / 2,
    async losses(row, versions) {
      const x = relative(fromArray({ ...versions, shape: [versions.shape[0] * versions.shape[1], ...denoiser.shape] }))
      return (await errorsOf(x, times.slice(0, row + 2), times[row + 2]).data()) as ArrayLike<number>
    },
  }
}
