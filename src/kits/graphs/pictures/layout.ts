import { type AttributedGraph, neighbours } from '../graph.ts'

export type Point = readonly [x: number, y: number]

/**
 * Places of nodes in the plane whose distances are about those along edges: stress majorisation (Gansner et al. 2004) from points on a circle. Components that
 * hang apart are laid two steps from each other.
 *
 * @example
 * stressLayout({ n: 2, x: [[], []], edges: [[0, 1]] }).length // 2
 */
export function stressLayout(graph: AttributedGraph, { iterations = 200 } = {}): Point[] {
  const { n } = graph
  if (n === 1) return [[0, 0]]
  const distances = shortestPaths(graph)
  let places = Array.from(
    { length: n },
    (_, i): Point => [Math.cos((2 * Math.PI * i) / n) * (n / 4), Math.sin((2 * Math.PI * i) / n) * (n / 4)],
  )
  for (let k = 0; k < iterations; k++) {
    places = places.map(([x, y], i) => {
      let [sumX, sumY, weights] = [0, 0, 0]
      for (let j = 0; j < n; j++) {
        if (i === j) continue
        const d = distances[i][j]
        const weight = 1 / (d * d)
        const apart = Math.hypot(x - places[j][0], y - places[j][1]) || 1e-9
        sumX += weight * (places[j][0] + (d * (x - places[j][0])) / apart)
        sumY += weight * (places[j][1] + (d * (y - places[j][1])) / apart)
        weights += weight
      }
      return [sumX / weights, sumY / weights]
    })
  }
  return places
}

/** Steps along edges, in either direction; between components one more than the longest way there is. */
function shortestPaths(graph: AttributedGraph): number[][] {
  const next = neighbours({ ...graph, directed: false })
  const rows = next.map((_, start) => {
    const steps = new Array<number>(graph.n).fill(Number.POSITIVE_INFINITY)
    steps[start] = 0
    const queue = [start]
    for (const node of queue)
      for (const other of next[node])
        if (steps[other] === Number.POSITIVE_INFINITY) {
          steps[other] = steps[node] + 1
          queue.push(other)
        }
    return steps
  })
  const longest = Math.max(1, ...rows.flat().filter(Number.isFinite))
  return rows.map((row) => row.map((d) => (Number.isFinite(d) ? d : Math.min(3, longest + 1))))
}
