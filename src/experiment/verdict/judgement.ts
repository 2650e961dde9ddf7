import type { PlainObject } from '../config.ts'
import type { Claim, Control, Experiment, UnitRecord } from '../definition.ts'
import { type Results, unitOf, unitsOf } from './results.ts'
import { summarize } from './statistics.ts'
import { type Judgement, judge, type Verdict } from './verdict.ts'

export interface JudgedClaim {
  readonly claim: Claim
  readonly judgement: Judgement
  readonly seeds: readonly number[]
  readonly baseline?: {
    readonly name: string
    readonly mean: number
    readonly ci95?: readonly [number, number]
    readonly values: readonly number[]
  }
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

function measureSeed(results: Results, claim: Claim, own: UnitRecord): number {
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
  )
}

function baselineOf(results: Results, { baseline }: Claim): JudgedClaim['baseline'] {
  if (!baseline) return undefined
  const values = unitsOf(results, baseline.arm).map((unit) => (unit.diverged === undefined ? baseline.value(unit) : Number.NaN))
  const name = results.arms.find(({ id }) => id === baseline.arm)?.label ?? baseline.arm
  const { mean, ci95 } = summarize(values)
  return { name, mean, ci95, values }
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

/** Too few seeds to judge is no fault of a control. */
const doesNotFail = ({ judgement: { verdict, reason } }: JudgedControl): boolean =>
  verdict === 'holds' || (verdict === 'undecided' && reason !== 'tooFewSeeds' && reason !== 'missing')

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
