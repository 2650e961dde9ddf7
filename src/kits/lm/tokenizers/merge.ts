import { MinHeap } from './heap.ts'
import type { PairTable } from './pair-table.ts'

/** The merges of a byte-pair encoding by their rank. */
export interface Merges {
  /** Pair of ids → rank. */
  readonly ranks: PairTable
  /** Rank → the id that the pair becomes. */
  readonly results: Int32Array
}

/**
 * Merges the symbols of one piece until none of its pairs is in the table: each time the pair of the lowest rank, the leftmost of several. The symbols are
 * a linked list and the pairs wait in a heap, so the time is n log n for n symbols.
 */
export function merger({ ranks, results }: Merges): (symbols: readonly number[], out: number[]) => void {
  const waiting = new MinHeap()
  return (symbols, out) => {
    const count = symbols.length
    if (count < 2) {
      for (const symbol of symbols) out.push(symbol)
      return
    }
    const current = Int32Array.from(symbols)
    const next = Int32Array.from(symbols, (_, i) => (i + 1 < count ? i + 1 : -1))
    const previous = Int32Array.from(symbols, (_, i) => i - 1)
    /** The rank of the pair that begins at a symbol; what waits with another rank is out of date. */
    const rank = new Int32Array(count).fill(-1)
    const look = (at: number): void => {
      rank[at] = at >= 0 && next[at] >= 0 ? ranks.get(current[at], current[next[at]]) : -1
      if (rank[at] >= 0) waiting.push(rank[at] * count + at)
    }
    waiting.clear()
    for (let i = 0; i + 1 < count; i++) look(i)
    while (waiting.size > 0) {
      const top = waiting.pop()
      const at = top % count
      if (rank[at] !== Math.floor(top / count)) continue
      const gone = next[at]
      current[at] = results[rank[at]]
      next[at] = next[gone]
      if (next[at] >= 0) previous[next[at]] = at
      rank[gone] = -1
      look(at)
      if (previous[at] >= 0) look(previous[at])
    }
    for (let at = 0; at >= 0; at = next[at]) out.push(current[at])
  }
}
