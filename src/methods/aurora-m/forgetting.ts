import { InputError } from '../../engine/index.ts'

/** Bits per byte of each domain at one checkpoint. Less is better. */
export interface StageScores {
  /** base, CAP, CAT … */
  readonly stage: string
  readonly bitsPerByte: Readonly<Record<string, number>>
}

/** What continual training did to one domain, in bits per byte. */
export interface DomainChange {
  /** Base minus end: above 0 the model has become better. */
  readonly gain: number
  /** End minus base: above 0 the model has become worse. */
  readonly forgetting: number
  /** End minus the best of all checkpoints: never below `forgetting`, nor below 0. */
  readonly worstForgetting: number
}

export interface ForgettingReport {
  readonly domains: Readonly<Record<string, DomainChange>>
  /**
   * The mean of end minus base over the old domains (Lopez-Paz & Ranzato 2017). In bits per byte, so that above 0 means worse; of accuracies it is the
   * other way round.
   */
  readonly backwardTransfer: number
}

/**
 * Gains and forgetting from the matrix R[stage][domain], the base first and the end last.
 *
 * @throws InputError for fewer than two stages, or a domain that some stage lacks.
 * @example
 * const stages = [
 *   { stage: 'base', bitsPerByte: { eng: 3.2, fin: 5.7 } },
 *   { stage: 'CAP', bitsPerByte: { eng: 3.5, fin: 3.4 } },
 *   { stage: 'CAT', bitsPerByte: { eng: 3.3, fin: 3.5 } },
 * ]
 * forgettingOf(stages, ['eng']).domains.fin.gain // 2.2
 */
export function forgettingOf(stages: readonly StageScores[], old: readonly string[]): ForgettingReport {
  if (stages.length < 2) throw new InputError('forgetting needs a checkpoint before and one after', { where: 'forgetting matrix' })
  const [base, end] = [stages[0].bitsPerByte, stages[stages.length - 1].bitsPerByte]
  for (const { stage, bitsPerByte } of stages)
    for (const domain of [...Object.keys(base), ...old])
      if (bitsPerByte[domain] === undefined)
        throw new InputError(`stage ${stage} was not evaluated on '${domain}'`, { where: 'forgetting matrix' })
  const change = (domain: string): DomainChange => ({
    gain: base[domain] - end[domain],
    forgetting: end[domain] - base[domain],
    worstForgetting: end[domain] - Math.min(...stages.map(({ bitsPerByte }) => bitsPerByte[domain])),
  })
  return {
    domains: Object.fromEntries(Object.keys(base).map((domain) => [domain, change(domain)])),
    backwardTransfer: old.reduce((sum, domain) => sum + end[domain] - base[domain], 0) / old.length,
  }
}
