import { decodeText, kindOf, readContent } from '../../../data/files.ts'
import { InputError } from '../../../engine/index.ts'
import type { AttributedGraph, GraphSchema } from '../graph.ts'

import { parseSmilesLines } from '../molecules/smiles-file.ts'
import { elementsOf } from '../molecules/valence.ts'
import { toSmiles } from '../molecules/write-smiles.ts'
import { writeDot } from './dot.ts'
import { inferEdgeListSchema, parseEdgeLists, writeEdgeLists } from './edge-list.ts'
import { inferGraphMlSchema, parseGraphMl, writeGraphMl } from './graphml.ts'
import { inferGraphSchema, parseGraphLines, writeGraphLines } from './jsonl.ts'
import type { Kept, ReadOptions } from './read-options.ts'
import { loadTu } from './tu.ts'

/** Graphs that were read, and the schema that they follow. */
export interface GraphFile extends Kept<AttributedGraph> {
  readonly schema: GraphSchema
}

/**
 * Formats of files of graphs; DOT is written only.
 *
 * @example
 * graphFormats[0] // 'jsonl'
 */
export const graphFormats = ['jsonl', 'smiles', 'edges', 'graphml', 'dot'] as const
export type GraphFormat = (typeof graphFormats)[number]

/**
 * By the ending of a name.
 *
 * @example
 * formatOf('molecules.smi.gz') // 'smiles'
 */
export function formatOf(path: string): GraphFormat | undefined {
  const ending = /\.([a-z]+)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase() ?? ''
  const known: Readonly<Record<string, GraphFormat>> = {
    jsonl: 'jsonl',
    smi: 'smiles',
    smiles: 'smiles',
    csv: 'smiles',
    edges: 'edges',
    txt: 'edges',
    graphml: 'graphml',
    xml: 'graphml',
    dot: 'dot',
    gv: 'dot',
  }
  return known[ending]
}

export interface ReadGraphsOptions extends Pick<ReadOptions, 'skipBad'> {
  /** Default: the one that the file follows by itself. */
  readonly schema?: GraphSchema
  /** Larger graphs are refused. Default: as many as the largest has. */
  readonly maxNodes?: number
  /** Of SMILES: also what is no molecule, as a generator may write it. */
  readonly unchecked?: boolean
}

/**
 * Graphs from a file, gzipped or not, by the ending of its name: .jsonl, .smi or .csv (SMILES), .edges or .txt (edge lists), .graphml; or from a folder of the TU
 * collection.
 *
 * @throws InputError for what cannot be read: the file, the line, why.
 * @example
 * import { writeFileSync } from 'node:fs'
 *
 * writeFileSync('two.smi', 'CCO\nC#N\n')
 * const { graphs, schema } = await readGraphs('two.smi')
 * graphs.length // 2
 */
export async function readGraphs(path: string, options: ReadGraphsOptions = {}): Promise<GraphFile> {
  const kind = await kindOf(path)
  if (kind === 'absent') throw new InputError('there is no such file or folder', { where: path })
  if (kind === 'folder') return loadTu(path, options)
  const format = formatOf(path)
  if (!format || format === 'dot')
    throw new InputError('graphs are not read from such a file', {
      where: path,
      fix: 'give .jsonl, .smi, .csv, .edges, .txt or .graphml, or a TU folder',
    })
  const text = decodeText(await readContent(path), path)
  const read = parseGraphs(format, text, path, options)
  if (read.graphs.length === 0)
    throw new InputError(`no graph could be read${read.skipped.length > 0 ? `; the first: ${read.skipped[0].why}` : ''}`, { where: path })
  return read
}

/**
 * The text of a file of that format.
 *
 * @example
 * parseGraphs('smiles', 'CCO\n', 'ethanol.smi').graphs[0].n // 3
 */
export function parseGraphs(format: Exclude<GraphFormat, 'dot'>, text: string, where: string, options: ReadGraphsOptions = {}): GraphFile {
  const { skipBad, maxNodes, unchecked } = options
  if (format === 'smiles') {
    const elements = options.schema && elementsOf(options.schema)
    return parseSmilesLines(text, { where, skipBad, unchecked, elements, maxNodes: maxNodes ?? options.schema?.maxNodes })
  }
  const own = options.schema ?? inferred(format, text, where)
  const schema = maxNodes === undefined ? own : { ...own, maxNodes }
  return { schema, ...readers[format](text, schema, { where, skipBad }) }
}

const readers = { jsonl: parseGraphLines, edges: parseEdgeLists, graphml: parseGraphMl } as const

const inferred = (format: 'jsonl' | 'edges' | 'graphml', text: string, where: string): GraphSchema =>
  ({ jsonl: inferGraphSchema, edges: inferEdgeListSchema, graphml: inferGraphMlSchema })[format](text, where)

/**
 * Graphs as a file's text.
 *
 * @throws InputError for SMILES of what are no molecules.
 * @example
 * const schema = { node: [], edge: [], maxNodes: 2, directed: false } as const
 * graphsText([{ n: 2, x: [[], []], edges: [[0, 1]] }], schema, 'edges') // '0 1\n'
 */
export function graphsText(graphs: readonly AttributedGraph[], schema: GraphSchema, format: GraphFormat): string {
  if (format === 'smiles') {
    const elements = elementsOf(schema)
    if (!elements)
      throw new InputError('these graphs are no molecules: SMILES cannot be written', { fix: 'choose jsonl, graphml, edges or dot' })
    return graphs.map((graph) => `${toSmiles(graph, elements)}\n`).join('')
  }
  return { jsonl: writeGraphLines, edges: writeEdgeLists, graphml: writeGraphMl, dot: writeDot }[format](graphs, schema)
}
