import { InputError } from '../../engine/index.ts'

/** Words in lower case: letters, digits and underscores. */
const wordsIn = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []

export interface Bm25 {
  /** How well each document answers, in their order; 0 where no word is shared. */
  scores(query: string): Float64Array
  /** Indices of the k documents that answer best, best first; of equal ones the first. */
  best(query: string, k: number): number[]
}

export interface Bm25Options {
  /** How soon further occurrences of a word stop counting (default: 1.5). */
  readonly k1?: number
  /** How much longer documents pay, 0 to 1 (default: 0.75). */
  readonly b?: number
}

/** Words in more than half of the documents would count against them; they have this share of the mean weight instead. */
const floorShare = 0.25

/**
 * BM25 (Robertson & Zaragoza 2009, as ATIRE computes it): Σ over the query's words of idf · f (k₁ + 1) / (f + k₁ (1 − b + b · length / mean length)), where f is how
 * often the document has the word and idf = log((n − d + ½) / (d + ½)) with d of the n documents having it.
 *
 * @throws InputError for no documents, or b outside of 0 to 1.
 * @example
 * bm25(['sort a list', 'read a file', 'reverse a string']).best('how do I read lines?', 1) // [1]
 */
export function bm25(documents: readonly string[], { k1 = 1.5, b = 0.75 }: Bm25Options = {}): Bm25 {
  if (documents.length === 0) throw new InputError('there are no documents to search')
  if (!(b >= 0 && b <= 1) || !(k1 >= 0)) throw new InputError(`b is ${b} and k1 is ${k1}, but 0 ≤ b ≤ 1 and 0 ≤ k1`)
  const lengths = documents.map((document) => wordsIn(document).length)
  const meanLength = lengths.reduce((sum, length) => sum + length, 0) / documents.length
  const places = placesOf(documents)
  const weights = weightsOf(places, documents.length)
  const scores = (query: string): Float64Array => {
    const found = new Float64Array(documents.length)
    for (const word of wordsIn(query))
      for (const [i, f] of places.get(word) ?? [])
        found[i] += (weights.get(word)! * f * (k1 + 1)) / (f + k1 * (1 - b + (b * lengths[i]) / meanLength))
    return found
  }
  return {
    scores,
    best: (query, k) => {
      const found = scores(query)
      return [...found.keys()].sort((i, j) => found[j] - found[i] || i - j).slice(0, k)
    },
  }
}

/** Of each word the documents that have it, and how often. */
function placesOf(documents: readonly string[]): Map<string, Map<number, number>> {
  const places = new Map<string, Map<number, number>>()
  for (const [i, document] of documents.entries())
    for (const word of wordsIn(document)) {
      const counts = places.get(word) ?? new Map<number, number>()
      places.set(word, counts.set(i, (counts.get(i) ?? 0) + 1))
    }
  return places
}

function weightsOf(places: ReadonlyMap<string, ReadonlyMap<number, number>>, count: number): Map<string, number> {
  const weights = new Map([...places].map(([word, { size }]) => [word, Math.log((count - size + 0.5) / (size + 0.5))]))
  const mean = [...weights.values()].reduce((sum, weight) => sum + weight, 0) / weights.size
  for (const [word, weight] of weights) if (weight < 0) weights.set(word, floorShare * mean)
  return weights
}
