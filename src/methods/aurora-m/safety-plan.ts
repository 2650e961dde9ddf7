import { type MixtureStage, mixtureSampler, type TokenStream } from '../../kits/lm/mixture.ts'
import { type Config, scaled } from './config.ts'
import type { LabelledBatch } from './continual.ts'
import { mixed, stageReplay } from './curriculum.ts'
import type { Context } from './curriculum-unit.ts'
import { instructionBatches, instructionStream, longestExample, type TaughtPair } from './safety/instructions.ts'

/** What is trained at each step. */
export interface SafetyPlan {
  readonly steps: number
  batchAt(step: number): LabelledBatch
}

/** Steps on text for each on instructions: four steps in five are instructions. */
const textPerInstruction = 1 / 4

const cat = mixed(stageReplay.CAT) as Record<string, number>
const cap = mixed(stageReplay.CAP) as Record<string, number>

/** How many steps an arm takes of each kind: CAP is on text alone unless instructions are spread over it, too. */
export function stepsOfSafety(config: Config): { cap: number; instructions: number; text: number } {
  const { variant } = config
  const instructions = scaled(config, 'instructions')
  const text = Math.max(1, Math.round(instructions * textPerInstruction))
  return {
    cap: variant === 'spread' || variant === 'capFirst' ? scaled(config, 'continual') : 0,
    instructions: variant === 'textOnly' ? 0 : instructions,
    text,
  }
}

/** Text and instructions by turns, as the arm has it. */
export function planOf({ config, data, seed }: Pick<Context, 'config' | 'data' | 'seed'>, pairs: readonly TaughtPair[]): SafetyPlan {
  const { batch, context, variant } = config
  const ownSeed = seed + config.firstSeed
  const steps = stepsOfSafety(config)
  const total = steps.cap + steps.instructions + steps.text
  const corpora: Record<string, TokenStream> = Object.fromEntries(Object.entries(data.corpora).map(([name, { train }]) => [name, train]))
  const textOf = (stages: readonly MixtureStage[], more: Record<string, TokenStream> = {}) =>
    mixtureSampler({ corpora: { ...corpora, ...more }, stages, batch, context, seed: ownSeed }).at
  if (variant === 'allBytes') {
    const instructions = instructionStream(pairs, { examples: streamExamples, seed: ownSeed })
    return { steps: total, batchAt: textOf([{ name: 'CAT', steps: total, weights: withInstructions(config) }], { instructions }) }
  }
  const stages = [
    { name: 'CAP', steps: steps.cap, weights: cap },
    { name: 'CAT', steps: steps.instructions + steps.text, weights: cat },
  ]
  const text = textOf(stages.filter((stage) => stage.steps > 0))
  if (steps.instructions === 0) return { steps: total, batchAt: text }
  const teach = instructionBatches({ pairs, batch, length: longestExample(pairs), seed: ownSeed })
  const begin = variant === 'spread' ? 0 : steps.cap
  /** Instructions among the first steps: spread evenly from `begin` on. */
  const taughtBefore = (step: number) => Math.floor((Math.max(0, step - begin) * steps.instructions) / (total - begin))
  return {
    steps: total,
    batchAt: (step) => (taughtBefore(step + 1) > taughtBefore(step) ? teach(taughtBefore(step)) : text(step)),
  }
}

/** Examples of the stream that is mixed into the text: more than are read of it. */
const streamExamples = 4000

/** CAT's mixture with instructions as one more domain. */
function withInstructions({ safety: { instructionShare } }: Config): Record<string, number> {
  const text = Object.entries(cat).map(([domain, weight]) => [domain, (1 - instructionShare) * weight])
  return { ...Object.fromEntries(text), instructions: instructionShare }
}
