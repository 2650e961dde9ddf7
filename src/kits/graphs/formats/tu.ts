import { decodeText, kindOf, namesIn, readContent } from '../../../data/files.ts'
import { builtin } from '../../../engine/builtin.ts'
import { InputError } from '../../../engine/index.ts'
import { type Attribute, type AttributedGraph, checkedGraph, type Edge, type GraphSchema } from '../graph.ts'
import { keptItems, type Skipped } from './read-options.ts'

const { join } = builtin('node:path')

/** A data set in the format of TU Dortmund's collection, with its schema. */
export interface TuDataset {
  readonly schema: GraphSchema
  readonly graphs: readonly AttributedGraph[]
  readonly skipped: readonly Skipped[]
}

/**
 * Reads a folder of `NAME_A.txt` (edges, nodes counted from 1 over all graphs), `NAME_graph_indicator.txt`, and where they are there `NAME_node_labels.txt`,
 * `NAME_node_attributes.txt`, `NAME_edge_labels.txt` and `NAME_edge_attributes.txt`: ENZYMES, PROTEINS, MUTAG and the like. Edges stand there in both directions.
 *
 * @throws InputError for missing files, lines that are no numbers, and numbers that do not fit together.
 * @example
 * import { mkdirSync, writeFileSync } from 'node:fs'
 *
 * mkdirSync('TOY')
 * writeFileSync('TOY/TOY_A.txt', '1, 2\n2, 1\n')
 * writeFileSync('TOY/TOY_graph_indicator.txt', '1\n1\n')
 * const { graphs } = await loadTu('TOY')
 * graphs[0].edges // [[0, 1]]
 */
export async function loadTu(folder: string, { skipBad = false, maxNodes = 1000 } = {}): Promise<TuDataset> {
  const name =
    (await kindOf(folder)) === 'folder' ? (await namesIn(folder)).find((file) => file.endsWith('_A.txt'))?.slice(0, -6) : undefined
  if (name === undefined)
    throw new InputError('holds no NAME_A.txt', { where: folder, fix: 'give the folder of one data set of the TU collection' })
  const table = async (part: string): Promise<number[][] | undefined> => {
    const path = join(folder, `${name}_${part}.txt`)
    return (await kindOf(path)) === 'file' ? numbersIn(decodeText(await readContent(path), path), path) : undefined
  }
  const [edges, indicator] = [await table('A'), await table('graph_indicator')]
  if (!edges || !indicator) throw new InputError(`holds no ${name}_graph_indicator.txt`, { where: folder })
  const node = await columnsOf(table, 'node', indicator.length, folder)
  const edge = await columnsOf(table, 'edge', edges.length, folder)
  const groups = graphRows(edges, indicator, folder)
  const largest = Math.max(...groups.map(({ nodes }) => nodes.length))
  const schema: GraphSchema = { node: node.attributes, edge: edge.attributes, maxNodes: Math.min(largest, maxNodes), directed: false }
  const items = groups.map((group, i) => ({ ...group, at: `${folder}, graph ${i + 1}` }))
  const { graphs, skipped } = keptItems(items, { skipBad }, ({ nodes, rows, at }) => {
    const place = new Map(nodes.map((id, i) => [id, i]))
    const list = rows.map((row): Edge => [place.get(edges[row][0])!, place.get(edges[row][1])!, ...edge.rows[row]])
    // Self loops, which some sets have, say nothing here.
    return checkedGraph({ n: nodes.length, x: nodes.map((id) => node.rows[id - 1]), edges: list.filter(([a, b]) => a !== b) }, schema, at)
  })
  return { schema, graphs, skipped }
}

function numbersIn(text: string, where: string): number[][] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, i) => {
      const values = line.split(',').map((word) => (word.trim() === '' ? Number.NaN : Number(word)))
      if (!values.every(Number.isFinite))
        throw new InputError(`'${line.slice(0, 40)}' are no numbers`, { where: `${where}, line ${i + 1}` })
      return values
    })
}

/** Labels as one categorical attribute, then attributes as real ones. */
async function columnsOf(table: (part: string) => Promise<number[][] | undefined>, of: 'node' | 'edge', count: number, where: string) {
  const [labels, attributes] = [await table(`${of}_labels`), await table(`${of}_attributes`)]
  for (const rows of [labels, attributes])
    if (rows && rows.length !== count) throw new InputError(`${rows.length} lines of ${of}s for ${count} ${of}s`, { where })
  const values = labels && [...new Set(labels.map(([label]) => label))].sort((a, b) => a - b)
  const width = attributes?.[0]?.length ?? 0
  const list: Attribute[] = [
    ...(values ? [{ name: 'label', type: 'categorical' as const, values: values.map(String) }] : []),
    ...Array.from({ length: width }, (_, i) => ({ name: `${of}${i}`, type: 'real' as const })),
  ]
  const rows = Array.from({ length: count }, (_, i) => [
    ...(values ? [values.indexOf(labels![i][0])] : []),
    ...(attributes ? attributes[i].slice(0, width) : []),
  ])
  return { attributes: list, rows }
}

/** Nodes of each graph, and the lines of its edges. */
function graphRows(edges: readonly number[][], indicator: readonly number[][], where: string) {
  const groups = new Map<number, { nodes: number[]; rows: number[] }>()
  indicator.forEach(([graph], i) => {
    const group = groups.get(graph) ?? { nodes: [], rows: [] }
    group.nodes.push(i + 1)
    groups.set(graph, group)
  })
  edges.forEach(([from, to], row) => {
    const graph = indicator[from - 1]?.[0]
    if (graph === undefined || indicator[to - 1]?.[0] !== graph)
      throw new InputError(`edge ${from}, ${to} in line ${row + 1} joins no two nodes of one graph`, { where })
    groups.get(graph)!.rows.push(row)
  })
  return [...groups.values()]
}
