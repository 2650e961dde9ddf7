import { InputError } from '../../../engine/index.ts'
import { type Attribute, type AttributedGraph, checkedGraph, type Edge, type GraphSchema } from '../graph.ts'
import { unknownValue } from '../unknown-value.ts'
import { type Kept, keptLines, type ReadOptions } from './read-options.ts'

/**
 * Graphs from JSONL, one object a line: `{"n": 3, "x": [[…], …], "edges": [[0, 2, …], …]}`. Categories may be their names or their places among the
 * schema's values; `n` may be left out where `x` is there, and `x` where nodes have no attributes.
 *
 * @throws InputError that names the line, unless bad lines are skipped.
 * @example
 * const schema = { node: [], edge: [{ name: 'bond', type: 'categorical', values: ['single', 'double'] }], maxNodes: 3, directed: false } as const
 * const { graphs } = parseGraphLines('{"n": 2, "edges": [[0, 1, "double"]]}', schema)
 * graphs[0].edges // [[0, 1, 1]]
 */
export const parseGraphLines = (text: string, schema: GraphSchema, options: ReadOptions = {}): Kept<AttributedGraph> =>
  keptLines(text, options, (line, where) => checkedGraph(graphOf(objectOf(line, where), schema, where), schema, where))

type Plain = Readonly<Record<string, unknown>>

function objectOf(line: string, where: string): Plain {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw new InputError('this is no JSON', { where, fix: 'one graph a line: {"n": 2, "x": [[…], […]], "edges": [[0, 1, …]]}', cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new InputError('this is no JSON object', { where })
  return value as Plain
}

const listOf = (value: unknown, what: string, where: string): readonly unknown[] => {
  if (Array.isArray(value)) return value
  throw new InputError(`${what} is no list`, { where, fix: '"x" is a list a node, "edges" a list of [from, to, attributes …]' })
}

function graphOf(value: Plain, schema: GraphSchema, where: string): AttributedGraph {
  const rows = value.x === undefined ? undefined : listOf(value.x, 'x', where)
  const n = value.n === undefined ? (rows?.length ?? 0) : Number(value.n)
  if (!rows && schema.node.length === 0 && !(n >= 1 && n <= schema.maxNodes)) return { n, x: [], edges: [] } // checkedGraph says what is wrong with n
  const x = (rows ?? Array.from({ length: n }, () => [])).map((row, i) => numbers(listOf(row, `x[${i}]`, where), schema.node, where))
  const edges = listOf(value.edges ?? [], 'edges', where).map((edge, i): Edge => {
    const [from, to, ...attributes] = listOf(edge, `edges[${i}]`, where)
    return [from as number, to as number, ...numbers(attributes, schema.edge, where)]
  })
  const directed = value.directed === undefined ? schema.directed : value.directed === true
  return { n, x, edges, directed, ...(isPlain(value.meta) && { meta: value.meta }) }
}

const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Categories by name become their places. What is no number stays as it is, and is refused by `checkedGraph`. */
const numbers = (values: readonly unknown[], attributes: readonly Attribute[], where: string): number[] =>
  values.map((value, i) => {
    const { name, values: known } = attributes[i] ?? { name: `attribute ${i}` }
    if (typeof value !== 'string' || !known) return value as number
    const place = known.indexOf(value)
    if (place < 0) throw new InputError(unknownValue(name, value, known), { where })
    return place
  })

/**
 * Graphs as JSONL with categories by their names. Numbers are written in full, so that they are read back bit for bit.
 *
 * @example
 * const schema = { node: [], edge: [], maxNodes: 2, directed: false } as const
 * writeGraphLines([{ n: 2, x: [[], []], edges: [[0, 1]] }], schema) // '{"n":2,"x":[[],[]],"edges":[[0,1]]}\n'
 */
export const writeGraphLines = (graphs: readonly AttributedGraph[], schema: GraphSchema): string =>
  graphs
    .map(({ n, x, edges, directed, meta }) => {
      const named = (values: readonly number[], attributes: readonly Attribute[]) =>
        values.map((value, i) => attributes[i].values?.[value] ?? value)
      const lines = {
        n,
        x: x.map((row) => named(row, schema.node)),
        edges: edges.map(([from, to, ...attributes]) => [from, to, ...named(attributes, schema.edge)]),
        ...(directed && { directed }),
        ...(meta && { meta }),
      }
      return `${JSON.stringify(lines)}\n`
    })
    .join('')

/**
 * A schema for JSONL that comes without one: attributes get numbers for names; those that are texts are categories.
 *
 * @throws InputError where the first graph says nothing, or lines differ in their number of attributes.
 * @example
 * inferGraphSchema('{"x": [["C"], ["O"]], "edges": [[0, 1, 1.5]]}').node[0].values // ['C', 'O']
 */
export function inferGraphSchema(text: string, where = 'graphs'): GraphSchema {
  const found = { node: [] as Set<unknown>[], edge: [] as Set<unknown>[] }
  let maxNodes = 0
  let directed = false
  keptLines(text, { where, skipBad: true }, (line, at) => {
    const { n, x = [], edges = [], directed: own } = objectOf(line, at)
    const rows = listOf(x, 'x', at)
    maxNodes = Math.max(maxNodes, Number(n ?? rows.length) || 0)
    directed ||= own === true
    for (const row of rows) gather(found.node, listOf(row, 'x', at))
    for (const edge of listOf(edges, 'edges', at)) gather(found.edge, listOf(edge, 'edges', at).slice(2))
  })
  if (maxNodes < 1)
    throw new InputError(`none of the lines 1 to ${text.split('\n').length} holds a graph`, {
      where,
      fix: 'one graph a line: {"n": 2, "x": [[…], […]], "edges": [[0, 1, …]]}',
    })
  return {
    node: found.node.map(attributeOf('node')),
    edge: found.edge.map(attributeOf('edge')),
    maxNodes: Math.min(maxNodes, 1000),
    directed,
  }
}

/** Distinct values of each attribute; of numbers only that there are some. */
function gather(columns: Set<unknown>[], values: readonly unknown[]): void {
  values.forEach((value, i) => {
    columns[i] ??= new Set()
    columns[i].add(typeof value === 'string' ? value : 0)
  })
}

const attributeOf =
  (of: string) =>
  (values: ReadonlySet<unknown>, i: number): Attribute => {
    const names = [...values].filter((value): value is string => typeof value === 'string').sort()
    return names.length > 0 ? { name: `${of}${i}`, type: 'categorical', values: names } : { name: `${of}${i}`, type: 'real' }
  }
