import type { DrawnGraph } from './graph.ts'

/*
 * Graphs as methods write them and as other programs do, for drawing alone: who is joined to whom. Attributes are left out, and what is damaged.
 */

/** Graphs with more nodes than anybody could make out. */
const mostNodes = 400

const isIndex = (value: unknown, nodes: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < nodes

/** A graph as a line of JSON: `{ n, edges: [[i, j, …], …] }`, or with `nodes` as a list. */
export function parseGraphLine(line: string): DrawnGraph | undefined {
  try {
    const { n, nodes, edges } = JSON.parse(line) as { n?: unknown; nodes?: unknown; edges?: unknown }
    const count = Array.isArray(nodes) ? nodes.length : n
    if (!isIndex(count, mostNodes + 1) || !Array.isArray(edges)) return undefined
    const ends = edges.flatMap((edge): [number, number][] => {
      const [from, to] = Array.isArray(edge) ? edge : [edge?.source, edge?.target]
      return isIndex(from, count) && isIndex(to, count) ? [[from, to]] : []
    })
    return { nodes: count, edges: ends }
  } catch {
    return undefined
  }
}

/** A graph from pairs of names; nodes that are in no pair are named beforehand. */
function fromPairs(pairs: Iterable<readonly [string, string]>, nodes: Iterable<string> = []): DrawnGraph | undefined {
  const names = new Map<string, number>()
  const indexOf = (name: string) => names.get(name) ?? names.set(name, names.size).get(name)!
  for (const name of nodes) indexOf(name)
  const edges = Array.from(pairs, ([from, to]) => [indexOf(from), indexOf(to)] as const)
  return names.size > 0 && names.size <= mostNodes ? { nodes: names.size, edges } : undefined
}

/** Two names a line, with blanks, tabs or commas between; what follows them is no part of the drawing. Blank lines, and lines that begin with `graph`, part graphs. */
export function parseEdgeLists(text: string): DrawnGraph[] {
  return text
    .replaceAll(/^\s*[#%].*\n?/gm, '')
    .split(/^(?:\s*|\s*graph\b.*)$/im)
    .flatMap((block) => {
      const pairs = block.split('\n').flatMap((line): [string, string][] => {
        const [from, to] = line.trim().split(/[\s,;]+/)
        return from && to ? [[from, to]] : []
      })
      return pairs.length ? (fromPairs(pairs) ?? []) : []
    })
}

const attribute = (tag: string, name: string): string | undefined => {
  const [, double, single] = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(tag) ?? []
  return double ?? single
}

/** The graphs of GraphML. It is read by its tags alone: nothing in it is expanded or fetched, and a name is the characters that it is written with. */
export function parseGraphMl(text: string): DrawnGraph[] {
  return text
    .split(/<graph(?=[\s>])/)
    .slice(1)
    .flatMap((body) => {
      const tags = body.match(/<(?:node|edge)\s[^<>]*/g) ?? []
      const nodes = tags.filter((tag) => tag.startsWith('<node')).flatMap((tag) => attribute(tag, 'id') ?? [])
      const pairs = tags.flatMap((tag): [string, string][] => {
        const [from, to] = tag.startsWith('<edge') ? [attribute(tag, 'source'), attribute(tag, 'target')] : []
        return from !== undefined && to !== undefined ? [[from, to]] : []
      })
      return fromPairs(pairs, nodes) ?? []
    })
}

const dotName = /"(?:[^"\\]|\\.)*"|[\w.]+/.source

/** The graphs of a DOT file whose statements are nodes and single edges, a line each, as `writeDot` writes them. */
export function parseDot(text: string): DrawnGraph[] {
  const edge = new RegExp(`^\\s*(${dotName})\\s*-[->]\\s*(${dotName})`)
  const node = new RegExp(`^\\s*(${dotName})\\s*(?:\\[|;|$)`)
  return text
    .split(/^\s*(?:strict\s+)?(?:di)?graph\b.*$/m)
    .slice(1)
    .flatMap((body) => {
      const lines = body.split('\n')
      const pairs = lines.flatMap((line): [string, string][] => {
        const [, from, to] = edge.exec(line) ?? []
        return from && to ? [[from, to]] : []
      })
      return (
        fromPairs(
          pairs,
          lines.flatMap((line) => node.exec(line)?.[1] ?? []),
        ) ?? []
      )
    })
}

/** All graphs of a file, by its ending; those that are too large, or none, are left out. `all`: how many it says it has. */
export function graphsIn(path: string, text: string, most: number): { readonly shown: readonly DrawnGraph[]; readonly all: number } {
  const ending = /[^.]*$/.exec(path.toLowerCase())![0]
  const lines = ending === 'json' || ending === 'jsonl' ? text.split('\n').filter((line) => line.trim().startsWith('{')) : undefined
  if (lines) return { shown: lines.slice(0, most).flatMap((line) => parseGraphLine(line) ?? []), all: lines.length }
  const parse = ending === 'graphml' || ending === 'xml' ? parseGraphMl : ending === 'dot' || ending === 'gv' ? parseDot : parseEdgeLists
  const graphs = parse(text)
  return { shown: graphs.slice(0, most), all: graphs.length }
}
