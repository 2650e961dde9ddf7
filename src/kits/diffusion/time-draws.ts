import { fromArray, InputError, ndarray } from '../../engine/index.ts'
import type { NoiseProcess } from './process.ts'
import type { PastLosses, TimeDraw } from './training.ts'

/** A time of training, and what its loss is multiplied with. */
export interface DrawnTime {
  readonly time: number
  readonly weight: number
}

interface Range {
  readonly from: number
  readonly to: number
  readonly weight: number
}

/** Times from uniform numbers in [0, 1), all but those by importance. @throws InputError for ranges that hold no time. */
export function timeDraw(process: NoiseProcess, draw: Exclude<TimeDraw, 'importance'> = 'uniform'): (u: number) => DrawnTime {
  if (draw === 'uniform') return (u) => ({ time: process.atShare(u), weight: 1 })
  const ranges: readonly Range[] = 'ranges' in draw ? draw.ranges : [{ ...draw, weight: 1 }]
  const total = ranges.reduce((sum, { weight }) => sum + weight, 0)
  const shares = ranges.map((range) => ({ low: process.shareBelow(range.from), high: process.shareBelow(range.to), weight: range.weight }))
  for (const [i, { low, high, weight }] of shares.entries())
    if (!(weight >= 0) || !(total > 0) || !(high > low))
      throw new InputError(`no time of the process lies in [${ranges[i].from}, ${ranges[i].to}), of weight ${weight}`, {
        where: 'times',
        fix: `give ranges within [${process.times.join(', ')}] and weights from 0`,
      })
  return (u) => {
    let left = u * total
    const last = shares.findLastIndex(({ weight }) => weight > 0)
    const chosen = shares.findIndex(({ weight }, i) => i === last || (weight > left ? true : void (left -= weight)))
    const { low, high, weight } = shares[chosen]
    // Less than 1, though rounding may say otherwise: `to` is no part of the range.
    const within = Math.min(left / weight, 1 - Number.EPSILON)
    return { time: process.atShare(low + within * (high - low)), weight: 1 }
  }
}

/** Losses that each part remembers, and how much of the draws stays uniform (Nichol & Dhariwal 2021). */
const kept = 10
const uniformShare = 0.001

/** Parts of the times of a process without steps, of equal share. */
const continuousParts = 100

/** Draws in proportion to √E[L²] of the last losses of each time: of a chain of each step, else of parts of equal share. Uniform until all have had ten. */
export interface ImportanceDraw {
  start(): PastLosses
  /** From uniform numbers. */
  draw(past: PastLosses, us: readonly number[]): Promise<DrawnTime[]>
  /** With the losses of drawn times, before their weights. */
  next(past: PastLosses, times: readonly number[], losses: ArrayLike<number>): Promise<PastLosses>
}

export function importanceDraw(process: NoiseProcess): ImportanceDraw {
  const parts = process.config.kind === 'discrete' ? process.config.steps : continuousParts
  const partOf = (time: number) => Math.min(parts - 1, Math.floor(process.shareBelow(time) * parts + 1e-9))
  const asPast = (losses: Float32Array, counts: Int32Array): PastLosses => ({
    losses: fromArray(ndarray(losses, [parts, kept], 'float32')),
    counts: fromArray(ndarray(counts, [parts], 'int32')),
  })
  return {
    start: () => asPast(new Float32Array(parts * kept), new Int32Array(parts)),
    async draw(past, us) {
      const probabilities = probabilitiesOf(await past.losses.data(), await past.counts.data(), parts)
      const sums = new Float64Array(parts)
      for (let i = 0; i < parts; i++) sums[i] = probabilities[i] + (i > 0 ? sums[i - 1] : 0)
      return us.map((u) => {
        const found = sums.findIndex((sum) => u * sums[parts - 1] < sum)
        const within = (u * sums[parts - 1] - (found > 0 ? sums[found - 1] : 0)) / probabilities[found]
        return { time: process.atShare((found + Math.min(within, 1 - 1e-9)) / parts), weight: 1 / (parts * probabilities[found]) }
      })
    },
    async next(past, times, values) {
      const losses = Float32Array.from(await past.losses.data())
      const counts = Int32Array.from(await past.counts.data())
      for (const [i, time] of times.entries()) {
        const part = partOf(time)
        losses[part * kept + (counts[part] % kept)] = values[i]
        counts[part]++
      }
      return asPast(losses, counts)
    },
  }
}

function probabilitiesOf(losses: ArrayLike<number>, counts: ArrayLike<number>, parts: number): Float64Array {
  const roots = new Float64Array(parts).fill(1)
  if (Array.prototype.every.call(counts, (count: number) => count >= kept))
    for (let part = 0; part < parts; part++) {
      let squares = 0
      for (let i = 0; i < kept; i++) squares += losses[part * kept + i] ** 2
      roots[part] = Math.sqrt(squares / kept)
    }
  const total = roots.reduce((sum, root) => sum + root, 0)
  return roots.map((root) => (1 - uniformShare) * (total > 0 ? root / total : 1 / parts) + uniformShare / parts)
}
