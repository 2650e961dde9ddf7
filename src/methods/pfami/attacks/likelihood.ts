import { calibrated, fluctuation, meanScores, metErrors, metScores } from '../fluctuation.ts'
import { type LossTable, ownLosses } from '../losses.ts'
import type { Outcome, Scene, Tables } from './attack.ts'

/** Attacks on losses of the record and of its neighbours. */
export function likelihoodOutcomes(tables: Tables, scene: Pick<Scene, 'neighbours' | 'antithetic'>): Record<string, Outcome> {
  const { target, reference, matched } = tables
  return {
    loss: lossOutcome(target),
    'loss-matched': lossOutcome(matched.target),
    'pfami-uncalibrated': metOutcome(target, undefined, scene),
    ...(reference && {
      'loss-calibrated': lossOutcome(target, reference),
      'loss-calibrated-matched': lossOutcome(matched.target, matched.reference),
      'pfami-met': metOutcome(target, reference, scene),
      'pfami-mean': meanOutcome(target, reference),
    }),
  }
}

const negated = (values: Float64Array): Float64Array => values.map((value) => -value)

/** −l(x), or −(l_target(x) − l_reference(x)): calibration without fluctuation (Chen et al. 2020). */
function lossOutcome(target: LossTable, reference?: LossTable): Outcome {
  const own = ownLosses(target)
  const other = reference && ownLosses(reference)
  const queries = ((target.queries + (reference?.queries ?? 0)) * 1) / target.versions
  return { variants: { mean: negated(other ? own.map((loss, n) => loss - other[n]) : own) }, usual: 'mean', queries }
}

/** PFAMI-Met: one variant for each strength. */
function metOutcome(
  target: LossTable,
  reference: LossTable | undefined,
  { neighbours, antithetic }: Pick<Scene, 'neighbours' | 'antithetic'>,
): Outcome {
  const difference = calibrated(fluctuation(target), reference && fluctuation(reference))
  const names = strengthNames(neighbours.strengths)
  const each = <T>(of: (j: number) => T) => Object.fromEntries(names.map((name, j) => [name, of(j)]))
  return {
    variants: each((j) => metScores(difference, j)),
    usual: names[neighbours.usual],
    errors: each((j) => metErrors(target, reference, j, { antithetic })),
    queries: target.queries + (reference?.queries ?? 0),
  }
}

const meanOutcome = (target: LossTable, reference: LossTable): Outcome => ({
  variants: { mean: meanScores(calibrated(fluctuation(target), fluctuation(reference))) },
  usual: 'mean',
  queries: target.queries + reference.queries,
})

/** Equal strengths (of the identity) are told apart by their column. */
function strengthNames(strengths: readonly number[]): string[] {
  const names = strengths.map((strength) => `strength=${Number(strength.toPrecision(3))}`)
  return names.map((name, j) => (names.indexOf(name) === j ? name : `${name}#${j}`))
}
