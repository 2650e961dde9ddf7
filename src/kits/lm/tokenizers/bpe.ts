import { type Merges, merger } from './merge.ts'
import { PairTable } from './pair-table.ts'

/** A byte-pair encoding as its files state it. */
export interface BpeDefinition {
  readonly vocabulary: ReadonlyMap<string, number>
  /** Pairs of tokens that become one, in the order of their ranks: left, right, and the ids of both and of the result. */
  readonly merges: readonly (readonly [left: number, right: number, result: number])[]
  /** What stands for characters that have no token; without it they vanish. */
  readonly unknown?: number
  /** Unknown characters beside each other become one token. */
  readonly fuseUnknown?: boolean
  /** Characters without a token become the tokens of their bytes, `<0x41>`. */
  readonly byteFallback?: boolean
  /** A piece that is a token is that token, whatever the merges say. */
  readonly ignoreMerges?: boolean
  /** Put before all symbols of a piece but the first, and behind its last, where they are looked up. */
  readonly prefix?: string
  readonly suffix?: string
}

/** The ids of a piece of text, added to a list. */
export type Model = (piece: string, out: number[]) => void

/** Pieces longer than this are rare, and would fill the memory. */
const longestRemembered = 64
const mostRemembered = 1 << 17

/** `spell` says how the vocabulary spells a piece. What became of pieces is remembered. */
export function bpeModel(definition: BpeDefinition, spell: (piece: string) => string = (piece) => piece): Model {
  const { vocabulary, ignoreMerges } = definition
  const symbols = symbolizer(definition)
  const merge = merger(mergesOf(definition))
  const remembered = new Map<string, readonly number[]>()
  const fresh = (piece: string): readonly number[] => {
    const spelled = spell(piece)
    const whole = ignoreMerges ? vocabulary.get(spelled) : undefined
    if (whole !== undefined) return [whole]
    const ids: number[] = []
    merge(symbols(spelled), ids)
    return ids
  }
  return (piece, out) => {
    let ids = remembered.get(piece)
    if (!ids) {
      ids = fresh(piece)
      if (piece.length <= longestRemembered) {
        if (remembered.size >= mostRemembered) remembered.clear()
        remembered.set(copied(piece), ids)
      }
    }
    for (const id of ids) out.push(id)
  }
}

/** A part of a string keeps the whole of it in memory; this one keeps itself alone. */
const copied = (part: string): string => (part.length < 13 ? part : ` ${part}`.slice(1))

function mergesOf({ merges }: BpeDefinition): Merges {
  const ranks = new PairTable(merges.length)
  const results = new Int32Array(merges.length)
  for (const [rank, [left, right, result]] of merges.entries()) {
    ranks.set(left, right, rank)
    results[rank] = result
  }
  return { ranks, results }
}

const utf8 = new TextEncoder()

/** The ids of a piece before any merge: those of its characters. */
function symbolizer(definition: BpeDefinition): (piece: string) => number[] {
  const { vocabulary, unknown, fuseUnknown = false, byteFallback = false, prefix = '', suffix = '' } = definition
  const bytes = byteFallback ? byteTokens(vocabulary) : undefined
  return (piece) => {
    const ids: number[] = []
    let unknowns = 0
    const flush = () => {
      for (; unknowns > 0; unknowns--) ids.push(unknown!)
    }
    let at = 0
    for (const character of piece) {
      const begin = at === 0 ? '' : prefix
      at += character.length
      const symbol = begin + character + (at === piece.length ? suffix : '')
      const id = vocabulary.get(symbol)
      if (id !== undefined) {
        flush()
        ids.push(id)
        continue
      }
      const spelled = bytes && Array.from(utf8.encode(symbol), (byte) => bytes[byte])
      if (spelled?.every((id) => id !== undefined)) ids.push(...spelled)
      else if (unknown !== undefined) unknowns = fuseUnknown ? 1 : unknowns + 1
    }
    flush()
    return ids
  }
}

/** What stands for a byte in vocabularies with a fallback. */
export const byteToken = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`

const byteTokens = (vocabulary: ReadonlyMap<string, number>): readonly (number | undefined)[] =>
  Array.from({ length: 256 }, (_, byte) => vocabulary.get(byteToken(byte)))
