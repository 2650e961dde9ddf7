import { dateText, type Text } from '../../text.ts'
import { drawPair } from '../draw.ts'
import { figureAnchor, figureHtml } from '../figure-html.ts'
import { badge } from '../html.ts'
import { anchor, anchorOf, both, escaped, label, small, type TableRow, table } from '../markup.ts'
import { messages, outcomeTexts, sentences } from '../messages.ts'
import { htmlPage, type Section } from '../page.ts'
import { barText, measuredText } from '../rows.ts'
import type { Change, ClaimChange, ClaimSide, Comparison, QuantityChange, Side } from './comparison.ts'
import { differenceMethods, comparisonMessages as say } from './comparison-messages.ts'
import { costValues, differenceText } from './comparison-rows.ts'

const differenceCell = (difference: ClaimChange['difference']): string =>
  difference ? `${differenceText(difference)}${small(both(differenceMethods[difference.method]))}` : ''

const sideCell = (side: ClaimSide | null): string =>
  side ? `${measuredText(side)}${small(`n = ${side.n}, ${barText(side.bar)}`)}` : both(say.absent)

const verdictCell = ({ a, b, verdictChanged }: ClaimChange): string => {
  const [first, second] = [a, b].map((side) => (side ? badge(side.verdict) : both(say.absent)))
  return verdictChanged ? `${first} → ${second}` : second
}

function claimRow(claim: ClaimChange): TableRow {
  const id = anchorOf('claim', claim.id)
  const statement = { en: claim.statement, zh: claim.statementZh }
  const name = `${both(statement)}${anchor(id, sentences.linkTo(statement))}${small(`<code>${escaped(claim.id)}</code>`)}`
  return { id, cells: [name, sideCell(claim.a), sideCell(claim.b), differenceCell(claim.difference), verdictCell(claim)] }
}

const changesHtml = (changes: readonly Change[]): string =>
  changes.length
    ? table(
        [messages.key, say.a, say.b],
        changes.map(({ key, a, b }) => [
          `<code>${escaped(key)}</code>`,
          ...[a, b].map((value) => (value === null ? both(say.absent) : escaped(value))),
        ]),
        { named: true, cards: true },
      )
    : `<p>${both(say.same)}</p>`

const quantityRow = ({ arm, quantity, a, b, difference }: QuantityChange): string[] => [
  escaped(arm),
  `<code>${escaped(quantity)}</code>`,
  measuredText(a),
  measuredText(b),
  differenceCell(difference),
]

function runsHtml({ a, b }: Comparison): string {
  const row = (name: Text, value: (side: Comparison['a']) => string) => [both(name), value(a), value(b)]
  return table(
    [say.run, say.a, say.b],
    [
      row(say.folder, ({ folder }) => escaped(folder)),
      row(messages.preset, ({ preset }) => escaped(preset)),
      row(messages.seeds, ({ seeds }) => seeds.join(', ')),
      row(messages.started, ({ started }) => both(dateText(started))),
      row(say.outcome, ({ outcome }) => both(outcomeTexts[outcome])),
    ],
    { named: true, cards: true },
  )
}

const costHtml = (comparison: Comparison): string =>
  table(
    [messages.cost, say.a, say.b, say.ratio],
    costValues(comparison).map(({ name, a, b, ratio }) => [both(name), label(a), label(b), ratio]),
    { named: true },
  )

/** Figures that both have, with the same axes; then those of one alone would show nothing beside it and are left to its report. */
async function figuresHtml(a: Side, b: Side): Promise<{ html: string; parts: Section['parts'] }> {
  const pairs = a.figures.flatMap((figure) => {
    const other = b.figures.find(({ id, kind }) => id === figure.id && kind === figure.kind)
    return other ? [[figure, other] as const] : []
  })
  const html: string[] = []
  for (const [own, other] of pairs) {
    const drawn = await drawPair(own, other)
    const sides = drawn.map((one, i) => figureHtml(one, { side: `-${'ab'[i]}`, heading: `${'AB'[i]}: ${both(one.figure.title)}` }))
    html.push(`<div class="pair">${sides.join('')}</div>`)
  }
  return { html: html.join(''), parts: pairs.map(([figure]) => ({ id: figureAnchor(figure, '-a'), title: figure.title })) }
}

const controlsHtml = ({ controls }: Comparison): string =>
  table(
    [messages.control, messages.claim, say.a, say.b],
    controls.map(({ id, claim, a, b }) => [
      `<code>${escaped(id)}</code>`,
      `<code>${escaped(claim)}</code>`,
      ...[a, b].map((fails) => both(fails === null ? say.absent : fails ? say.fails : say.doesNotFail)),
    ]),
    { named: true, cards: true },
  )

/** The page of a comparison: one file, both languages, nothing fetched. */
export async function comparisonHtml(comparison: Comparison, a: Side, b: Side): Promise<string> {
  const { claims, agreement, method } = comparison
  const changed = claims.filter(({ verdictChanged }) => verdictChanged).length
  const figures = await figuresHtml(a, b)
  const header = `<h1>${both(say.title(method))}</h1>
<p class="outcome">${both(changed ? say.verdictsChanged(changed) : say.verdictsSame)} ${both(agreement.identical ? say.identical(agreement.numbers) : say.differing(agreement))}</p>`
  const sections: (Section | undefined)[] = [
    { id: 'runs', title: say.runs, html: runsHtml(comparison) },
    {
      id: 'claims',
      title: messages.claims,
      html: claims.length
        ? `${table([messages.claim, say.a, say.b, say.difference, say.verdicts], claims.map(claimRow), { named: true, cards: true })}<p class="description">${both(say.how)}</p>`
        : `<p>${both(messages.noClaims)}</p>`,
    },
    comparison.controls.length ? { id: 'controls', title: say.controls, html: controlsHtml(comparison) } : undefined,
    { id: 'configuration', title: say.config, html: changesHtml(comparison.config) },
    { id: 'setup', title: say.setup, html: changesHtml(comparison.setup) },
    { id: 'cost', title: messages.cost, html: costHtml(comparison) },
    figures.html ? { id: 'figures', title: messages.figures, ...figures } : undefined,
    {
      id: 'measurements',
      title: say.quantities,
      html: table([messages.arm, messages.quantity, say.a, say.b, say.difference], comparison.quantities.map(quantityRow), { named: true }),
    },
  ]
  return htmlPage({ title: say.title(method).en, header, sections: sections.filter((section) => section !== undefined) })
}
