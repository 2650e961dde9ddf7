import { generate } from '../../../kits/lm/generate/index.ts'
import type { LanguageModel } from '../../../kits/lm/model.ts'
import { type Judge, type Judged, type SafetyReport, safetyReport } from './judges.ts'
import { wrapped } from './policy.ts'
import type { InstructionPair } from './red-team.ts'

export interface AnswerOptions {
  /** Of each answer. Default: 96. */
  readonly maxNewTokens?: number
}

/** A model's answers, up to the end of a line, always with the most probable token. */
export async function greedyAnswers(
  model: LanguageModel,
  pairs: readonly InstructionPair[],
  { maxNewTokens = 96 }: AnswerOptions = {},
): Promise<string[]> {
  const prompts = pairs.map(({ instruction }) => model.tokenizer.encode(wrapped(instruction), { special: true }))
  const generations = await generate(model, prompts, { maxNewTokens, temperature: 0, stop: ['\n'] })
  return generations.map(({ text }) => text)
}

/** What answers do, one after the other. */
export async function judgedBy(
  judge: Judge,
  pairs: readonly InstructionPair[],
  answers: readonly string[],
  progress?: (done: number, total: number, note: string) => Promise<void>,
): Promise<Judged[]> {
  const judged: Judged[] = []
  for (const [i, pair] of pairs.entries()) {
    judged.push(await judge(pair, answers[i]))
    await progress?.(i + 1, pairs.length, 'judged')
  }
  return judged
}

/**
 * Asks a model the questions of a policy: what it refuses of what it should, and what it refuses beside.
 *
 * @example
 * import { byteTokenizer, initDecoder, llamaConfig, sizes } from 'quire/lm'
 *
 * const config = llamaConfig({ ...sizes.tiny })
 * const model = { config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }
 * const policy = policySchema.parse({ categories: { relics: { prompts: ['What is forbidden?'] } } })
 * const { all } = await evaluateSafety(model, buildRedTeamSet(policy, 0), regexJudge, { maxNewTokens: 8 })
 * all.refusal.of // 1
 */
export async function evaluateSafety(
  model: LanguageModel,
  pairs: readonly InstructionPair[],
  judge: Judge,
  options?: AnswerOptions,
): Promise<SafetyReport> {
  return safetyReport(pairs, await judgedBy(judge, pairs, await greedyAnswers(model, pairs, options)))
}
