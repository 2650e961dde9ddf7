import { InputError } from '../../engine/index.ts'
import type { DiffusionModel } from '../../kits/diffusion/index.ts'
import { macs } from '../../kits/diffusion/networks/index.ts'
import { keepLargest, type Prunable, prunableOf, prune } from '../../kits/diffusion/surgery/index.ts'

/** Units of a block that can go, and what one costs. */
export interface PrunablePart extends Pick<Prunable, 'block' | 'kind' | 'units'> {
  /** Units that go together: those of one group of a group norm, so that the other groups stay as they were. */
  readonly quantum: number
  /** Multiply-accumulates of one unit, of one evaluation on one example. */
  readonly macs: number
}

/** What a network costs as a function of how many units it keeps: exactly linear, for units are seen only within their block. */
export interface PrunableNetwork {
  readonly parts: readonly PrunablePart[]
  /** Of the whole network. */
  readonly total: number
  /** Of the least that pruning can leave. */
  readonly least: number
}

/**
 * The parts of a model's network, counted on its graph.
 *
 * @example
 * import { key } from 'quire'
 * import { initModel } from 'quire/diffusion'
 *
 * const network = { kind: 'mlp', width: 64, hidden: [64, 64], embedding: 16, embed: 'input' } as const
 * const config = { network, process: { kind: 'discrete', steps: 1000, schedule: 'cosine' }, predict: 'eps', shape: [49] } as const
 * prunableNetwork(initModel(config, key(0))).total // 23680
 */
export function prunableNetwork(model: DiffusionModel): PrunableNetwork {
  const places = prunableOf(model.config.network, model.config.shape)
  const all = places.map(({ units }) => units)
  const total = macsOf(model)
  const parts = places.map(({ block, kind, units, groups }, i): PrunablePart => {
    const quantum = groups === 1 ? 1 : units / groups
    if (units === quantum) return { block, kind, units, quantum, macs: 0 }
    const without = macsOf(withCounts(model, all.with(i, units - quantum)))
    return { block, kind, units, quantum, macs: (total - without) / quantum }
  })
  const least = total - parts.reduce((sum, { units, quantum, macs }) => sum + (units - quantum) * macs, 0)
  return { parts, total, least }
}

/** Multiply-accumulates of a model, counted on its graph. */
export const macsOf = ({ config }: Pick<DiffusionModel, 'config'>): number => macs(config.network, config.shape, config.classes)

/** The model with the first so many units of each part: for counting, not for use. */
const withCounts = (model: DiffusionModel, counts: readonly number[]): DiffusionModel =>
  prune(
    model,
    counts.map((count) => Array.from({ length: count }, (_, unit) => unit)),
  )

/** How far a count may be from its target. */
const macsTolerance = 0.02

/**
 * Units that each part keeps so that the network's cost comes as near to the target as it can, with the parts' kept shares in the proportions given; equal
 * proportions shrink all parts alike.
 *
 * @param ratios one a part, above 0: kept shares up to a common factor
 * @param target multiply-accumulates
 * @throws InputError for a target that what cannot be pruned already exceeds.
 */
export function countsFor({ parts, total, least }: PrunableNetwork, ratios: readonly number[], target: number): number[] {
  const wrong = ratios.findIndex((ratio) => !(ratio > 0 && Number.isFinite(ratio)))
  if (ratios.length !== parts.length || wrong >= 0)
    throw new InputError(wrong >= 0 ? `a kept share of ${ratios[wrong]}` : `${ratios.length} shares for ${parts.length} parts`)
  if (target < least * (1 - macsTolerance))
    throw new InputError(`a budget of ${(target / total).toFixed(3)} of the network is below what cannot be pruned`, {
      fix: `keep at least ${(Math.ceil((least / total) * 1000) / 1000).toFixed(3)}`,
    })
  const at = (factor: number) =>
    parts.map(({ units, quantum }, i) => {
      const groups = Math.round((factor * ratios[i] * units) / quantum)
      return quantum * Math.min(units / quantum, Math.max(1, groups))
    })
  const costOf = (counts: readonly number[]) => total - parts.reduce((sum, { units, macs }, i) => sum + (units - counts[i]) * macs, 0)
  // Counts change where a part's share passes a half.
  const factors = parts.flatMap(({ units, quantum }, i) =>
    Array.from({ length: units / quantum }, (_, group) => ((group + 0.5) * quantum) / (ratios[i] * units)),
  )
  let best = at(0)
  for (const factor of [...factors.map((factor) => factor * (1 + 1e-12))].sort((a, b) => a - b)) {
    const counts = at(factor)
    if (Math.abs(costOf(counts) - target) <= Math.abs(costOf(best) - target)) best = counts
  }
  return best
}

/** What came of pruning to a target. */
export interface PruningReport {
  readonly target: number
  /** Counted on the pruned network's graph. */
  readonly macs: number
  /** Whether it is within `macsTolerance`. */
  readonly isWithin: boolean
  readonly parts: readonly { readonly block: string; readonly kind: Prunable['kind']; readonly units: number; readonly kept: number }[]
}

/**
 * The model with so many units of each part, those that matter most.
 *
 * @param scores of each unit of each part; units that go together count together
 */
export function pruned(
  model: DiffusionModel,
  parts: readonly PrunablePart[],
  counts: readonly number[],
  scores: readonly ArrayLike<number>[],
  target: number,
): { readonly model: DiffusionModel; readonly report: PruningReport } {
  const small = prune(
    model,
    parts.map(({ units, quantum }, i) => keepTogether(scores[i], units, quantum, counts[i])),
  )
  const found = macsOf(small)
  return {
    model: small,
    report: {
      target,
      macs: found,
      isWithin: Math.abs(found - target) <= macsTolerance * target,
      parts: parts.map(({ block, kind, units }, i) => ({ block, kind, units, kept: counts[i] })),
    },
  }
}

function keepTogether(scores: ArrayLike<number>, units: number, quantum: number, count: number): number[] {
  const sums = Array.from({ length: units / quantum }, (_, group) => {
    let sum = 0
    for (let unit = group * quantum; unit < (group + 1) * quantum; unit++) sum += scores[unit]
    return sum
  })
  return keepLargest(sums, count / quantum).flatMap((group) => Array.from({ length: quantum }, (_, k) => group * quantum + k))
}
