import type { Report } from '../../../experiment/report/report.ts'
import { sameText } from '../../../experiment/text.ts'
import type { KeptRun, PaperPage } from '../../api.ts'
import type { ShownClaim } from './claims.tsx'

/** The claims of a report. */
export const claimsOfReport = ({ claims, controls }: Pick<Report, 'claims' | 'controls'>): ShownClaim[] =>
  claims.map(({ statement, statementZh, baseline, ...claim }) => ({
    ...asJudgedNow(claim),
    statement: { en: statement, zh: statementZh ?? statement },
    baseline: baseline && { ...baseline, name: { en: baseline.name, zh: baseline.nameZh ?? baseline.name } },
    controls: controls.filter((control) => control.claim === claim.id).length,
  }))

/** Reports from before other statistics than the mean were judged do not name theirs, nor an estimate beside the mean. */
const asJudgedNow = <C extends Pick<ShownClaim, 'statistic' | 'measured'>>(claim: C): C => ({
  ...claim,
  statistic: claim.statistic ?? 'mean',
  measured: { ...claim.measured, estimate: claim.measured.estimate === undefined ? claim.measured.mean : claim.measured.estimate },
})

/** The claims of the run that is kept with a paper, in the words of the paper's page. */
export const claimsOfKept = (kept: KeptRun, { claims }: Pick<PaperPage, 'claims'>): ShownClaim[] =>
  kept.claims.map(({ statement, baseline, ...claim }) => {
    const own = kept.controls.filter((control) => control.claim === claim.id)
    const said = claims.find(({ id }) => id === claim.id)
    return {
      ...claim,
      statement: said?.statement ?? sameText(statement),
      baseline: baseline && { ...baseline, name: said?.baseline ?? sameText(baseline.name) },
      control: nearest(own, claim.direction),
      controls: own.length,
    }
  })

type KeptControl = KeptRun['controls'][number]

/** The control that came nearest to passing: one that does not fail, else the one nearest to the bar. */
function nearest(controls: readonly KeptControl[], direction: ShownClaim['direction']): KeptControl | null {
  const sign = direction === 'atLeast' ? 1 : -1
  const merit = ({ failsAsItShould, measured: { estimate } }: KeptControl) =>
    failsAsItShould ? (estimate === null ? Number.NEGATIVE_INFINITY : sign * estimate) : Number.POSITIVE_INFINITY
  return controls.reduce<KeptControl | null>((best, other) => (best === null || merit(other) > merit(best) ? other : best), null)
}
