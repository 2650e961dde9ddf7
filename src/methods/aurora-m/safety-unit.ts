import { writeSafetensors } from '../../engine/safetensors.ts'
import type { Findings } from '../../experiment/index.ts'
import { languageAdam } from '../../kits/lm/optimizer.ts'
import { byteTokenizer } from '../../kits/lm/tokenizers/bytes.ts'
import { toArrays } from '../../train/index.ts'
import type { Config } from './config.ts'
import { everything, trainOn } from './continual.ts'
import { oldDomains } from './curriculum.ts'
import { type Context, startOf } from './curriculum-unit.ts'
import { testWindows, textsOf } from './data.ts'
import { type Answer, answersOf, parseAnswer, type Question, questionsOf } from './safety/answers.ts'
import { type TaughtPair, taughtPairs } from './safety/instructions.ts'
import { fill, type Policy, responses, syntheticPolicy, type TemplateKind } from './safety/policy.ts'
import { columnsOf, refusalsOf } from './safety/refusals.ts'
import { planOf } from './safety-plan.ts'
import { continualRate } from './schedule.ts'
import { domainScorer, named } from './scores.ts'

function policyOf({ safety, firstSeed }: Config, seed: number): Policy {
  const [restricted, allowed] = safety.objects
  const lookAlikes = Math.min(safety.lookAlikes, restricted)
  return syntheticPolicy({ restricted, allowed, lookAlikes, trainShare: safety.trainShare, seed: seed + firstSeed })
}

function pairsOf(policy: Policy, { variant, firstSeed }: Config, seed: number): TaughtPair[] {
  return taughtPairs(policy, { contrast: variant === 'contrast', ...(variant === 'labelsShuffled' && { shuffledBy: seed + firstSeed }) })
}

/** Alignment tuning on the synthetic policy, and how its questions are answered afterwards. */
export async function safetyUnit(context: Context): Promise<Findings> {
  const { config, data, seed, checkpoint, log, progress, artifact } = context
  const policy = policyOf(config, seed)
  const kinds: TemplateKind[] = ['training', 'heldOut', ...(config.extended ? (['fin', 'hin', 'jpn', 'vie'] as const) : [])]
  const questions = questionsOf(policy, kinds)
  if (config.variant === 'refuseAll') {
    const answers = questions.map((question) => parseAnswer(fill(responses.refusal, question.action, question.object), question))
    log(0, { loss: 0 })
    await progress(1, 1)
    return findings(policy, questions, answers, {})
  }
  const pairs = pairsOf(policy, config, seed)
  const plan = planOf(context, pairs)
  const every = Math.max(1, Math.round(plan.steps / config.evaluations))
  let [loss, counted] = [0, 0]
  const memory = {
    keep: () => ({ loss, counted }),
    restore: (kept: { loss: number; counted: number }) => ({ loss, counted } = kept),
  }
  const { trained: params, stepSeconds } = await trainOn({
    config: data.config,
    trainable: everything(startOf(context)),
    optimizer: languageAdam(continualRate({ stages: [plan.steps], peak: config.learningRate.safety })),
    ...plan,
    memory,
    checkpoint,
    progress,
    async after(step, _, stepLoss) {
      loss += stepLoss
      counted++
      if (step % every !== 0 && step !== plan.steps) return
      log(step, { loss: loss / counted })
      ;[loss, counted] = [0, 0]
    },
  })
  const answers = await answersOf({ config: data.config, params, tokenizer: byteTokenizer }, questions)
  const bits = await domainScorer(data.config, config)(params, textsOf(data.corpora, 'test', oldDomains), testWindows(config))
  await artifact('weights.safetensors', writeSafetensors(await toArrays(params)))
  return findings(policy, questions, answers, { ...named('bpb', bits), stepSeconds })
}

function findings(policy: Policy, questions: readonly Question[], answers: readonly Answer[], more: Record<string, number>): Findings {
  const { rates, details } = refusalsOf(policy, questions, answers)
  return { measurements: { ...rates, ...more }, items: { questions: columnsOf(policy, questions, answers) }, details }
}
