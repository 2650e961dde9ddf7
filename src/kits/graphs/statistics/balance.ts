import { type AttributedGraph, neighbours } from '../graph.ts'

/**
 * Triangles of a graph, each once.
 *
 * @example
 * triangles({ n: 3, x: [[], [], []], edges: [[0, 1], [0, 2], [1, 2]] }) // [[0, 1, 2]]
 */
export function triangles(graph: AttributedGraph): (readonly [number, number, number])[] {
  const lists = neighbours(graph)
  const sets = lists.map((list) => new Set(list))
  return lists.flatMap((list, i) =>
    list.flatMap((j) => (j <= i ? [] : lists[j].filter((k) => k > j && sets[i].has(k)).map((k) => [i, j, k] as const))),
  )
}

/**
 * How many triangles there are, and in how many the product of the signs of an attribute is positive.
 *
 * @example
 * balance({ n: 3, x: [[], [], []], edges: [[0, 1, 1], [0, 2, -1], [1, 2, -1]] }) // { triangles: 1, balanced: 1 }
 */
export function balance(graph: AttributedGraph, attribute = 0): { readonly triangles: number; readonly balanced: number } {
  const sign = new Map(graph.edges.map(([i, j, ...values]) => [`${Math.min(i, j)},${Math.max(i, j)}`, Math.sign(values[attribute])]))
  const found = triangles(graph)
  const balanced = found.filter(([i, j, k]) => sign.get(`${i},${j}`)! * sign.get(`${j},${k}`)! * sign.get(`${i},${k}`)! > 0).length
  return { triangles: found.length, balanced }
}
