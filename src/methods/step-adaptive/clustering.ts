import { InputError } from '../../engine/index.ts'

/**
 * Cuts a row of bins into `count` neighbouring groups whose members point the same way: the sum over groups of ‖Σ uᵢ‖, with uᵢ the unit vectors whose
 * cosines are given, is the largest there is (the objective of spherical k-means, solved exactly by dynamic programming).
 *
 * @returns bins at which groups begin, and the number of bins
 * @example
 * const cosines = [[1, 0.9, 0], [0.9, 1, 0], [0, 0, 1]]
 * similarGroups(cosines, 2) // [0, 2, 3]
 */
export function similarGroups(cosines: readonly ArrayLike<number>[], count: number): number[] {
  const bins = cosines.length
  if (count > bins) throw new InputError(`${count} groups of ${bins} bins`, { fix: `take at most ${bins} groups` })
  const worth = worthOfRanges(cosines)
  // best[g][end]: the most that g groups of the bins before `end` are worth; from: where the last of them begins.
  const best = Array.from({ length: count + 1 }, () => new Float64Array(bins + 1).fill(Number.NEGATIVE_INFINITY))
  const from = Array.from({ length: count + 1 }, () => new Int32Array(bins + 1))
  best[0][0] = 0
  for (let groups = 1; groups <= count; groups++) {
    for (let end = groups; end <= bins; end++) {
      for (let begin = groups - 1; begin < end; begin++) {
        const total = best[groups - 1][begin] + worth[begin][end]
        if (total > best[groups][end]) {
          best[groups][end] = total
          from[groups][end] = begin
        }
      }
    }
  }
  const cuts = [bins]
  for (let groups = count; groups > 0; groups--) cuts.unshift(from[groups][cuts[0]])
  return cuts
}

/** ‖Σ uᵢ‖ over the bins from `begin` to before `end`, as [begin][end]. */
function worthOfRanges(cosines: readonly ArrayLike<number>[]): Float64Array[] {
  const bins = cosines.length
  return Array.from({ length: bins }, (_, begin) => {
    const worth = new Float64Array(bins + 1)
    let squared = 0
    for (let end = begin; end < bins; end++) {
      squared += cosines[end][end]
      for (let i = begin; i < end; i++) squared += 2 * cosines[i][end]
      worth[end + 1] = Math.sqrt(Math.max(0, squared))
    }
    return worth
  })
}
