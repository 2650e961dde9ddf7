import { InputError } from '../../../engine/index.ts'
import { type AttributedGraph, checkedGraph, type Edge, type GraphSchema } from '../graph.ts'
import { type Kept, keptItems, type ReadOptions } from './read-options.ts'

/**
 * Graphs from edge lists: a line an edge, `from to [attributes …]`, separated by blanks, tabs or commas; a blank line or one that begins with `graph` starts the
 * next graph; `#` begins a comment. Nodes are named by any words and numbered in the order in which they come; they have no attributes.
 *
 * @throws InputError that names the line, unless bad graphs are skipped.
 * @example
 * const schema = { node: [], edge: [{ name: 'weight', type: 'real' }], maxNodes: 3, directed: false } as const
 * parseEdgeLists('a b 1.5\nb c 2', schema).graphs[0].edges // [[0, 1, 1.5], [1, 2, 2]]
 */
export function parseEdgeLists(
  text: string,
  schema: GraphSchema,
  { where = 'graphs', skipBad = false }: ReadOptions = {},
): Kept<AttributedGraph> {
  if (schema.node.length > 0)
    throw new InputError('an edge list has no attributes of nodes', { where, fix: 'use JSONL or GraphML, or a schema without them' })
  return keptItems(blocksOf(text, where), { skipBad }, ({ lines }) => {
    const places = new Map<string, number>()
    const edges = lines.map(({ words, where }): Edge => {
      const [from, to, ...rest] = words
      if (to === undefined) throw new InputError(`'${words.join(' ')}' is no edge`, { where, fix: 'a line is: from to attributes …' })
      const place = (name: string) => {
        if (!places.has(name)) places.set(name, places.size)
        return places.get(name)!
      }
      return [place(from), place(to), ...rest.map((word, i) => numberOf(word, schema.edge[i], where))]
    })
    return checkedGraph({ n: places.size, x: [...places].map(() => []), edges, directed: schema.directed }, schema, lines[0].where)
  })
}

interface Line {
  readonly words: readonly string[]
  readonly where: string
}

function blocksOf(text: string, where: string): { at: string; lines: Line[] }[] {
  const blocks: { at: string; lines: Line[] }[] = []
  let open = false
  text.split('\n').forEach((line, i) => {
    const words = line
      .replace(/#.*$/, '')
      .trim()
      .split(/[\s,;]+/)
      .filter(Boolean)
    if (line.trim().startsWith('#')) return
    if (words.length === 0 || words[0].toLowerCase() === 'graph') {
      open = false
      return
    }
    const at = `${where}, line ${i + 1}`
    if (!open) blocks.push({ at, lines: [] })
    open = true
    blocks.at(-1)!.lines.push({ words, where: at })
  })
  return blocks
}

/** A word as a number, or as the place of a category. */
export function numberOf(word: string, attribute: GraphSchema['edge'][number] | undefined, where: string): number {
  const place = attribute?.values?.indexOf(word) ?? -1
  if (place >= 0) return place
  const value = word.trim() === '' ? Number.NaN : Number(word)
  if (attribute?.values || !Number.isFinite(value))
    throw new InputError(`'${word}' is no ${attribute?.values ? `value of ${attribute.name}` : 'number'}`, { where })
  return value
}

/**
 * The schema that an edge list follows by itself: as many real attributes as its lines have.
 *
 * @throws InputError where lines differ, or there is none.
 * @example
 * inferEdgeListSchema('a b 1.5\nb c 2').maxNodes // 3
 */
export function inferEdgeListSchema(text: string, where = 'graphs'): GraphSchema {
  const blocks = blocksOf(text, where)
  if (blocks.length === 0) throw new InputError('line 1: there is no edge', { where, fix: 'a line is: from to attributes …' })
  const [{ words }] = blocks[0].lines
  const nodes = blocks.map(({ lines }) => new Set(lines.flatMap(({ words }) => words.slice(0, 2))).size)
  const maxNodes = Math.min(1000, Math.max(1, ...nodes))
  return { node: [], edge: words.slice(2).map((_, i) => ({ name: `edge${i}`, type: 'real' as const })), maxNodes, directed: false }
}

/**
 * Graphs as edge lists with a blank line between them. Nodes without an edge are not in them.
 *
 * @example
 * writeEdgeLists([{ n: 2, x: [[], []], edges: [[0, 1, 0.5]] }], { node: [], edge: [{ name: 'w', type: 'real' }], maxNodes: 2, directed: false }) // '0 1 0.5\n'
 */
export const writeEdgeLists = (graphs: readonly AttributedGraph[], schema: GraphSchema): string =>
  graphs
    .map(({ edges }) =>
      edges
        .map(([from, to, ...values]) => `${[from, to, ...values.map((value, i) => schema.edge[i].values?.[value] ?? value)].join(' ')}\n`)
        .join(''),
    )
    .join('\n')
