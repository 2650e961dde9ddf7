import { InputError } from '../../engine/index.ts'
import type { ScheduleName } from './process.ts'

/** A Markov chain of noise in float64: index 0 is the data, index t the state after t steps, so every array has steps + 1 elements. */
export interface NoiseSchedule {
  readonly steps: number
  /** β_t; β₀ is 0. */
  readonly betas: Float64Array
  /** ᾱ_t = Π_{s ≤ t} (1 − β_s); ᾱ₀ is 1. */
  readonly alphaBars: Float64Array
}

/** First and last β where none are given: DDPM's (Ho et al. 2020), Stable Diffusion's for `scaledLinear`, SR3's (Saharia et al. 2021) for its own four. */
const defaultBetas: Readonly<Record<ScheduleName, readonly [number, number] | undefined>> = {
  linear: [1e-4, 0.02],
  scaledLinear: [0.00085, 0.012],
  sigmoid: [1e-4, 0.02],
  quad: [1e-6, 0.01],
  warmup10: [1e-6, 0.01],
  warmup50: [1e-6, 0.01],
  const: [1e-6, 0.01],
  cosine: undefined,
  jsd: undefined,
}

/** Above it a step of the cosine schedule would leave nothing of the data at the end of the chain (Nichol & Dhariwal 2021). */
const mostCosineBeta = 0.999

const linspace = (first: number, last: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => (count === 1 ? first : first + ((last - first) * i) / (count - 1)))

/** A linear rise over a share of the steps, then the last value. */
function warmup(first: number, last: number, steps: number, share: number): Float64Array {
  const betas = new Float64Array(steps).fill(last)
  betas.set(linspace(first, last, Math.floor(steps * share)))
  return betas
}

/** ᾱ of Nichol & Dhariwal 2021, equation 17, before its division by that at 0; u runs over [0, 1]. */
const cosineAlphaBar = (u: number): number => Math.cos((((u + 0.008) / 1.008) * Math.PI) / 2) ** 2

const betasOf: Readonly<Record<ScheduleName, (steps: number, first: number, last: number) => Float64Array>> = {
  linear: (steps, first, last) => linspace(first, last, steps),
  scaledLinear: (steps, first, last) => linspace(Math.sqrt(first), Math.sqrt(last), steps).map((root) => root * root),
  quad: (steps, first, last) => linspace(Math.sqrt(first), Math.sqrt(last), steps).map((root) => root * root),
  cosine: (steps) =>
    Float64Array.from({ length: steps }, (_, i) =>
      Math.min(1 - cosineAlphaBar((i + 1) / steps) / cosineAlphaBar(i / steps), mostCosineBeta),
    ),
  sigmoid: (steps, first, last) => linspace(-6, 6, steps).map((x) => first + (last - first) / (1 + Math.exp(-x))),
  warmup10: (steps, first, last) => warmup(first, last, steps, 0.1),
  warmup50: (steps, first, last) => warmup(first, last, steps, 0.5),
  const: (steps, _, last) => new Float64Array(steps).fill(last),
  jsd: (steps) => Float64Array.from({ length: steps }, (_, i) => 1 / (steps - i)),
}

/**
 * The names of all schedules.
 *
 * @example
 * scheduleNames.includes('cosine') // true
 */
export const scheduleNames = Object.keys(betasOf) as readonly ScheduleName[]

/**
 * A named schedule. `betas` are the first and last β of those that have them; `cosine` and `jsd` have none.
 *
 * @throws InputError for fewer steps than 1, or β outside of (0, 1).
 * @example
 * const { alphaBars } = makeSchedule('linear', 1000)
 * alphaBars[1000] // 0.0000403583
 */
export function makeSchedule(name: ScheduleName, steps: number, betas?: readonly [first: number, last: number]): NoiseSchedule {
  const where = `schedule '${name}'`
  if (!Object.hasOwn(betasOf, name)) throw new InputError(`there is no ${where}`, { fix: `choose one of ${scheduleNames.join(', ')}` })
  if (!Number.isInteger(steps) || steps < 1)
    throw new InputError(`a chain has a whole number of steps from 1, not ${steps}`, { where, fix: 'give 1000, say' })
  const own = defaultBetas[name]
  if (betas && !own) throw new InputError('it has no first and last β', { where, fix: 'leave them out' })
  const [first, last] = betas ?? own ?? [0, 0]
  if (own && !(first > 0 && first < 1 && last > 0 && last < 1))
    throw new InputError(`β goes from ${first} to ${last}`, { where, fix: 'give numbers between 0 and 1' })
  return fromBetas(betasOf[name](steps, first, last))
}

function fromBetas(chain: Float64Array): NoiseSchedule {
  const betas = new Float64Array(chain.length + 1)
  betas.set(chain, 1)
  const alphaBars = new Float64Array(betas.length)
  alphaBars[0] = 1
  for (let t = 1; t < betas.length; t++) alphaBars[t] = alphaBars[t - 1] * (1 - betas[t])
  return { steps: chain.length, betas, alphaBars }
}

/**
 * 10 log₁₀(ᾱ / (1 − ᾱ)), the ratio of signal to noise in decibels; at step 0, the data, it is infinite.
 *
 * @example
 * snrDb(makeSchedule('linear', 1000), 200) // 2.862
 */
export const snrDb = ({ alphaBars }: NoiseSchedule, t: number): number => 10 * Math.log10(alphaBars[t] / (1 - alphaBars[t]))

/** How a few steps of many are chosen: `trailing` keeps the last one, `leading` the first, `linspace` both. */
export type Spacing = 'trailing' | 'leading' | 'linspace'

/**
 * `count` of the times 1 … steps, evenly spaced, rising (Lin et al. 2024, table 2).
 *
 * @throws InputError for more of them than there are steps, or none.
 * @example
 * spacedTimes(1000, 4) // [250, 500, 750, 1000]
 */
export function spacedTimes(steps: number, count: number, spacing: Spacing = 'trailing'): number[] {
  if (!Number.isInteger(count) || count < 1 || count > steps)
    throw new InputError(`${count} of a chain's ${steps} steps cannot be kept`, { fix: `give a whole number from 1 to ${steps}` })
  const at = (i: number): number => {
    if (spacing === 'leading') return 1 + i * Math.floor(steps / count)
    if (spacing === 'linspace') return count === 1 ? steps : 1 + Math.round((i * (steps - 1)) / (count - 1))
    return Math.round(steps - ((count - 1 - i) * steps) / count)
  }
  return Array.from({ length: count }, (_, i) => at(i))
}

/** A shorter chain, and which times of the longer one its steps are; times[0] is 0. */
export interface RespacedSchedule extends NoiseSchedule {
  readonly times: readonly number[]
}

/**
 * The chain that visits only some steps of another: ᾱ of those, and β recomputed from them (Nichol & Dhariwal 2021, section 4).
 *
 * @example
 * respace(makeSchedule('linear', 1000), 50).betas.length // 51
 */
export function respace({ steps, alphaBars: all }: NoiseSchedule, count: number, spacing?: Spacing): RespacedSchedule {
  const times = [0, ...spacedTimes(steps, count, spacing)]
  const alphaBars = Float64Array.from(times, (t) => all[t])
  const betas = alphaBars.map((value, i) => (i === 0 ? 0 : 1 - value / alphaBars[i - 1]))
  return { steps: count, betas, alphaBars, times }
}
