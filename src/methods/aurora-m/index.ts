/**
 * Aurora-M (arXiv 2404.00399): continual pre-training in two stages, what it forgets, and alignment with a safety policy.
 *
 * @module
 */
export { analyseFertility, type Fertility } from './fertility.ts'
export { type DomainChange, type ForgettingReport, forgettingOf, type StageScores } from './forgetting.ts'
