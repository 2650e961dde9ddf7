import { formatNumber } from '../../../experiment/format.ts'
import { messages, reasonTexts, sentences as reportSentences, statisticNames } from '../../../experiment/report/messages.ts'
import type { ClaimRow, ControlRow } from '../../../experiment/report/report.ts'
import { barText, measuredText, paperText } from '../../../experiment/report/rows.ts'
import type { Text } from '../../../experiment/text.ts'
import { texts } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'
import { VerdictBadge } from './badge.tsx'
import { Interval } from './interval.tsx'

/** A judged claim, from a report or from the short form of one. */
export interface ShownClaim extends Omit<ClaimRow, 'statement' | 'statementZh' | 'baseline' | 'control'> {
  readonly statement: Text
  readonly baseline: (Omit<NonNullable<ClaimRow['baseline']>, 'name' | 'nameZh'> & { readonly name: Text }) | null
  readonly control: Pick<ControlRow, 'id' | 'measured' | 'failsAsItShould'> | null
  /** Of how many controls this is the one that came nearest. */
  readonly controls: number
}

/** Claims with their intervals beside their bars. */
export function Claims({ claims }: { readonly claims: readonly ShownClaim[] }) {
  const t = useText()
  return (
    <>
      <div class="wide">
        <table class="claims cards">
          <caption class="unseen">{t(messages.claims)}</caption>
          <thead>
            <tr>
              {[messages.claim, messages.verdict, messages.ours, messages.bar, messages.baseline, messages.control].map((text) => (
                <th key={text.en} scope="col">
                  {t(text)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {claims.map((claim) => (
              <Claim key={claim.id} claim={claim} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="note">{t(texts.claimsAxisNote)}</p>
    </>
  )
}

function Claim({ claim }: { readonly claim: ShownClaim }) {
  const t = useText()
  const { id, statement, paper, verdict, reason, measured, baseline, threshold, direction, judge, statistic, provisional, added } = claim
  return (
    <tr id={`claim-${id}`}>
      <th scope="row">
        {t(statement)}
        <small>
          <code>{id}</code>
          {added && ` · ${t(messages.added)}: ${t(added)}`}
        </small>
      </th>
      <td data-name={t(messages.verdict)}>
        <VerdictBadge verdict={verdict} />
        {reason && <small>{t(reasonTexts[reason])}</small>}
      </td>
      <td data-name={t(messages.ours)}>
        <Interval
          verdict={verdict}
          numbers={{
            threshold,
            direction,
            estimate: measured.estimate,
            interval: measured.ci95,
            values: measured.values,
            control: claim.control ? { estimate: claim.control.measured.estimate, interval: claim.control.measured.ci95 } : undefined,
          }}
        />
        <span class="numbers">{measuredText(measured)}</span>
        <small>
          {t(statisticNames[statistic])}, n = {measured.n}
        </small>
      </td>
      <td data-name={t(messages.bar)}>
        <span class="numbers">{barText({ threshold, direction })}</span>
        {judge !== 'interval' && <small>{t(messages[judge])}</small>}
        {provisional && (
          <small>
            {t(messages.provisional)} {formatNumber(provisional.original)}: {t(provisional.note)}
          </small>
        )}
        <small>
          {t(texts.paperSays)}: {paperText({ paper })} · {paper.where}
        </small>
      </td>
      <td data-name={t(messages.baseline)}>
        {baseline && (
          <>
            <span class="numbers">{measuredText(baseline)}</span>
            <small>{t(baseline.name)}</small>
          </>
        )}
      </td>
      <td data-name={t(messages.control)}>{claim.control && <ControlCell claim={claim} />}</td>
    </tr>
  )
}

function ControlCell({ claim: { control, controls } }: { readonly claim: ShownClaim }) {
  const t = useText()
  const { id, measured, failsAsItShould } = control!
  return (
    <>
      <span class={failsAsItShould ? 'numbers' : 'numbers warns'}>
        {t(failsAsItShould ? messages.failsShort : messages.doesNotFail)} {measuredText(measured)}
      </span>
      <small>
        <code>{id}</code>
        {controls > 1 && ` · ${t(reportSentences.nearestOf(controls))}`}
      </small>
    </>
  )
}
