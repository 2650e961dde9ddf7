import type { PlainObject } from '../config.ts'
import type { Claim, Control, Experiment, UnitRecord } from '../definition.ts'
import type { Label } from '../text.ts'
import { labelOf, type Results, unitOf, unitsOf } from './results.ts'
import { isStratified, perSeed, type Score, type Strata, strataOf } from './scores.ts'
import { type Summary, summarize } from './statistics.ts'
import { type Judgement, judge, type Reason, type Verdict } from './verdict.ts'

export interface JudgedClaim {
  readonly claim: Claim
  readonly judgement: Judgement
  readonly seeds: readonly number[]
  readonly baseline?: Summary & { readonly name: Label; readonly strata?: Strata }
}

export interface JudgedControl {
  readonly control: Control
  readonly claim: string
  readonly judgement: Judgement
  readonly failsAsItShould: boolean
}

/** A claim asks for a unit that there is not, or that went to infinity: its value is then not a number. */
class NoSuchUnit extends Error {}

function usable(results: Results, arm: string, seed: number): UnitRecord {
  const unit = unitOf(results, arm, seed)
  if (!unit || unit.diverged !== undefined) throw new NoSuchUnit(arm)
  return unit
}

function measureSeed(results: Results, claim: Claim, own: UnitRecord): Score {
  const unit = (arm: string) => usable(results, arm, own.seed)
  const context = {
    seed: own.seed,
    unit,
    get baseline() {
      return unit(claim.baseline?.arm ?? claim.arm)
    },
  }
  if (own.diverged !== undefined) return Number.NaN
  try {
    return claim.measure(own, context) ?? Number.NaN
  } catch (error) {
    if (error instanceof NoSuchUnit) return Number.NaN
    throw error
  }
}

/** Judges a claim about one arm: the one it is about, or a control in its place. */
function judgeArm(results: Results, claim: Claim, arm: string): Judgement {
  const own = unitsOf(results, arm)
  return judge(
    own.map((unit) => measureSeed(results, claim, unit)),
    claim,
    baselineScores(results, claim),
  )
}

const baselineScores = (results: Results, { baseline }: Claim): Score[] =>
  baseline ? unitsOf(results, baseline.arm).map((unit) => (unit.diverged === undefined ? baseline.value(unit) : Number.NaN)) : []

function baselineOf(results: Results, claim: Claim): JudgedClaim['baseline'] {
  if (!claim.baseline) return undefined
  const { arm } = claim.baseline
  const scores = baselineScores(results, claim)
  const strata = strataOf(scores)
  return { name: labelOf(results, arm), ...summarize(perSeed(strata)), ...(isStratified(scores) && { strata }) }
}

/** The claims that a run of this config judges, and the controls that must break them. */
export function judgedIn({ claims, controls }: Pick<Experiment, 'claims' | 'controls'>, config: PlainObject) {
  const judged = claims.filter(({ when }) => when?.(config) ?? true)
  const ids = new Set(judged.map(({ id }) => id))
  const broken = controls.map((control) => ({ ...control, breaks: control.breaks.filter((id) => ids.has(id)) }))
  return { claims: judged, controls: broken.filter(({ breaks }) => breaks.length > 0) }
}

export const judgeClaims = ({ claims }: Pick<Experiment, 'claims'>, results: Results): JudgedClaim[] =>
  claims.map((claim) => ({
    claim,
    judgement: judgeArm(results, claim, claim.arm),
    seeds: unitsOf(results, claim.arm).map(({ seed }) => seed),
    baseline: baselineOf(results, claim),
  }))

/** Each control in the method's place, once for every claim that it must break. */
export const judgeControls = ({ claims, controls }: Pick<Experiment, 'claims' | 'controls'>, results: Results): JudgedControl[] =>
  controls.flatMap((control) =>
    control.breaks.map((id) => {
      const judgement = judgeArm(results, claims.find((claim) => claim.id === id)!, control.arm)
      return { control, claim: id, judgement, failsAsItShould: judgement.verdict === 'fails' }
    }),
  )

const tooFew: readonly Reason[] = ['tooFewSeeds', 'tooFewRuns', 'missing']

/** Too few seeds to judge is no fault of a control. */
const doesNotFail = ({ judgement: { verdict, reason } }: JudgedControl): boolean =>
  verdict === 'holds' || (verdict === 'undecided' && !tooFew.includes(reason!))

/** Of the controls that must fail a claim, the one that comes nearest to passing it: one that does not fail, else the nearest to the bar. */
export function worstControl({ id, direction }: Claim, controls: readonly JudgedControl[]): JudgedControl | undefined {
  const sign = direction === 'atLeast' ? 1 : -1
  const merit = ({ failsAsItShould, judgement: { estimate } }: JudgedControl) =>
    failsAsItShould ? (Number.isFinite(estimate) ? sign * estimate : Number.NEGATIVE_INFINITY) : Number.POSITIVE_INFINITY
  const own = controls.filter(({ claim }) => claim === id)
  return own.length === 0 ? undefined : own.reduce((worst, other) => (merit(other) > merit(worst) ? other : worst))
}

export type Outcome = Verdict | 'controlHolds' | 'notJudged'

/** What a whole run says; a control that does not fail is worse than anything but a failing claim. */
export function outcomeOf(claims: readonly JudgedClaim[], controls: readonly JudgedControl[]): Outcome {
  if (!claims.length) return 'notJudged'
  const verdicts = claims.map(({ judgement }) => judgement.verdict)
  if (verdicts.includes('fails')) return 'fails'
  if (controls.some(doesNotFail)) return 'controlHolds'
  return verdicts.includes('undecided') || controls.some(({ failsAsItShould }) => !failsAsItShould) ? 'undecided' : 'holds'
}

/** The exit status of `quire run`. */
export const exitStatusOf = (outcome: Outcome): 0 | 1 | 3 =>
  outcome === 'fails' || outcome === 'controlHolds' ? 1 : outcome === 'undecided' ? 3 : 0
