import type { ContinualDomain } from '../../kits/lm/corpora.ts'
import type { MixtureStage } from '../../kits/lm/mixture.ts'
import { type Config, scaled } from './config.ts'

/** What the base model has learned, and what it is to learn. */
export const oldDomains = ['eng', 'code'] as const satisfies readonly ContinualDomain[]
export const newLanguages = ['fin', 'hin', 'jpn', 'vie'] as const satisfies readonly ContinualDomain[]

type Weights = Readonly<Partial<Record<ContinualDomain, number>>>

/** New languages in equal parts, and so much of what the base knows, English and code alike. */
export function mixed(replay: number, replayed: readonly ContinualDomain[] = oldDomains): Weights {
  const fresh = newLanguages.map((domain) => [domain, (1 - replay) / newLanguages.length])
  return Object.fromEntries([...fresh, ...replayed.map((domain) => [domain, replay / replayed.length])])
}

/** Shares of old domains in the two stages; over all steps together about a quarter. */
export const stageReplay = { CAP: 0.2, CAT: 0.6 } as const

/** The base model's mixture. */
export const baseWeights = { eng: 0.45, code: 0.45, shakespeare: 0.1 } as const

/**
 * The curriculum: a long stage of mostly new text (CAP, continual auxiliary pre-training), then a short one with much of the old (CAT, continual
 * alignment tuning).
 */
export function twoStages(steps: number, catShare: number, replayed?: readonly ContinualDomain[]): MixtureStage[] {
  const cat = Math.round(steps * catShare)
  return [
    { name: 'CAP', steps: steps - cat, weights: mixed(stageReplay.CAP, replayed) },
    { name: 'CAT', steps: cat, weights: mixed(stageReplay.CAT, replayed) },
  ].filter((stage) => stage.steps > 0)
}

/** The stages of an arm. */
export function stagesOf(config: Config): MixtureStage[] {
  const steps = scaled(config, 'continual')
  switch (config.curriculum) {
    case 'capCat':
      return twoStages(steps, config.catShare)
    case 'wrongReplay':
      return twoStages(steps, config.catShare, ['shakespeare'])
    case 'naive':
      return [{ name: 'new', steps, weights: mixed(0) }]
    case 'replay':
      return [{ name: 'mixed', steps, weights: mixed(config.replay) }]
    case 'joint':
      return [{ name: 'joint', ...joint(scaled(config, 'base'), steps) }]
  }
}

/** All text of base and continual training in one mixture: what one would do who could start over. */
function joint(base: number, continual: number): Pick<MixtureStage, 'steps' | 'weights'> {
  const steps = base + continual
  const weights: Partial<Record<ContinualDomain, number>> = {}
  for (const [part, own] of [
    [base / steps, baseWeights],
    [continual / steps, mixed(0.25)],
  ] as const)
    for (const [domain, weight] of Object.entries(own) as [ContinualDomain, number][])
      weights[domain] = (weights[domain] ?? 0) + part * weight
  return { steps, weights: weights as Record<string, number> }
}
