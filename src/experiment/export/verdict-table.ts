import { messages, outcomeTexts, verdictTexts } from '../report/messages.ts'
import type { Report } from '../report/report.ts'
import { barText, measuredText, paperText } from '../report/rows.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`

/** The verdicts as a short Markdown text, for trackers that show one beside a run. */
export function verdictTable({ method, about, data, outcome, claims, controls }: Report): string {
  const head = ['claim', 'ours', 'bar', 'paper', 'verdict'].map((key) => messages[key as keyof typeof messages].en)
  const claimRows = claims.map((claim) => [
    claim.statement,
    measuredText(claim.measured),
    barText(claim),
    paperText(claim),
    verdictTexts[claim.verdict].en,
  ])
  const controlLines = controls.map(
    ({ id, claim, failsAsItShould }) => `- ${id} (${claim}): ${failsAsItShould ? messages.failsAsItShould.en : verdictTexts.fails.en}`,
  )
  return [
    `**${method}**${about ? `: ${about.title}, [arXiv ${about.arxiv}](https://arxiv.org/abs/${about.arxiv})` : ''}`,
    data.real ? '' : `**${messages.generatedData.en.toUpperCase()}.** ${messages.notReal.en}`,
    outcomeTexts[outcome].en,
    claims.length ? [row(head), row(head.map(() => '---')), ...claimRows.map(row)].join('\n') : messages.noClaims.en,
    controlLines.length ? `${messages.controls.en}:\n\n${controlLines.join('\n')}` : '',
  ]
    .filter(Boolean)
    .join('\n\n')
}
