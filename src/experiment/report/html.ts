import { formatInterval, formatNumber, shellCommand } from '../format.ts'
import { joined } from '../text.ts'
import type { ChecklistRow } from './checklist.ts'
import type { DrawnFigure } from './draw.ts'
import { figureAnchor, figureHtml } from './figure-html.ts'
import { anchor, anchorOf, both, escaped, folded, label, list, namedValues, small, type TableRow, table } from './markup.ts'
import { intervalNames, kindTexts, messages, outcomeTexts, reasonTexts, sentences, statisticNames, verdictTexts } from './messages.ts'
import { htmlPage, type Section } from './page.ts'
import type { ArmRow, ClaimRow, ControlRow, Report } from './report.ts'
import { barText, costRows, likeCommand, measuredText, paperText, repeatCommand, settingWords, setupRows } from './rows.ts'

export const badge = (verdict: keyof typeof verdictTexts): string =>
  `<strong class="badge ${verdict}">${both(verdictTexts[verdict])}</strong>`

const addedNote = (added: ClaimRow['added']): string => (added ? small(`${both(messages.added)}: ${both(added)}`) : '')

const answerBadge = (fails: boolean): string =>
  `<strong class="badge ${fails ? 'holds' : 'fails'}">${both(fails ? messages.failsShort : messages.doesNotFail)}</strong>`

/** The method with an essential part removed: of several controls the one that came nearest to passing. */
function controlCell({ id, control }: ClaimRow, controls: readonly ControlRow[]): string {
  if (!control) return ''
  const count = controls.filter(({ claim }) => claim === id).length
  const nearest = count > 1 ? `, ${both(sentences.nearestOf(count))}` : ''
  return `${answerBadge(control.failsAsItShould)} ${measuredText(control.measured)}${small(`<a href="#controls"><code>${escaped(control.id)}</code></a>${nearest}`)}`
}

/** Which number it is, of how many seeds, and each of them. */
const measuredCell = ({ measured, statistic, interval }: ClaimRow): string => {
  const kind = both(joined([statisticNames[statistic], intervalNames[interval]], { en: ', ', zh: '，' }))
  return `${measuredText(measured)}${small(kind)}${small(`n = ${measured.n}: ${measured.values.map((value) => formatNumber(value)).join(', ')}`)}`
}

function claimRow(claim: ClaimRow, controls: readonly ControlRow[]): TableRow {
  const { verdict, reason, provisional, added, baseline } = claim
  const id = anchorOf('claim', claim.id)
  const statement = { en: claim.statement, zh: claim.statementZh }
  const earlier = provisional ? small(`${both(messages.provisional)} ${formatNumber(provisional.original)}: ${both(provisional.note)}`) : ''
  return {
    id,
    cells: [
      `${both(statement)}${anchor(id, sentences.linkTo(statement))}${small(`<code>${escaped(claim.id)}</code>`)}${addedNote(added)}`,
      `${escaped(paperText(claim))}${small(escaped(claim.paper.where))}`,
      measuredCell(claim),
      baseline ? `${measuredText(baseline)}${small(both({ en: baseline.name, zh: baseline.nameZh }))}` : '',
      controlCell(claim, controls),
      barText(claim) + (claim.judge === 'interval' ? '' : small(both(messages[claim.judge]))) + earlier,
      badge(verdict) + (reason ? small(both(reasonTexts[reason])) : ''),
    ],
  }
}

function claimsHtml({ claims, controls }: Report): string {
  if (!claims.length) return `<p>${both(messages.noClaims)}</p>`
  const head = [messages.claim, messages.paper, messages.ours, messages.baseline, messages.control, messages.bar, messages.verdict]
  const rows = claims.map((claim) => claimRow(claim, controls))
  return `${table(head, rows, { named: true, cards: true, title: messages.claims })}<p class="description">${both(messages.statistic)}</p>`
}

const brokenClaim = ({ claim, measured, failsAsItShould, verdict, reason }: ControlRow): string => {
  const why = failsAsItShould ? '' : small(`${both(verdictTexts[verdict])}${reason ? ` · ${both(reasonTexts[reason])}` : ''}`)
  return `${answerBadge(failsAsItShould)} <a href="#${anchorOf('claim', claim)}"><code>${escaped(claim)}</code></a> ${measuredText(measured)}${why}`
}

/** A control breaks several claims: one row a control. */
function controlsHtml({ controls }: Report): string {
  const ids = [...new Set(controls.map(({ id }) => id))]
  const rows = ids.map((id) => {
    const own = controls.filter((control) => control.id === id)
    const { broken, brokenZh, added } = own[0]
    return [`<code>${escaped(id)}</code>`, both({ en: broken, zh: brokenZh }) + addedNote(added), list(own.map(brokenClaim))]
  })
  const head = [messages.control, messages.broken, messages.mustFail]
  return `<p>${both(messages.controlsWhy)}</p>${table(head, rows, { named: true, cards: true, title: messages.controls })}`
}

