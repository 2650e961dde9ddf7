import { InputError } from '../../engine/index.ts'
import { bleu } from './bleu.ts'
import { chrf } from './chrf.ts'
import { type CodeBleu, codeBleu } from './codebleu/codebleu.ts'
import { inOneLine, isMatched, withSingleSpaces } from './exact-match.ts'
import { type PassTable, passTable } from './execution.ts'
import { wordsOf } from './n-grams.ts'
import { isPython } from './python/parse.ts'
import { inSyntax } from './python/syntax.ts'
import type { Outcome } from './sandbox/outcome.ts'

/** A question with what was wanted and what was answered. */
export interface CodegenItem {
  readonly id: string | number
  readonly intent?: string
  readonly reference: string
  /** The best first. */
  readonly predictions: readonly string[]
  /** How the predictions ended when they were run, where they were. */
  readonly outcomes?: readonly Outcome[]
}

/** What is said of one item. */
export interface CodegenRow extends CodegenItem {
  /** The place of the first prediction that is the reference, from 1; null where none is. */
  readonly matchedAt: number | null
  /** Of the first prediction, 0 to 100. */
  readonly chrf: number
  /** Whether the first prediction is Python, and not empty. */
  readonly parses: boolean
}

/** Shares and scores from 0 to 100. All but EM@k and pass@k are of the first prediction alone. */
export interface CodegenReport {
  readonly count: number
  /** By k: as they stand, but in one line; with single spaces; as syntax trees (`inSyntax`). */
  readonly exactMatch: Readonly<Record<number, number>>
  readonly exactMatchSpaces: Readonly<Record<number, number>>
  readonly exactMatchSyntax: Readonly<Record<number, number>>
  readonly bleu: number
  readonly chrf: number
  readonly chrfWords: number
  readonly codebleu: Readonly<Record<'proper' | 'official', CodeBleu>>
  readonly parses: number
  /** Where all predictions were run. */
  readonly pass?: PassTable
  readonly rows: readonly CodegenRow[]
}

/**
 * Everything that judges generated Python, of a corpus and of each item. EM@k and pass@k are told for every k that no item has fewer predictions than.
 *
 * @throws InputError for no items, one without a prediction, or where Python's parser is not installed.
 * @example
 * const { exactMatch, rows } = await codegenReport([{ id: 1, reference: 'x = 1', predictions: ['x = 2', 'x  = 1'] }])
 * exactMatch // { 1: 0, 2: 0 }
 * rows[0].parses // true
 */
export async function codegenReport(items: readonly CodegenItem[], ks: readonly number[] = [1, 2, 5, 10]): Promise<CodegenReport> {
  if (items.length === 0) throw new InputError('there is nothing to judge')
  const empty = items.find(({ predictions }) => predictions.length === 0)
  if (empty) throw new InputError(`item ${empty.id} has no prediction`, { fix: 'an empty text is one that is always wrong' })
  const fewest = items.reduce((least, { predictions }) => Math.min(least, predictions.length), Number.POSITIVE_INFINITY)
  const usable = ks.filter((k) => k <= fewest)
  const references = items.map(({ reference }) => reference)
  const first = items.map(({ predictions: [prediction] }) => prediction)
  const rows = await Promise.all(items.map(rowOf))
  const ran = items.map(({ outcomes }) => outcomes ?? [])
  return {
    count: items.length,
    exactMatch: matchesOf(items, usable, inOneLine),
    exactMatchSpaces: matchesOf(items, usable, withSingleSpaces),
    exactMatchSyntax: matchesOf(await Promise.all(items.map(inTrees)), usable, (tree) => tree),
    bleu: 100 * bleu(references.map((reference, i) => ({ hypothesis: wordsOf(first[i]), references: [wordsOf(reference)] }))).score,
    chrf: chrf(first, references),
    chrfWords: chrf(first, references, { wordOrder: 2 }),
    codebleu: {
      proper: inPercent(await codeBleu(references, first)),
      official: inPercent(await codeBleu(references, first, { mode: 'official' })),
    },
    parses: (100 * rows.filter(({ parses }) => parses).length) / items.length,
    ...(ran.every((outcomes) => outcomes.length > 0) && { pass: passTable(ran, ks) }),
    rows,
  }
}

async function rowOf(item: CodegenItem): Promise<CodegenRow> {
  const { reference, predictions } = item
  const at = predictions.findIndex((prediction) => isMatched(reference, [prediction], 1))
  return {
    ...item,
    matchedAt: at < 0 ? null : at + 1,
    chrf: chrf([predictions[0]], [reference]),
    parses: predictions[0].trim() !== '' && (await isPython(predictions[0])),
  }
}

type Pair = Pick<CodegenItem, 'reference' | 'predictions'>

const inTrees = async ({ reference, predictions }: Pair): Promise<Pair> => ({
  reference: await inSyntax(reference),
  predictions: await Promise.all(predictions.map(inSyntax)),
})

const matchesOf = (pairs: readonly Pair[], ks: readonly number[], normalize: (code: string) => string): Record<number, number> =>
  Object.fromEntries(
    ks.map((k) => {
      const matched = pairs.filter(({ reference, predictions }) => isMatched(reference, predictions, k, normalize)).length
      return [k, (100 * matched) / pairs.length]
    }),
  )

const inPercent = (parts: CodeBleu): CodeBleu =>
  Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, 100 * value])) as unknown as CodeBleu
