/**
 * Aurora-M (arXiv 2404.00399): continual pre-training in two stages, what it forgets, cleaning of web text, and alignment with a safety policy.
 *
 * @module
 */
export {
  charSetFraction,
  type Decision,
  digitRatio,
  type Filter,
  maxChars,
  minChars,
  repeatedLineRatio,
  repeatedNgramRatio,
  type Script,
  symbolRatio,
} from './cleaning/filters.ts'
export { type MinhashOptions, minhashDedup } from './cleaning/minhash.ts'
export { type Cleaned, clean } from './cleaning/pipeline.ts'
export { linearQuality, type QualityModel, type QualityOptions, trainQuality } from './cleaning/quality.ts'
export { analyseFertility, type Fertility } from './fertility.ts'
export { type DomainChange, type ForgettingReport, forgettingOf, type StageScores } from './forgetting.ts'
export { anchored, averaged } from './remedies.ts'
export { type AnswerOptions, evaluateSafety } from './safety/evaluate.ts'
export { type Judge, type Judged, type Rate, regexJudge, type SafetyRates, type SafetyReport, templateJudge } from './safety/judges.ts'
export { buildRedTeamSet, type InstructionPair, policySchema, type RedTeamPolicy } from './safety/red-team.ts'
export { continualRate, type ScheduleOptions } from './schedule.ts'
