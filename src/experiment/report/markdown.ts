import { shellCommand } from '../format.ts'
import { inLanguage, type Text } from '../text.ts'
import type { ChecklistRow } from './checklist.ts'
import { describe } from './describe.ts'
import type { Figure } from './figure.ts'
import { intervalNames, messages, outcomeTexts, reasonTexts, statisticNames, verdictTexts } from './messages.ts'
import type { ArmRow, ClaimRow, ControlRow, Report, WorstControl } from './report.ts'
import { barText, costRows, likeCommand, measuredText, paperText, repeatCommand, settingWords, setupRows } from './rows.ts'

const escaped = (cell: string): string => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const addedText = (added: Text | undefined): string => (added ? `${messages.added.en}: ${added.en}` : '')

const controlText = ({ id, measured, failsAsItShould }: WorstControl): string =>
  `${id}: ${measuredText(measured)}, ${failsAsItShould ? messages.failsShort.en : `**${messages.doesNotFail.en}**`}`

function claimCells(claim: ClaimRow): string[] {
  const { verdict, reason, provisional, added, baseline } = claim
  const notes = [
    verdict !== 'holds' && reason ? reasonTexts[reason].en : '',
    provisional ? `${messages.provisional.en} ${provisional.original}: ${provisional.note.en}` : '',
    addedText(added),
  ].filter(Boolean)
  return [
    claim.statement,
    `${paperText(claim)} (${claim.paper.where})`,
    `${measuredText(claim.measured)}, ${statisticNames[claim.statistic].en}, ${intervalNames[claim.interval].en}, n=${claim.measured.n}`,
    baseline ? `${baseline.name}: ${measuredText(baseline)}` : '',
    claim.control ? controlText(claim.control) : '',
    barText(claim) + (claim.judge === 'interval' ? '' : ` (${messages[claim.judge].en})`),
    [`**${verdictTexts[verdict].en}**`, ...notes].join('; '),
  ]
}

const controlCells = ({ id, broken, claim, measured, failsAsItShould, verdict, reason, added }: ControlRow): string[] => [
  id,
  [broken, addedText(added)].filter(Boolean).join('; '),
  claim,
  measuredText(measured),
  failsAsItShould ? messages.yes.en : `**${messages.no.en}** (${verdictTexts[verdict].en}${reason ? `: ${reasonTexts[reason].en}` : ''})`,
]

const armCells = ({ label, measurements, seeds, diverged }: ArmRow): string[][] =>
  Object.entries(measurements).length
    ? Object.entries(measurements).map(([name, measured]) => [label, name, measuredText(measured), seeds.join(', ')])
    : [[label, messages.diverged.en, diverged?.[0] ?? '', seeds.join(', ')]]

const claimHead = [messages.claim, messages.paper, messages.ours, messages.baseline, messages.control, messages.bar, messages.verdict]

const checklistText = ({ question, answers, notRecorded }: ChecklistRow): string =>
  [
    `**${question.en}**`,
    '',
    ...answers.map(({ en }) => `- ${en}`),
    ...notRecorded.map(({ en }) => `- _${messages.notRecorded.en}:_ ${en}`),
  ].join('\n')

/** A figure with its data in words, and what its author expects to be seen. */
const figureText = (figure: Figure): string =>
  `### ${figure.title.en}\n\n![${describe(figure).en.replace(/[[\]\n]/g, ' ')}](artifacts/${figure.id}.svg)\n\n_${messages.expected.en}_ ${figure.ariaDescription.en}`

/** report.md */
export function markdownReport(report: Report, figures: readonly Figure[]): string {
  const { about, data, claims, controls, differences } = report
  const parts = [
    `# ${report.method}: ${about?.title ?? messages.report.en}`,
    about && `[arXiv ${about.arxiv}](https://arxiv.org/abs/${about.arxiv}). ${about.summary.en}`,
    data.real ? '' : `> **${messages.generatedData.en.toUpperCase()}.** ${messages.notReal.en}`,
    `**${outcomeTexts[report.outcome].en}**`,
    `## ${messages.claims.en}`,
    claims.length
      ? table(
          claimHead.map(({ en }) => en),
          claims.map(claimCells),
        )
      : messages.noClaims.en,
    claims.length ? messages.statistic.en : '',
    controls.length ? `## ${messages.controls.en}\n\n${messages.controlsWhy.en}` : '',
    controls.length
      ? table(['', messages.broken.en, messages.claim.en, messages.ours.en, messages.failsAsItShould.en], controls.map(controlCells))
      : '',
    figures.length ? `## ${messages.figures.en}` : '',
    ...figures.map(figureText),
    `## ${messages.arms.en}`,
    table([messages.arm.en, messages.quantity.en, messages.ours.en, messages.seeds.en], report.arms.flatMap(armCells)),
    `## ${messages.cost.en}`,
    table(
      ['', ''],
      costRows(report).map(([name, value]) => [name.en, inLanguage(value, 'en')]),
    ),
    `## ${messages.data.en}`,
    `${data.name} (${data.real ? messages.realData.en : messages.generatedData.en}). ${messages.source.en}: ${data.source}. sha256 ${data.sha256 || messages.none.en}.${data.licence ? ` ${messages.licence.en}: ${data.licence}.` : ''}`,
    `## ${messages.repeat.en}`,
    `\`\`\`\n${[likeCommand(report), repeatCommand(report)].map(shellCommand).join('\n')}\n\`\`\``,
    table(
      ['', ''],
      setupRows(report).map(([name, value]) => [name.en, inLanguage(value, 'en')]),
    ),
    differences.length ? `## ${messages.differences.en}\n\n${differences.map(({ en }) => `- ${en}`).join('\n')}` : '',
    `## ${messages.checklist.en}\n\n${messages.checklistWhy.en}`,
    ...report.checklist.map(checklistText),
    `## ${messages.config.en}\n\n\`\`\`\n${settingWords(report.config).join('\n')}\n\`\`\``,
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}
