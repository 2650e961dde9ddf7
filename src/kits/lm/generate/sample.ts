import { InputError } from '../../../engine/index.ts'
import { threefry2x32 } from '../../../engine/threefry.ts'
import type { GenerationOptions } from './generation.ts'

export type SamplingOptions = Pick<GenerationOptions, 'temperature' | 'topK' | 'topP' | 'repetitionPenalty' | 'seed'>

/** Uniform on [0, 1), 53 bits: a function of seed, row and step alone. */
export function uniformAt(seed: number, row: number, step: number): number {
  const [high, low] = threefry2x32(Math.floor(seed / 2 ** 32), seed >>> 0, row, step)
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53
}

/** A distribution over tokens. */
export interface Candidates {
  /** Those that are left, most probable first; absent where all are, in the order of their ids. */
  readonly ids?: readonly number[]
  /** Not normalised. */
  readonly masses: Float64Array
}

/**
 * The distribution that options make of logits [V]: softmax(logits / temperature), then the k most probable, then of these the fewest whose mass is at least
 * p of theirs (Holtzman et al. 2020). Of equally probable tokens the one with the smaller id comes first.
 */
export function candidatesOf(logits: ArrayLike<number>, { temperature = 1, topK, topP }: SamplingOptions): Candidates {
  const count = logits.length
  let largest = Number.NEGATIVE_INFINITY
  for (let id = 0; id < count; id++) if (logits[id] > largest) largest = logits[id]
  const all = new Float64Array(count)
  for (let id = 0; id < count; id++) all[id] = Math.exp((logits[id] - largest) / temperature)
  if ((topK ?? count) >= count && (topP ?? 1) >= 1) return { masses: all }
  const kept = mostProbable(all, topK ?? count, topP ?? 1)
  return { ids: kept, masses: Float64Array.from(kept, (id) => all[id]) }
}

function mostProbable(masses: Float64Array, k: number, p: number): number[] {
  const ordered = k < masses.length ? largestOf(masses, k) : aboveTail(masses, p)
  if (p >= 1) return ordered
  const total = k < masses.length ? sumOf(ordered.map((id) => masses[id])) : sumOf(masses)
  let mass = 0
  const cut = ordered.findIndex((id) => {
    mass += masses[id]
    return mass >= p * total
  })
  return cut < 0 ? ordered : ordered.slice(0, cut + 1)
}

/** Tokens that can be among the fewest with mass p, in order: those less probable than (1 − p) / V have less than 1 − p together. */
function aboveTail(masses: Float64Array, p: number): number[] {
  const least = ((1 - p) * sumOf(masses)) / masses.length
  const ids: number[] = []
  for (let id = 0; id < masses.length; id++) if (masses[id] >= least) ids.push(id)
  return ids.sort((a, b) => masses[b] - masses[a] || a - b)
}

const sumOf = (values: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]
  return sum
}

/** The ids of the k largest values, largest first, smaller ids first among equals: one pass that keeps the k in order. */
export function largestOf(values: ArrayLike<number>, k: number): number[] {
  const ids: number[] = []
  for (let id = 0; id < values.length; id++) {
    if (ids.length === k && !(values[id] > values[ids[k - 1]])) continue
    let at = ids.length
    while (at > 0 && values[ids[at - 1]] < values[id]) at--
    ids.splice(at, 0, id)
    if (ids.length > k) ids.pop()
  }
  return ids
}

/** The token at which the running sum passes u times the whole mass. */
export function draw({ ids, masses }: Candidates, u: number): number {
  const target = u * sumOf(masses)
  let sum = 0
  for (let i = 0; i < masses.length; i++) {
    sum += masses[i]
    if (sum > target) return ids?.[i] ?? i
  }
  const last = masses.findLastIndex((mass) => mass > 0)
  return ids?.[last] ?? last
}

/** Logits with those of tokens already in the text divided by the penalty, or multiplied where negative (Keskar et al. 2019, section 4.1). */
export function penalised(logits: ArrayLike<number>, seen: Iterable<number>, penalty: number): Float32Array {
  const out = Float32Array.from(logits)
  for (const id of seen) out[id] = out[id] > 0 ? out[id] / penalty : out[id] * penalty
  return out
}

/** Chooses the next token of row `row` at `step`; `best` is the most probable one. */
export function choose(
  logits: Float32Array,
  best: number,
  seen: Iterable<number>,
  options: SamplingOptions,
  { row, step }: { row: number; step: number },
): number {
  const { temperature = 0, repetitionPenalty: penalty = 1, seed = 0 } = options
  const scores = penalty === 1 ? logits : penalised(logits, seen, penalty)
  if (temperature === 0) return penalty === 1 ? best : largestOf(scores, 1)[0]
  return draw(candidatesOf(scores, options), uniformAt(seed, row, step))
}

/** @throws InputError for options that mean nothing. */
export function checkOptions(options: GenerationOptions): void {
  const { maxNewTokens, temperature, topK, topP, repetitionPenalty, seed, alternatives } = options
  const demand = (name: string, value: number | undefined, what: string, holds: (value: number) => boolean) => {
    if (value !== undefined && !holds(value)) throw new InputError(`${name} is ${value}, not ${what}`)
  }
  demand('maxNewTokens', maxNewTokens, 'a whole number of at least 1', (x) => Number.isInteger(x) && x >= 1)
  demand('temperature', temperature, 'a number of at least 0', (x) => x >= 0 && x < Number.POSITIVE_INFINITY)
  demand('topK', topK, 'a whole number of at least 1', (x) => Number.isInteger(x) && x >= 1)
  demand('topP', topP, 'above 0 and at most 1', (x) => x > 0 && x <= 1)
  demand('repetitionPenalty', repetitionPenalty, 'above 0', (x) => x > 0)
  demand('seed', seed, 'a whole number from 0', (x) => Number.isSafeInteger(x) && x >= 0)
  demand('alternatives', alternatives, 'a whole number from 0', (x) => Number.isInteger(x) && x >= 0)
}
