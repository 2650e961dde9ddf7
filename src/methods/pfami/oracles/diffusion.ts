import { add, broadcastTo, fromArray, jit, mean, mul, reshape, sizeOf, square, sub, type Tensor, tensor } from '../../../engine/index.ts'
import type { Denoiser, LevelTensors, NoiseLevel, NoiseProcess } from '../../../kits/diffusion/index.ts'
import { makeSchedule } from '../../../kits/diffusion/schedule.ts'
import type { LikelihoodOracle } from './oracle.ts'

/** The steps of the paper's code, counted from 0 in a chain of 1000. */
export const paperSteps = [0, 50, 100, 150, 200, 250, 300, 350, 400, 450] as const

const reference = makeSchedule('linear', 1000)

/** σ = noise / signal of a step, counted from 0, of the paper's chain: linear β from 1e-4 to 0.02 in 1000 steps. */
export const paperSigma = (step: number): number => Math.sqrt((1 - reference.alphaBars[step + 1]) / reference.alphaBars[step + 1])

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
