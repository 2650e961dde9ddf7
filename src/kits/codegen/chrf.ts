import { InputError } from '../../engine/index.ts'
import { nGramCounts, sharedCount, totalOf, wordsOf } from './n-grams.ts'

export interface ChrfOptions {
  /** The longest n-grams of words that count as well: 0 for chrF (default), 2 for chrF++. */
  readonly wordOrder?: 0 | 2
}

const characterOrder = 6
const beta = 2

/**
 * chrF of a corpus (Popović 2015), 0 to 100: the F₂ score of character n-grams up to 6, without white space, as sacreBLEU computes it: precision and recall
 * of each order over the corpus, their means over the orders that both sides have.
 *
 * @throws InputError for lists of unlike or no length.
 * @example
 * chrf(['print(x)'], ['print(x)']) // 100
 */
export function chrf(hypotheses: readonly string[], references: readonly string[], { wordOrder = 0 }: ChrfOptions = {}): number {
  if (hypotheses.length !== references.length || hypotheses.length === 0)
    throw new InputError(`chrF needs as many hypotheses as references, not ${hypotheses.length} and ${references.length}`)
  const counts = Array.from({ length: characterOrder + wordOrder }, () => ({ hits: 0, own: 0, wanted: 0 }))
  for (const [i, hypothesis] of hypotheses.entries()) {
    const [own, wanted] = [hypothesis, references[i]].map((text) => orderedCounts(text, wordOrder))
    for (const [k, count] of counts.entries()) {
      // An order that the reference has not does not count against the hypothesis.
      const length = totalOf(wanted[k])
      count.hits += sharedCount(own[k], wanted[k])
      count.own += length > 0 ? totalOf(own[k]) : 0
      count.wanted += length
    }
  }
  return 100 * fScore(counts)
}

function fScore(counts: readonly { hits: number; own: number; wanted: number }[]): number {
  const usable = counts.filter(({ own, wanted }) => own > 0 && wanted > 0)
  if (usable.length === 0) return 0
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / usable.length
  const precision = mean(usable.map(({ hits, own }) => hits / own))
  const recall = mean(usable.map(({ hits, wanted }) => hits / wanted))
  const weighted = beta ** 2 * precision + recall
  return weighted === 0 ? 0 : ((1 + beta ** 2) * precision * recall) / weighted
}

function orderedCounts(text: string, wordOrder: number): Map<string, number>[] {
  const characters = [...text.replace(/\s+/gu, '')]
  const words = wordOrder > 0 ? wordsOf(text).flatMap(withoutPunctuation) : []
  return [
    ...Array.from({ length: characterOrder }, (_, i) => nGramCounts(characters, i + 1)),
    ...Array.from({ length: wordOrder }, (_, i) => nGramCounts(words, i + 1)),
  ]
}

const punctuation = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~')

/** One mark of punctuation at the end of a word, or else at its begin, is a word of its own. */
function withoutPunctuation(word: string): string[] {
  if (word.length === 1) return [word]
  if (punctuation.has(word.at(-1)!)) return [word.slice(0, -1), word.at(-1)!]
  if (punctuation.has(word[0])) return [word[0], word.slice(1)]
  return [word]
}
