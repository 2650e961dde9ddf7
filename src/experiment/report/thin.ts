/** Columns of a drawing between which the eye can tell: more points would lie on top of each other. */
const eyes = 640

type Point = readonly [number | string, number | string, number?]

/**
 * Points of a line without those that cannot be seen: of each column of the drawing the first, the last, the lowest and the highest stay, so that no
 * peak is lost. Points come in the order of x. Fewer columns serve where many lines are drawn anew again and again.
 */
export function thinned<P extends Point>(points: readonly P[], scale: 'linear' | 'log' = 'linear', columns = eyes): readonly P[] {
  if (points.length <= 2 * columns || typeof points[0][0] !== 'number') return points
  const place = (x: number) => (scale === 'log' ? Math.log(x) : x)
  const [start, end] = [place(points[0][0]), place(points[points.length - 1][0] as number)]
  const columnOf = ([x]: P) => Math.floor(((place(x as number) - start) / (end - start)) * columns)
  const kept = new Set<P>()
  for (let from = 0; from < points.length; ) {
    let [to, lowest, highest] = [from, from, from]
    for (; to < points.length && columnOf(points[to]) === columnOf(points[from]); to++) {
      if (points[to][1] < points[lowest][1]) lowest = to
      if (points[to][1] > points[highest][1]) highest = to
    }
    for (const i of [from, lowest, highest, Math.max(from, to - 1)].sort((a, b) => a - b)) kept.add(points[i])
    from = Math.max(to, from + 1)
  }
  return [...kept]
}
