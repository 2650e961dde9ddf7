import { formatInterval, formatNumber, shellCommand } from '../format.ts'
import { inLanguage, type Label, languages, type Text } from '../text.ts'
import type { DrawnFigure } from './draw.ts'
import type { Figure } from './figure.ts'
import { pageScript, pageStyle } from './html-page.ts'
import { kindTexts, messages, outcomeTexts, reasonTexts, verdictTexts } from './messages.ts'
import type { ArmRow, ClaimRow, ControlRow, Report } from './report.ts'
import { barText, costRows, measuredText, paperText, repeatCommand, settingWords, setupRows } from './rows.ts'

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** A text in all languages; the style sheet shows the chosen one. */
const both = (text: Text): string => languages.map((language) => `<span lang="${language}">${escaped(text[language])}</span>`).join('')

const label = (text: Label): string => (typeof text === 'string' ? escaped(text) : both(text))

const row = (cells: readonly string[]): string => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`

const headRow = (cells: readonly string[]): string =>
  cells.length ? `<thead><tr>${cells.map((cell) => `<th scope="col">${cell}</th>`).join('')}</tr></thead>` : ''

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<div class="wide"><table>${headRow(head)}<tbody>${rows.map(row).join('')}</tbody></table></div>`

const section = (title: Text, body: string): string => `<section><h2>${both(title)}</h2>${body}</section>`

const badge = (verdict: keyof typeof verdictTexts): string => `<strong class="badge ${verdict}">${both(verdictTexts[verdict])}</strong>`

const addedNote = (added: Text | undefined): string => (added ? `<small>${both(messages.added)}: ${both(added)}</small>` : '')

function claimCells(claim: ClaimRow): string[] {
  const { verdict, reason, provisional, added, baseline, measured } = claim
  const note = reason ? `<small>${both(reasonTexts[reason])}</small>` : ''
  const earlier = provisional
    ? `<small>${both(messages.provisional)} ${formatNumber(provisional.original)}: ${both(provisional.note)}</small>`
    : ''
  const rule = claim.judge === 'interval' ? '' : `<small>${both(messages[claim.judge])}</small>`
  return [
    both({ en: claim.statement, zh: claim.statementZh }) + addedNote(added),
    `${escaped(paperText(claim))}<small>${escaped(claim.paper.where)}</small>`,
    `${measuredText(measured)}<small>n = ${measured.n}: ${measured.values.map((value) => formatNumber(value)).join(', ')}</small>`,
    baseline ? `${measuredText(baseline)}<small>${escaped(baseline.name)}</small>` : '',
    barText(claim) + rule + earlier,
    badge(verdict) + note,
  ]
}

const controlCells = ({ id, broken, brokenZh, claim, measured, failsAsItShould, verdict, reason, added }: ControlRow): string[] => [
  `<code>${escaped(id)}</code>`,
  both({ en: broken, zh: brokenZh }) + addedNote(added),
  `<code>${escaped(claim)}</code>`,
  measuredText(measured),
  failsAsItShould
    ? `<strong class="badge holds">${both(messages.yes)}</strong>`
    : `<strong class="badge fails">${both(messages.no)}</strong><small>${both(verdictTexts[verdict])}${reason ? ` · ${both(reasonTexts[reason])}` : ''}</small>`,
]

function armCells({ label: name, kind, measurements, seeds, diverged }: ArmRow): string[][] {
  const rows = Object.entries(measurements).map(([quantity, { mean, ci95, values }]) => [
    escaped(name),
    both(kindTexts[kind]),
    `<code>${escaped(quantity)}</code>`,
    formatNumber(mean),
    formatInterval(ci95),
    values.map((value) => formatNumber(value)).join(', '),
    seeds.join(', '),
  ])
  return rows.length
    ? rows
    : [[escaped(name), both(kindTexts[kind]), both(messages.diverged), '', '', escaped(diverged?.join(' · ') ?? ''), seeds.join(', ')]]
}

/** Rows a series that the page lists; artifacts/figures.json has all. */
const rowLimit = 200

