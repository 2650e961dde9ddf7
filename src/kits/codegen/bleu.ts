import { InputError } from '../../engine/index.ts'
import { nGramCounts, sharedCount, totalOf } from './n-grams.ts'

/** A hypothesis with all texts that would do, as tokens. */
export interface BleuPair {
  readonly hypothesis: readonly string[]
  readonly references: readonly (readonly string[])[]
}

export interface Bleu {
  /** 0 to 1. */
  readonly score: number
  /** Of 1-grams to 4-grams, with what smoothing made of them. */
  readonly precisions: readonly number[]
  readonly brevityPenalty: number
}

const orders = [1, 2, 3, 4]

/**
 * BLEU-4 of a corpus (Papineni et al. 2002): the geometric mean of clipped n-gram precisions, times exp(1 − r/c) where the hypotheses are shorter than
 * the references of the closest length. A numerator of 0 counts as 0.1 (method 1 of Chen & Cherry 2014); without a single word in common it is 0.
 *
 * @throws InputError for no pairs, or a pair without a reference.
 * @example
 * bleu([{ hypothesis: ['a', 'b', 'c', 'd'], references: [['a', 'b', 'c', 'd']] }]).score // 1
 */
export function bleu(pairs: readonly BleuPair[]): Bleu {
  if (pairs.length === 0 || pairs.some(({ references }) => references.length === 0))
    throw new InputError('BLEU needs at least one hypothesis, and a reference for each')
  const [hits, all] = [orders.map(() => 0), orders.map(() => 0)]
  let [own, closest] = [0, 0]
  for (const { hypothesis, references } of pairs) {
    own += hypothesis.length
    closest += closestLength(hypothesis.length, references)
    for (const [i, n] of orders.entries()) {
      const counts = nGramCounts(hypothesis, n)
      hits[i] += sharedCount(counts, mostOf(references.map((reference) => nGramCounts(reference, n))))
      // As NLTK has it: a hypothesis too short for n-grams counts as if it had one.
      all[i] += Math.max(1, totalOf(counts))
    }
  }
  const brevityPenalty = own === 0 ? 0 : own > closest ? 1 : Math.exp(1 - closest / own)
  const precisions = hits.map((count, i) => (count === 0 ? 0.1 : count) / all[i])
  if (hits[0] === 0) return { score: 0, precisions: hits.map(() => 0), brevityPenalty }
  const mean = Math.exp(precisions.reduce((sum, p) => sum + Math.log(p), 0) / orders.length)
  return { score: brevityPenalty * mean, precisions, brevityPenalty }
}

/** Of two lengths as close, the shorter. */
function closestLength(length: number, references: readonly (readonly string[])[]): number {
  return references
    .map((reference) => reference.length)
    .reduce((best, other) => {
      const [a, b] = [Math.abs(best - length), Math.abs(other - length)]
      return b < a || (b === a && other < best) ? other : best
    })
}

/** Of each n-gram the most that any of the counts has. */
function mostOf(counts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const most = new Map<string, number>()
  for (const one of counts) for (const [gram, count] of one) most.set(gram, Math.max(count, most.get(gram) ?? 0))
  return most
}