function armCells({ label, labelZh, kind, measurements, seeds, diverged }: ArmRow): string[][] {
  const name = both({ en: label, zh: labelZh })
  const rows = Object.entries(measurements).map(([quantity, { mean, ci95, values }]) => [
    name,
    both(kindTexts[kind]),
    `<code>${escaped(quantity)}</code>`,
    formatNumber(mean),
    formatInterval(ci95),
    values.map((value) => formatNumber(value)).join(', '),
    seeds.join(', '),
  ])
  return rows.length
    ? rows
    : [[name, both(kindTexts[kind]), both(messages.diverged), '', '', escaped(diverged?.join(' · ') ?? ''), seeds.join(', ')]]
}

const armHead = [messages.arm, messages.kind, messages.quantity, messages.mean, messages.interval, messages.perSeed, messages.seeds]

function dataHtml({ data }: Report): string {
  const kind = data.real ? messages.realData : messages.generatedData
  return namedValues([
    [messages.data, `${escaped(data.name)} (${both(kind)})`],
    [messages.source, escaped(data.source)],
    [{ en: 'sha256', zh: 'sha256' }, `<code>${escaped(data.sha256 || '–')}</code>`],
    ...(data.licence ? [[messages.licence, escaped(data.licence)] as const] : []),
  ])
}

const labelled = (rows: readonly (readonly [ChecklistRow['question'], Parameters<typeof label>[0]])[]): string =>
  namedValues(rows.map(([name, value]) => [name, label(value)]))

const checklistEntry = ({ id, question, answers, notRecorded }: ChecklistRow): string => {
  const name = anchorOf('checklist', id)
  const missing = notRecorded.map((why) => `<span class="missing">${both(messages.notRecorded)}: ${both(why)}</span>`)
  return `<dt id="${name}">${both(question)}${anchor(name, sentences.linkTo(question))}</dt><dd>${list([...answers.map(both), ...missing])}</dd>`
}

const checklistHtml = ({ checklist }: Report): string =>
  `<p class="description">${both(messages.checklistWhy)}</p><dl>${checklist.map(checklistEntry).join('')}</dl>`

const repeatHtml = (report: Report): string =>
  `<pre>${escaped([likeCommand(report), repeatCommand(report)].map(shellCommand).join('\n'))}</pre>${labelled(setupRows(report))}`

function headerHtml({ about, method, data, outcome }: Report): string {
  const paper = about && `<a href="https://arxiv.org/abs/${escaped(about.arxiv)}">arXiv ${escaped(about.arxiv)}</a>`
  return `<h1>${escaped(method)}${about ? small(escaped(about.title)) : ''}</h1>
${about ? `<p>${paper}. ${both(about.summary)}</p>` : ''}
${data.real ? '' : `<p class="warning" role="note"><strong>${both(messages.generatedData)}.</strong> ${both(messages.notReal)}</p>`}
<p class="outcome ${outcome}">${both(outcomeTexts[outcome])}</p>`
}

/** report.html */
export function htmlReport(report: Report, figures: readonly DrawnFigure[]): string {
  const { method, differences, controls } = report
  const parts = figures.map(({ figure }) => ({ id: figureAnchor(figure), title: figure.title }))
  const sections: (Section | undefined)[] = [
    { id: 'claims', title: messages.claims, html: claimsHtml(report) },
    controls.length ? { id: 'controls', title: messages.controls, html: controlsHtml(report) } : undefined,
    figures.length
      ? { id: 'figures', title: messages.figures, html: figures.map((drawn) => figureHtml(drawn)).join(''), parts }
      : undefined,
    differences.length ? { id: 'differences', title: messages.differences, html: list(differences.map(both)) } : undefined,
    { id: 'checklist', title: messages.checklist, html: checklistHtml(report) },
    { id: 'repeat', title: messages.repeat, html: repeatHtml(report) },
    { id: 'data', title: messages.data, html: dataHtml(report) },
    { id: 'cost', title: messages.cost, html: labelled(costRows(report)) },
    {
      id: 'measurements',
      title: messages.arms,
      html: table(armHead, report.arms.flatMap(armCells), { named: true, title: messages.arms }),
    },
    {
      id: 'configuration',
      title: messages.config,
      html: folded(messages.table, `<pre>${escaped(settingWords(report.config).join('\n'))}</pre>`, { printed: true }),
    },
  ]
  return htmlPage({ title: method, header: headerHtml(report), sections: sections.filter((section) => section !== undefined) })
}
