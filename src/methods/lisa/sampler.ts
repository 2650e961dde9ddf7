import { draws, permutation, seedKey } from '../../data/draws.ts'
import { foldKey } from '../../engine/threefry.ts'
import { require } from '../../optim/index.ts'

/**
 * How the active blocks of an interval are chosen. `uniform`: a random subset of γ (the paper). `cyclic`: in turn from the top, as block coordinate
 * descent does (BAdam). `shuffled-epochs`: a random order of all blocks, γ at a time, then another: each is visited equally often. `weights`: γ draws
 * without replacement, in proportion.
 */
export type Sampler = 'uniform' | 'cyclic' | 'shuffled-epochs' | { readonly weights: readonly number[] }
export const samplerNames = ['uniform', 'cyclic', 'shuffled-epochs'] as const

export interface SamplerOptions {
  readonly sampler: Sampler
  /** N_L */
  readonly layers: number
  /** γ */
  readonly active: number
  readonly seed: number
}

const use = 0x6c697361

/**
 * The active blocks of each interval, ascending: a function of (seed, interval) alone, so that a resumed run needs nothing but its step.
 *
 * @example
 * const blocksOf = layerSampler({ sampler: 'cyclic', layers: 6, active: 2, seed: 0 })
 * blocksOf(0) // [4, 5]
 */
export function layerSampler({ sampler, layers, active, seed }: SamplerOptions): (interval: number) => number[] {
  const key = seedKey(seed, use)
  const order = (index: number) => [...permutation(foldKey(key, index), layers)]
  const ascending = (blocks: readonly number[]) => blocks.toSorted((a, b) => a - b)
  if (typeof sampler === 'object') {
    checkWeights(sampler.weights, layers, active)
    return (interval) => ascending(weighted(sampler.weights, active, draws(foldKey(key, interval))))
  }
  switch (sampler) {
    case 'uniform':
      return (interval) => ascending(order(interval).slice(0, active))
    case 'cyclic':
      return (interval) => ascending(inTurn(layers, active, interval, () => Array.from({ length: layers }, (_, i) => layers - 1 - i)))
    case 'shuffled-epochs':
      return (interval) => ascending(inTurn(layers, active, interval, order))
  }
}

/** The next γ of the orders of all epochs, one after another. Where two epochs meet, a block that is there already waits for the next place. */
function inTurn(layers: number, active: number, interval: number, orderOf: (epoch: number) => readonly number[]): number[] {
  if (active === 0) return []
  if (layers % active === 0) {
    const epoch = Math.floor((interval * active) / layers)
    const start = (interval * active) % layers
    return orderOf(epoch).slice(start, start + active)
  }
  const waiting: number[] = []
  let epoch = 0
  let chosen: number[] = []
  for (let k = 0; k <= interval; k++) {
    chosen = []
    for (let place = 0; chosen.length < active; ) {
      if (place >= waiting.length) waiting.push(...orderOf(epoch++))
      if (chosen.includes(waiting[place])) place++
      else chosen.push(...waiting.splice(place, 1))
    }
  }
  return chosen
}

function weighted(weights: readonly number[], active: number, random: ReturnType<typeof draws>): number[] {
  const left = weights.map((weight, block) => ({ weight, block }))
  return Array.from({ length: active }, () => {
    let point = random.uniform(
      0,
      left.reduce((sum, { weight }) => sum + weight, 0),
    )
    const place = left.findIndex(({ weight }) => (point -= weight) < 0)
    return left.splice(place < 0 ? left.length - 1 : place, 1)[0].block
  })
}

function checkWeights(weights: readonly number[], layers: number, active: number): void {
  require('sampler', weights.length === layers, `${weights.length} weights for ${layers} blocks`, 'give one weight a block')
  const bad = weights.find((weight) => !(weight >= 0 && Number.isFinite(weight)))
  require('sampler', bad === undefined, `a weight is ${bad}`, 'give numbers of at least 0')
  const positive = weights.filter((weight) => weight > 0).length
  require('sampler', positive >= active, `${positive} positive weights for ${active} active blocks`, 'give more of them')
}
