/** Columns of a drawing between which the eye can tell: more points would lie on top of each other. */
const eyes = 640

type Point = readonly [number | string, number | string, number?]

/**
 * Indices of the points of a line without those that cannot be seen: of each column of the drawing the first, the last, the lowest and the highest stay,
 * so that no peak is lost. `x` grows, and is as the axis has it: on a logarithmic one its logarithm.
 */
export function seenIndices(x: ArrayLike<number>, y: ArrayLike<number>, columns = eyes): readonly number[] {
  if (x.length <= 2 * columns) return Array.from(x, (_, i) => i)
  const [start, end] = [x[0], x[x.length - 1]]
  const columnOf = (i: number) => Math.floor(((x[i] - start) / (end - start)) * columns)
  const kept: number[] = []
  for (let from = 0; from < x.length; ) {
    let [to, lowest, highest] = [from, from, from]
    for (const column = columnOf(from); to < x.length && columnOf(to) === column; to++) {
      if (y[to] < y[lowest]) lowest = to
      if (y[to] > y[highest]) highest = to
    }
    const corners = [from, Math.min(lowest, highest), Math.max(lowest, highest), Math.max(from, to - 1)]
    kept.push(...corners.filter((corner, i) => corner !== corners[i - 1]))
    from = Math.max(to, from + 1)
  }
  return kept
}

/** Points of a line, or of a band with several values each, without those that cannot be seen in any of them. Points come in the order of x. Fewer columns serve where many lines are drawn anew again and again. */
export function thinned<P extends Point>(points: readonly P[], scale: 'linear' | 'log' = 'linear', columns = eyes): readonly P[] {
  if (points.length <= 2 * columns || typeof points[0][0] !== 'number') return points
  const x = points.map(([place]) => (scale === 'log' ? Math.log(place as number) : (place as number)))
  const lines = points[0].slice(1).map((_, k) => points.map((point) => point[k + 1] as number))
  const seen = new Set(lines.flatMap((y) => seenIndices(x, y, columns)))
  return [...seen].sort((a, b) => a - b).map((i) => points[i])
}
