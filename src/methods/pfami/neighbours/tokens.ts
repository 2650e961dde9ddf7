import { draws } from '../../../data/draws.ts'
import { ndarray } from '../../../engine/index.ts'
import { foldKey, type KeyWords } from '../../../engine/threefry.ts'
import { useKey } from '../noise.ts'
import type { StrengthOptions } from './geometry.ts'
import { linspace, type Neighbours } from './neighbours.ts'

/**
 * Neighbours of token sequences: the share of positions at each strength has its token replaced by one that stands elsewhere in the records, so that
 * frequencies stay those of the text. A row of the matrix is a draw of positions; those of a stronger neighbour hold those of a weaker one.
 *
 * @param pool Tokens of all records, from which replacements are drawn.
 * @param pad Of the rest of a record that is shorter than the others: never replaced.
 *
 * @example
 * tokenSwaps([7, 8, 9], -1, { count: 3 }).strengths.length // 3
 */
export const tokenSwaps = (
  pool: ArrayLike<number>,
  pad: number,
  { from = 0.05, to = 0.3, count = 10 }: StrengthOptions = {},
  seed = 0,
): Neighbours => {
  const strengths = linspace(from, to, count)
  return {
    name: 'token-swaps',
    strengths,
    usual: Math.min(5, count - 1),
    perRow: true,
    versions({ shape: [n, length], data }, { ids, row }) {
      const versions = count + 1
      const out = new Int32Array(n * versions * length)
      for (let i = 0; i < n; i++) {
        const tokens = Int32Array.from(data.subarray(i * length, (i + 1) * length))
        const { integer } = draws([ids[i], row].reduce<KeyWords>(foldKey, useKey(seed, 'tokens')))
        const own = tokens.indexOf(pad) < 0 ? length : tokens.indexOf(pad)
        // The first token has no loss of its own and is what all others are told: it stays.
        const places = Array.from({ length: Math.max(0, own - 1) }, (_, k) => k + 1)
        for (let k = places.length - 1; k > 0; k--) {
          const other = integer(k + 1)
          ;[places[k], places[other]] = [places[other], places[k]]
        }
        const swapped = places.map(() => pool[integer(pool.length)])
        out.set(tokens, i * versions * length)
        for (const [j, share] of strengths.entries()) {
          const begin = (i * versions + j + 1) * length
          out.set(tokens, begin)
          const changed = Math.max(1, Math.round(share * places.length))
          for (const [k, place] of places.slice(0, changed).entries()) out[begin + place] = swapped[k]
        }
      }
      return ndarray(out, [n, versions, length], 'int32')
    },
  }
}
