import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { InputError } from '../engine/errors.ts'
import { type ClaimChange, type ClaimSide, type Comparison, compareRuns } from '../experiment/report/comparison/comparison.ts'
import { differenceMethods, comparisonMessages as say } from '../experiment/report/comparison/comparison-messages.ts'
import { costValues, differenceText } from '../experiment/report/comparison/comparison-rows.ts'
import { readSide } from '../experiment/report/comparison/side.ts'
import { verdictTexts } from '../experiment/report/messages.ts'
import { measuredText } from '../experiment/report/rows.ts'
import { asInputError, writeAtomically } from '../experiment/run/disk.ts'
import { inLanguage } from '../experiment/text.ts'
import type { Shell } from './cli.ts'
import type { ReportOptions } from './report.ts'
import { aligned, painter } from './style.ts'

type Paint = ReturnType<typeof painter>

const sideText = (side: ClaimSide | null): string => (side ? measuredText(side) : say.absent.en)

const verdictText = ({ a, b, verdictChanged }: ClaimChange): string => {
  const [first, second] = [a, b].map((side) => (side ? verdictTexts[side.verdict].en : say.absent.en))
  return verdictChanged ? `${first} → ${second}` : second
}

function claimLines(claims: readonly ClaimChange[], paint: Paint): string[] {
  const rows = claims.map((claim) => [
    claim.id,
    sideText(claim.a),
    sideText(claim.b),
    claim.difference ? differenceText(claim.difference) : '',
    claim.difference ? differenceMethods[claim.difference.method].en : '',
    verdictText(claim),
  ])
  const [head, ...lines] = aligned([['claim', 'A [95 %]', 'B [95 %]', 'B − A [95 %]', '', 'verdict'], ...rows])
  return [paint('dim', head), ...lines.map((line, i) => (claims[i].verdictChanged ? paint('yellow', line) : line))]
}

const changeLines = (title: string, changes: Comparison['config'], paint: Paint): string[] =>
  changes.length
    ? [
        '',
        ...aligned([[title, 'A', 'B'], ...changes.map(({ key, a, b }) => [key, a ?? say.absent.en, b ?? say.absent.en])]).map((line, i) =>
          i ? line : paint('dim', line),
        ),
      ]
    : ['', `${title}: ${say.same.en.toLowerCase().replace(/\.$/, '')}`]

function comparisonLines(comparison: Comparison, paint: Paint): string[] {
  const { a, b, claims, controls, agreement, lost } = comparison
  return [
    ...[a, b].map(({ folder, preset, seeds }, i) => `${'AB'[i]}  ${folder}  ${preset}, seeds ${seeds.join(', ')}`),
    '',
    ...(claims.length ? claimLines(claims, paint) : ['no claim was judged in either']),
    ...controls.map(({ id, claim, a: first, b: second }) => {
      const text = (fails: boolean | null) => (fails === null ? say.absent.en : fails ? say.fails.en : say.doesNotFail.en)
      return `control ${id} of ${claim}: ${text(first)} → ${text(second)}`
    }),
    ...changeLines('config', comparison.config, paint),
    ...changeLines('setup', comparison.setup, paint),
    '',
    ...aligned([
      ['cost', 'A', 'B', 'B / A'],
      ...costValues(comparison).map(({ name, a: first, b: second, ratio }) => [
        name.en.toLowerCase(),
        inLanguage(first, 'en'),
        inLanguage(second, 'en'),
        ratio,
      ]),
    ]).map((line, i) => (i ? line : paint('dim', line))),
    '',
    agreement.identical ? say.identical(agreement.numbers).en : say.differing(agreement).en,
    ...(lost.length ? [paint('red', `holds in A and not in B: ${lost.join(', ')}`)] : []),
  ]
}

/** Writes a page at a place of the user's choice. */
function writePage(path: string, html: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
  } catch (error) {
    throw asInputError(error, path)
  }
  writeAtomically(path, html)
}

/** `quire report A B`: two runs of one method side by side. Exits with 1 where a claim that holds in A does not in B. */
export async function compare({ terminal }: Shell, first: string, second: string, { out, json }: ReportOptions): Promise<number> {
  if (out !== undefined && !/\.html?$/i.test(out))
    throw new InputError(`'${out}' does not end with .html`, { where: '--out', fix: 'name the page, for example --out comparison.html' })
  const [a, b] = [first, second].map(readSide)
  const comparison = compareRuns(a, b)
  if (out !== undefined)
    writePage(out, await (await import('../experiment/report/comparison/comparison-html.ts')).comparisonHtml(comparison, a, b))
  if (json) terminal.out(JSON.stringify(comparison, null, 2))
  else for (const line of comparisonLines(comparison, painter(terminal))) terminal.out(line)
  if (out !== undefined && !json) terminal.out(`page: ${out}`)
  return comparison.lost.length ? 1 : 0
}
