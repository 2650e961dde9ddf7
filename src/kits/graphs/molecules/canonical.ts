import { type AttributedGraph, neighbours } from '../graph.ts'

/** A bond of a ring whose single and double bonds may change places. */
const delocalised = 3

/**
 * A text that two graphs of atoms and bonds share exactly if they are the same molecule: the same whatever the numbering of the atoms, and whichever of several
 * ways of alternating bonds is written. (Beyond `mostLeaves` numberings of highly symmetric graphs it may tell equal molecules apart.)
 *
 * @example
 * const ethanol = { n: 3, x: [[0], [0], [1]], edges: [[0, 1, 0], [1, 2, 0]] } as const
 * moleculeKey(ethanol) === moleculeKey({ n: 3, x: [[1], [0], [0]], edges: [[0, 1, 0], [1, 2, 0]] }) // true
 */
export const moleculeKey = (graph: AttributedGraph): string => canonicalKey(withDelocalised(graph))

const mostLeaves = 2000

/**
 * The least code of the graph over all numberings that colour refinement cannot tell apart. Attributes are compared by their values.
 *
 * @example
 * canonicalKey({ n: 2, x: [[0], [1]], edges: [[0, 1]] }) === canonicalKey({ n: 2, x: [[1], [0]], edges: [[0, 1]] }) // true
 */
export function canonicalKey(graph: AttributedGraph): string {
  const next = neighbours(graph)
  const labels = new Map(
    graph.edges.flatMap(([from, to, ...rest]) => [[`${from},${to}`, rest.join()] as const, [`${to},${from}`, rest.join()] as const]),
  )
  const labelOf = (from: number, to: number) => labels.get(`${from},${to}`)!
  const refine = (colours: readonly number[]): number[] => {
    let now = colours
    for (;;) {
      const keys = now.map(
        (colour, i) =>
          `${colour}|${next[i]
            .map((other) => `${now[other]}:${labelOf(i, other)}`)
            .sort()
            .join(';')}`,
      )
      const refined = ranks(keys, now)
      if (new Set(refined).size === new Set(now).size) return refined
      now = refined
    }
  }
  let best: string | undefined
  let leaves = 0
  const search = (colours: readonly number[]): void => {
    if (leaves >= mostLeaves) return
    const cell = firstCell(colours)
    if (!cell) {
      leaves++
      const code = codeOf(graph, colours, labelOf, next)
      if (best === undefined || code < best) best = code
      return
    }
    for (const chosen of cell) search(refine(colours.map((colour, i) => (i === chosen ? 2 * colour : 2 * colour + 1))))
  }
  const attributes = graph.x.map((row) => row.join())
  search(
    refine(
      ranks(
        attributes,
        attributes.map(() => 0),
      ),
    ),
  )
  return best ?? ''
}

/** Ranks of texts among equal former colours, so that a refinement never merges. */
function ranks(keys: readonly string[], before: readonly number[]): number[] {
  const pairs = keys.map((key, i) => `${String(before[i]).padStart(8, '0')}|${key}`)
  const distinct = [...new Set(pairs)].sort()
  const rank = new Map(distinct.map((pair, i) => [pair, i]))
  return pairs.map((pair) => rank.get(pair)!)
}

/** The smallest set of nodes of one colour with more than one member. */
function firstCell(colours: readonly number[]): number[] | undefined {
  const cells = new Map<number, number[]>()
  colours.forEach((colour, i) => {
    cells.set(colour, [...(cells.get(colour) ?? []), i])
  })
  const open = [...cells].filter(([, cell]) => cell.length > 1).sort(([a, x], [b, y]) => x.length - y.length || a - b)
  return open[0]?.[1]
}

function codeOf(
  graph: AttributedGraph,
  colours: readonly number[],
  labelOf: (from: number, to: number) => string,
  next: readonly number[][],
): string {
  const order = colours.map((_, i) => i).sort((a, b) => colours[a] - colours[b])
  const place = new Map(order.map((node, i) => [node, i]))
  const rows = order.map((node) => {
    const bonds = next[node].map((other) => [place.get(other)!, labelOf(node, other)] as const).sort((a, b) => a[0] - b[0])
    return `${graph.x[node].join()}(${bonds.map(([to, label]) => `${to}:${label}`).join(' ')})`
  })
  return rows.join('')
}

/**
 * Single and double bonds on a ring along which they alternate become one kind: turning such a ring over is another way of writing the same molecule. A bond
 * differs between two ways of placing the double bonds exactly if it lies on an alternating ring.
 */
function withDelocalised(graph: AttributedGraph): AttributedGraph {
  const next = neighbours(graph)
  const bonds = new Map(graph.edges.flatMap(([from, to, bond]) => [[`${from},${to}`, bond] as const, [`${to},${from}`, bond] as const]))
  const marked = new Set<string>()
  // From one end of a double bond back to the other end, by single and double bonds in turn.
  const walk = (path: number[], goal: number): void => {
    const last = path.at(-1)!
    const wanted = path.length % 2 === 0 ? 0 : 1
    for (const other of next[last]) {
      if (bonds.get(`${last},${other}`) !== wanted) continue
      if (other === goal && wanted === 0 && path.length > 2) markRing([...path], marked)
      else if (!path.includes(other)) walk([...path, other], goal)
    }
  }
  for (const [from, to, bond] of graph.edges) if (bond === 1 && !marked.has(`${from},${to}`)) walk([from, to], from)
  const edges = graph.edges.map(([from, to, bond]) => [from, to, marked.has(`${from},${to}`) ? delocalised : bond] as const)
  return { ...graph, edges }
}

function markRing(path: readonly number[], marked: Set<string>): void {
  path.forEach((from, i) => {
    const to = path[(i + 1) % path.length]
    marked.add(`${from},${to}`).add(`${to},${from}`)
  })
}
