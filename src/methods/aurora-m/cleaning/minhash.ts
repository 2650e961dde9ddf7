import { draws, seedKey } from '../../../data/draws.ts'
import { type Filter, runsOf, wordsOf } from './filters.ts'

/** What the key of the permutations is used for. */
const use = 0x6d696e68

/** FNV-1a, 32 bits. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i)
    hash = Math.imul(hash, 0x01000193)
  }
  return hash >>> 0
}

export interface MinhashOptions {
  /** Words a shingle. */
  readonly shingle?: number
  /** Hash functions. */
  readonly permutations?: number
  /** Bands of equal numbers of hashes: documents that agree in one whole band are compared. */
  readonly bands?: number
  /** Estimated share of common shingles above which a document is a duplicate. */
  readonly threshold?: number
}

/**
 * Signatures of documents: the share of places at which two agree estimates the Jaccard similarity of their sets of shingles (Broder 1997).
 *
 * @example
 * const signature = minhash({ permutations: 128 })
 * signature('the rain falls on the roof of the house').length // 128
 */
export function minhash({ shingle = 5, permutations = 128 }: MinhashOptions = {}): (text: string) => Uint32Array {
  const random = draws(seedKey(0, use))
  // x → a x + b modulo 2³², a odd: a bijection, whatever a and b.
  const functions = Array.from({ length: permutations }, () => [random.integer(2 ** 32) | 1, random.integer(2 ** 32)] as const)
  return (text) => {
    const words = wordsOf(text)
    const shingles = new Set(words.length < shingle ? [words.join(' ')] : runsOf(words, shingle))
    const signature = new Uint32Array(permutations).fill(0xffffffff)
    for (const item of shingles) {
      const hash = mixed(hash32(item))
      for (let i = 0; i < permutations; i++) {
        const value = mixed((Math.imul(functions[i][0], hash) + functions[i][1]) >>> 0)
        if (value < signature[i]) signature[i] = value
      }
    }
    return signature
  }
}

/** The finalizer of MurmurHash3: every bit of the result depends on every bit of the input. */
function mixed(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

export const agreement = (a: Uint32Array, b: Uint32Array): number =>
  a.reduce((count, value, i) => count + (value === b[i] ? 1 : 0), 0) / a.length

/**
 * Rejects near copies of documents that were kept before. Candidates are found by bands, so that not every two are compared.
 *
 * @example
 * const dedup = minhashDedup()
 * const text = 'the rain falls on the roof of the house by the sea'
 * dedup.decide(text).keep // true
 * dedup.decide(text).keep // false
 */
export function minhashDedup(options: MinhashOptions = {}): Filter {
  const { permutations = 128, bands = 16, threshold = 0.8 } = options
  const signatureOf = minhash(options)
  const rows = Math.floor(permutations / bands)
  const buckets = new Map<string, Uint32Array[]>()
  return {
    name: 'minhashDedup',
    decide(text) {
      const signature = signatureOf(text)
      const keys = Array.from({ length: bands }, (_, band) => `${band}:${signature.subarray(band * rows, (band + 1) * rows).join()}`)
      let similarity = 0
      for (const key of keys) for (const other of buckets.get(key) ?? []) similarity = Math.max(similarity, agreement(signature, other))
      const keep = similarity < threshold
      if (keep) for (const key of keys) buckets.set(key, [...(buckets.get(key) ?? []), signature])
      return { keep, ...(!keep && { reason: 'minhashDedup' }), features: { minhashDedup: similarity } }
    },
  }
}
