import { abs, add, div, jit, mean, mul, neg, pow, reshape, sizeOf, sqrt, square, sub, sum, type Tensor } from '../../../engine/index.ts'
import type { Denoiser } from '../../../kits/diffusion/index.ts'
import { centred, inversionErrors, levelRows, paperSteps, perServing, scalars, timesOfSteps } from '../oracles/diffusion.ts'
import type { Outcome, Scene } from './attack.ts'
import { overBlocks } from './blocks.ts'

/*
 * Attacks on a diffusion model's estimates that need no noise. Steps are those of the usual chain of 1000, counted from 0; in other processes the times
 * with the same noise.
 */

type Level = ReturnType<typeof scalars>

const relative = (denoiser: Denoiser) => jit((x: Tensor) => centred(x, denoiser))

/** SecMI-stat: steps of 10 up to 90, then to 100 and back. */
export async function secmi({ target, records, progress }: Scene): Promise<Outcome> {
  const denoiser = target.denoiser!
  const steps = Array.from({ length: 11 }, (_, k) => 10 * k)
  const times = timesOfSteps(denoiser.process, steps)
  const errorsOf = inversionErrors(denoiser)
  const centre = relative(denoiser)
  const found = await overBlocks(
    records,
    (x) => ({ error: neg(errorsOf(centre(x), times.slice(0, -1), times.at(-1)!)) }),
    (done, total) => progress?.(done, total, 'SecMI') ?? Promise.resolve(),
  )
  return { variants: { stat: found.error }, usual: 'stat', queries: steps.length + 1 }
}

/** ‖x‖_p of each row. */
const rowNorm = (x: Tensor, p: number): Tensor => {
  const flat = reshape(x, [x.shape[0], -1])
  return p === 2 ? sqrt(sum(square(flat), { axes: [1] })) : pow(sum(pow(abs(flat), p), { axes: [1] }), 1 / p)
}

/** The level at which a network is asked about data as they are. */
const dataStep = 0
const piaStep = 200

/** PIA and PIAN: −‖ε̂(x, 0) − ε̂(a x + s ε̂(x, 0), t)‖₄, the noise normalised to the mean size of a normal one in PIAN (Kong et al. 2024). */
export async function pia({ target, records }: Scene): Promise<Outcome> {
  const denoiser = target.denoiser!
  const { shape, process } = denoiser
  const [first, later] = timesOfSteps(process, [dataStep, piaStep])
  const epsAt = perServing(denoiser, (estimate) =>
    jit((params: unknown, x: Tensor, level: Level) => estimate(params, x, levelRows(level, x.shape[0])).eps),
  )
  const ask = (x: Tensor, time: number): Tensor => {
    const { params, run } = epsAt(time)
    return run(params, x, scalars(process.at(time)))
  }
  const { signal, noise } = process.at(later)
  const noisy = jit((x: Tensor, eps: Tensor) => add(mul(x, signal), mul(eps, noise)))
  const distance = jit((a: Tensor, b: Tensor) => neg(rowNorm(sub(a, b), 4)))
  const normalised = jit((eps: Tensor) => {
    const size = mean(reshape(abs(eps), [eps.shape[0], sizeOf(shape)]), { axes: [1] })
    return mul(eps, reshape(div(Math.sqrt(2 / Math.PI), size), [-1, ...shape.map(() => 1)]))
  })
  const centre = relative(denoiser)
  const found = await overBlocks(records, (given) => {
    const x = centre(given)
    const eps = ask(x, first)
    const unit = normalised(eps)
    return { pia: distance(eps, ask(noisy(x, eps), later)), pian: distance(unit, ask(noisy(x, unit), later)) }
  })
  return { variants: found, usual: 'pia', queries: 2 }
}

/** SimA: −‖ε̂(x, t)‖, one question without noise, for several t and norms. */
export async function sima({ target, records }: Scene): Promise<Outcome> {
  const denoiser = target.denoiser!
  const times = timesOfSteps(denoiser.process)
  const normsAt = perServing(denoiser, (estimate) =>
    jit((params: unknown, x: Tensor, level: Level) => {
      const { eps } = estimate(params, centred(x, denoiser), levelRows(level, x.shape[0]))
      return { 2: neg(rowNorm(eps, 2)), 4: neg(rowNorm(eps, 4)) }
    }),
  )
  const found = await overBlocks(records, (x) =>
    Object.fromEntries(
      times.flatMap((time, k) => {
        const { params, run } = normsAt(time)
        const norms = run(params, x, scalars(denoiser.process.at(time)))
        return ([2, 4] as const).map((p) => [`step=${paperSteps[k]},p=${p}`, norms[p]])
      }),
    ),
  )
  return { variants: found, usual: 'step=100,p=2', queries: 1 }
}