function figureTable({ series, xLabel, yLabel, kind }: Figure): string {
  const rows = series.flatMap(({ label: name, points, band = [] }) => {
    const bandAt = new Map(band.map(([x, low, high]) => [x, [low, high]]))
    const stride = Math.ceil(points.length / rowLimit)
    return points
      .filter((_, i) => i % stride === 0 || i === points.length - 1)
      .map(([x, y, value]) => [name, x, y, ...(kind === 'heatmap' ? [value] : (bandAt.get(x) ?? ['', '']))] as const)
  })
  const cell = (value: unknown): string =>
    typeof value === 'number' ? formatNumber(value) : value === undefined ? '' : label(value as Label)
  const head = [
    both(messages.series),
    label(xLabel),
    label(yLabel),
    ...(kind === 'heatmap' ? [both(messages.value)] : [both(messages.low), both(messages.high)]),
  ]
  return `<details><summary>${both(messages.table)}</summary>${table(
    head,
    rows.map((cells) => cells.map(cell)),
  )}</details>`
}

const figureHtml = ({ figure, svg }: DrawnFigure): string =>
  `<figure><figcaption>${both(figure.title)}</figcaption>${languages.map((language) => `<div lang="${language}">${svg[language]}</div>`).join('')}<p class="description">${both(figure.ariaDescription)}</p>${figureTable(figure)}</figure>`

function dataHtml({ data }: Report): string {
  const kind = data.real ? messages.realData : messages.generatedData
  const rows: string[][] = [
    [both(messages.data), `${escaped(data.name)} (${both(kind)})`],
    [both(messages.source), escaped(data.source)],
    ['sha256', `<code>${escaped(data.sha256 || '–')}</code>`],
    ...(data.licence ? [[both(messages.licence), escaped(data.licence)]] : []),
  ]
  return table([], rows)
}

const paperLink = (arxiv: string): string => `<a href="https://arxiv.org/abs/${escaped(arxiv)}">arXiv ${escaped(arxiv)}</a>`

const named = (rows: readonly [Text, string][]): string =>
  table(
    [],
    rows.map(([name, value]) => [both(name), escaped(value)]),
  )

function claimsHtml({ claims }: Report): string {
  if (!claims.length) return `<p>${both(messages.noClaims)}</p>`
  const head = [messages.claim, messages.paper, messages.ours, messages.baseline, messages.bar, messages.verdict].map(both)
  return `${table(head, claims.map(claimCells))}<p class="description">${both(messages.statistic)}</p>`
}

function controlsHtml({ controls }: Report): string {
  const head = ['', both(messages.broken), both(messages.claim), both(messages.ours), both(messages.failsAsItShould)]
  return `<p>${both(messages.controlsWhy)}</p>${table(head, controls.map(controlCells))}`
}

/** report.html: one file with everything in it; nothing is fetched, and without scripts it shows English. */
export function htmlReport(report: Report, figures: readonly DrawnFigure[]): string {
  const { about, method, data, outcome, differences, controls } = report
  const armHead = [messages.arm, messages.kind, messages.quantity, messages.mean, messages.interval, messages.perSeed, messages.seeds].map(
    both,
  )
  const sections = [
    section(messages.claims, claimsHtml(report)),
    controls.length ? section(messages.controls, controlsHtml(report)) : '',
    figures.length ? section(messages.figures, figures.map(figureHtml).join('')) : '',
    section(messages.arms, table(armHead, report.arms.flatMap(armCells))),
    section(messages.cost, named(costRows(report))),
    section(messages.data, dataHtml(report)),
    section(messages.repeat, `<pre>${escaped(shellCommand(repeatCommand(report)))}</pre>${named(setupRows(report))}`),
    differences.length ? section(messages.differences, `<ul>${differences.map((text) => `<li>${both(text)}</li>`).join('')}</ul>`) : '',
    section(
      messages.config,
      `<details><summary>${both(messages.table)}</summary><pre>${escaped(settingWords(report.config).join('\n'))}</pre></details>`,
    ),
  ]
  return `<!doctype html>
<html lang="en" data-language="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>${escaped(method)} · Quire</title><style>${pageStyle}</style></head>
<body><main>
<header><nav aria-label="${escaped(inLanguage(messages.language, 'en'))}"><button type="button" data-choose="en">English</button><button type="button" data-choose="zh">中文</button></nav>
<h1>${escaped(method)}${about ? `<small>${escaped(about.title)}</small>` : ''}</h1>
${about ? `<p>${paperLink(about.arxiv)}. ${both(about.summary)}</p>` : ''}
${data.real ? '' : `<p class="warning" role="note"><strong>${both(messages.generatedData)}.</strong> ${both(messages.notReal)}</p>`}
<p class="outcome ${outcome}">${both(outcomeTexts[outcome])}</p></header>
${sections.join('\n')}
</main><script>${pageScript}</script></body></html>
`
}
