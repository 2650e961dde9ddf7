import { draws, seedKey } from '../../../data/draws.ts'
import { ndarray } from '../../../engine/index.ts'
import { foldKey } from '../../../engine/threefry.ts'
import { expectedPasses, type MixtureStage, mixtureSampler } from '../../../kits/lm/mixture.ts'
import type { LabelledBatch } from '../continual.ts'
import { completionBatch } from '../safety/instructions.ts'
import type { PlanCorpora } from './corpus.ts'
import type { Plan } from './schema.ts'

/** What the seed's key is used for here. */
const use = 0x706c616e

export const mixtureStages = ({ stages }: Plan): MixtureStage[] =>
  stages.map(({ name, steps, mixture }) => ({
    name,
    steps,
    weights: Object.fromEntries(Object.entries(mixture).map(([domain, { weight }]) => [domain, weight])),
  }))

const streamsOf = ({ train }: PlanCorpora) => Object.fromEntries(Object.entries(train).map(([domain, { stream }]) => [domain, stream]))

/** How often each domain is read. */
export const passesOf = (plan: Plan, corpora: PlanCorpora): Record<string, number> =>
  expectedPasses({ corpora: streamsOf(corpora), stages: mixtureStages(plan), batch: plan.batch, context: plan.sequenceLength })

/**
 * Windows of a plan's mixture; where a domain is of instructions, a whole one with its loss on the response takes the window's place. A function of the
 * seed and the step.
 */
export function planBatches(plan: Plan, corpora: PlanCorpora, pad: number) {
  const { batch, sequenceLength: length, seed } = plan
  const sampler = mixtureSampler({ corpora: streamsOf(corpora), stages: mixtureStages(plan), batch, context: length, seed })
  const key = seedKey(seed, use)
  const at = (step: number): LabelledBatch => {
    const { x, y, domains } = sampler.at(step)
    const random = draws(foldKey(key, step))
    const [ids, labels] = [Int32Array.from(x.data), Int32Array.from(y.data)]
    for (const [row, domain] of domains.entries()) {
      const { examples } = corpora.train[domain]
      if (!examples) continue
      const own = completionBatch([examples[random.integer(examples.length)]], length, pad)
      ids.set(own.x.data as Int32Array, row * length)
      labels.set(own.y.data as Int32Array, row * length)
    }
    return { x: ndarray(ids, [batch, length], 'int32'), y: ndarray(labels, [batch, length], 'int32') }
  }
  return { at, stageOf: sampler.stageOf, steps: sampler.steps }
}
