import { InputError } from '../../engine/index.ts'
import type { DiffusionModel } from '../../kits/diffusion/index.ts'
import type { PruneAdvisor, PruningTask } from './advisors.ts'
import { bestOf, type MemoryBank, type Trial } from './memory-bank.ts'
import { countsFor, type PrunableNetwork, type PruningReport, prunableNetwork, pruned } from './pruning-plan.ts'

export interface GroupPruning {
  readonly group: number
  /** Multiply-accumulates to come to. */
  readonly target: number
  readonly advisor: PruneAdvisor
  /** Proposals that are evaluated. With one, it is taken without an evaluation. */
  readonly rounds: number
  /** Importance of each unit of each part, by which those are chosen that stay. */
  readonly scores: readonly ArrayLike<number>[]
  /** Loss of a pruned copy on the group's times after a short fine-tuning; not on examples that anything is tested on. */
  evaluate(model: DiffusionModel): Promise<number>
  onTrial?(trial: Trial): Promise<void> | void
}

export interface PrunedGroup {
  readonly model: DiffusionModel
  readonly report?: PruningReport
  readonly bank: MemoryBank
}

/**
 * Prunes a copy of the base for one group: rounds of proposals, each projected to the budget, evaluated and remembered; the best is kept.
 *
 * @throws InputError for a budget below what cannot be pruned, or where no proposal of any round could be used.
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
 * const { total } = prunableNetwork(model)
 * const scores = [new Float64Array(8).fill(1), new Float64Array(8).fill(1)]
 * const evaluate = async () => 0 // with one round nothing is compared
 * const task = { group: 0, target: 0.9 * total, advisor: importanceAdvisor('magnitude'), rounds: 1, scores, evaluate }
 * const { model: smaller } = await pruneGroup(model, task)
 * prunableNetwork(smaller).total <= 0.95 * total // true
 */
export async function pruneGroup(model: DiffusionModel, options: GroupPruning): Promise<PrunedGroup> {
  const network = prunableNetwork(model)
  const { target, scores } = options
  if (target >= network.total) return { model, bank: [] }
  const bank = await trials(model, network, options)
  const best = bestOf(bank) ?? bank.find(({ counts }) => counts)
  if (!best)
    throw new InputError(`none of ${bank.length} proposals of the advisor could be used: ${bank.at(-1)?.note}`, {
      where: `group ${options.group + 1}`,
      fix: 'use the advisor search, or an endpoint that answers with JSON',
    })
  return { ...pruned(model, network.parts, best.counts!, scores, target), bank }
}

async function trials(model: DiffusionModel, network: PrunableNetwork, options: GroupPruning): Promise<Trial[]> {
  const { group, advisor, rounds, target, scores, evaluate, onTrial } = options
  const task: PruningTask = { group, parts: network.parts, scores, total: network.total, target, rounds }
  const bank: Trial[] = []
  for (let round = 1; round <= rounds; round++) {
    const proposal = await advisor.propose(task, bank, round)
    const head = { group, round, advisor: advisor.name }
    const trial: Trial =
      'rejected' in proposal
        ? { ...head, note: proposal.rejected }
        : { ...head, ...(await tried(proposal.ratios)), ...(proposal.note && { note: proposal.note }) }
    bank.push(trial)
    await onTrial?.(trial)
  }
  return bank

  async function tried(ratios: readonly number[]): Promise<Pick<Trial, 'ratios' | 'counts' | 'macs' | 'loss'>> {
    const counts = countsFor(network, ratios, target)
    const candidate = pruned(model, network.parts, counts, scores, target)
    return { ratios, counts, macs: candidate.report.macs, ...(rounds > 1 && { loss: await evaluate(candidate.model) }) }
  }
}
