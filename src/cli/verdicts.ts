import { messages, outcomeTexts, reasonTexts, verdictTexts } from '../experiment/report/messages.ts'
import type { ClaimRow, ControlRow, Report } from '../experiment/report/report.ts'
import { barText, costRows, measuredText, paperText } from '../experiment/report/rows.ts'
import { inLanguage } from '../experiment/text.ts'
import type { Verdict } from '../experiment/verdict/verdict.ts'
import { aligned, type painter, type Style, wrapped } from './style.ts'

type Paint = ReturnType<typeof painter>

const colours: Readonly<Record<Verdict, Style>> = { holds: 'green', fails: 'red', undecided: 'yellow' }

const why = ({ verdict, reason }: Pick<ClaimRow, 'verdict' | 'reason'>): string =>
  verdict !== 'holds' && reason ? ` (${reasonTexts[reason].en})` : ''

const added = (row: Pick<ClaimRow, 'added'>): string => (row.added ? ` · ${messages.added.en}` : '')

function claimLines(claims: readonly ClaimRow[], paint: Paint): string[] {
  const rows = claims.map((claim) => [
    claim.id,
    measuredText(claim.measured),
    barText(claim),
    paperText(claim),
    claim.baseline ? `${measuredText(claim.baseline)} ${claim.baseline.name}` : '',
    verdictTexts[claim.verdict].en,
  ])
  const [head, ...lines] = aligned([['claim', 'ours [95 %]', 'bar', 'paper', 'baseline', 'verdict'], ...rows])
  return [paint('dim', head), ...lines.map((line, i) => coloured(line, claims[i], paint) + why(claims[i]) + added(claims[i]))]
}

/** The verdict is the last word of its line. */
const coloured = (line: string, { verdict }: Pick<ClaimRow, 'verdict'>, paint: Paint): string => {
  const word = verdictTexts[verdict].en
  return line.slice(0, line.length - word.length) + paint(colours[verdict], word)
}

function controlLines(controls: readonly ControlRow[], paint: Paint): string[] {
  const rows = controls.map(({ id, claim, measured, broken }) => [id, claim, measuredText(measured), broken])
  return aligned([['control', 'claim', 'ours [95 %]', 'broken on purpose'], ...rows]).map((line, i) => {
    if (i === 0) return paint('dim', line)
    const control = controls[i - 1]
    if (control.failsAsItShould) return `${line}: ${paint('green', 'fails as it should')}${added(control)}`
    if (control.reason === 'tooFewSeeds' || control.reason === 'tooFewRuns')
      return `${line}: ${paint('yellow', 'not judged')}${why(control)}${added(control)}`
    return `${line}: ${paint('red', 'DOES NOT FAIL')} — ${verdictTexts[control.verdict].en}${why(control)}${added(control)}`
  })
}

/** What a finished run says on the terminal. */
export function verdictLines(report: Report, folder: string, paint: Paint): string[] {
  const { claims, controls, data, arms, outcome } = report
  const diverged = arms.flatMap((arm) => (arm.diverged ?? []).map((what) => `${arm.label} diverged: ${what}`))
  return [
    ...(data.real ? [] : [paint('red', `GENERATED DATA, NOT REAL: ${data.name}. ${messages.notReal.en}`), '']),
    ...diverged.map((line) => paint('red', line)),
    ...(claims.length ? [...claimLines(claims, paint), '', ...controlLines(controls, paint)] : wrapped(messages.noClaims.en)),
    ...(outcome === 'notJudged' ? [] : ['', outcomeTexts[outcome].en]),
    costRows(report)
      .map(([name, value]) => `${name.en.toLowerCase()} ${inLanguage(value, 'en')}`)
      .join(' · '),
    `report: ${folder}/report.html`,
  ]
}
