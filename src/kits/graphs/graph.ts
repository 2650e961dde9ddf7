import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { unknownValue } from './unknown-value.ts'

/** What one number of a node or an edge means. */
export interface Attribute {
  readonly name: string
  /** `int` is rounded when graphs are generated; a category is stored as its place among `values`. */
  readonly type: 'real' | 'int' | 'categorical'
  readonly values?: readonly string[]
}

/** What graphs of a set have in common. */
export interface GraphSchema {
  readonly node: readonly Attribute[]
  readonly edge: readonly Attribute[]
  readonly maxNodes: number
  readonly directed: boolean
}

/** From node, to node, attributes in the schema's order. */
export type Edge = readonly [from: number, to: number, ...attributes: number[]]

/** A graph whose nodes and edges carry data. */
export interface AttributedGraph {
  /** Nodes, numbered from 0. */
  readonly n: number
  /** [n][attributes], in the schema's order. */
  readonly x: readonly (readonly number[])[]
  /** Of an undirected graph each edge once, the smaller node first, in ascending order. */
  readonly edges: readonly Edge[]
  readonly directed?: boolean
  readonly meta?: Readonly<Record<string, unknown>>
}

const attributeSchema = z
  .strictObject({ name: z.string().min(1), type: z.enum(['real', 'int', 'categorical']), values: z.array(z.string()).min(1).optional() })
  .refine(({ type, values }) => (type === 'categorical') === (values !== undefined), 'a categorical attribute has values, another none')

const distinctNames = (attributes: readonly { name: string }[]): boolean =>
  new Set(attributes.map(({ name }) => name)).size === attributes.length

const listOfAttributes = z.array(attributeSchema).refine(distinctNames, 'two attributes have one name')

/**
 * What a schema file holds.
 *
 * @example
 * graphSchemaSchema.safeParse({ node: [], edge: [], maxNodes: 0 }).success // false
 */
export const graphSchemaSchema: z.ZodType<GraphSchema> = z.strictObject({
  node: listOfAttributes,
  edge: listOfAttributes,
  maxNodes: z.number().int().positive().max(1000),
  directed: z.boolean().default(false),
})

/**
 * A schema from JSON.
 *
 * @throws InputError that names the key at fault.
 * @example
 * const schema = parseGraphSchema('{"node": [{"name": "speed", "type": "real"}], "edge": [], "maxNodes": 8}', 'schema.json')
 * schema.directed // false
 */
export function parseGraphSchema(text: string, where: string): GraphSchema {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const place = /position (\d+)/.exec((cause as Error).message)?.[1] ?? text.length
    throw new InputError(`this is no JSON at offset ${place}`, {
      where,
      fix: 'a schema is an object with node, edge, maxNodes and directed',
      cause,
    })
  }
  const parsed = graphSchemaSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [{ path, message }] = parsed.error.issues
  throw new InputError(`'${path.join('.') || 'schema'}': ${message}`, {
    where,
    fix: 'a schema is {"node": [{"name", "type", "values"?}], "edge": [...], "maxNodes": 8, "directed": false}',
  })
}

/**
 * The graph in its standard form, once it satisfies the schema. An undirected edge may be given in both directions, if its attributes are equal.
 *
 * @throws InputError: a node out of range, a self loop, a duplicate or asymmetric edge, a number that is none, an unknown category, too many nodes.
 * @example
 * const schema = { node: [], edge: [{ name: 'weight', type: 'real' }], maxNodes: 3, directed: false } as const
 * checkedGraph({ n: 3, x: [[], [], []], edges: [[2, 0, 1.5]] }, schema).edges // [[0, 2, 1.5]]
 */
export function checkedGraph(graph: AttributedGraph, schema: GraphSchema, where = 'graph'): AttributedGraph {
  const { n, x, edges, directed = schema.directed, meta } = graph
  const refuse = (what: string, fix?: string): never => {
    throw new InputError(what, { where, ...(fix && { fix }) })
  }
  if (!Number.isInteger(n) || n < 1) refuse(`a graph has ${n} nodes`, 'n is a whole number from 1')
  if (n > schema.maxNodes) refuse(`${n} nodes are more than maxNodes = ${schema.maxNodes}`, 'raise maxNodes, or leave the graph out')
  if (directed !== schema.directed)
    refuse(`the graph is ${directed ? 'directed' : 'undirected'}, the schema ${schema.directed ? 'directed' : 'undirected'}`)
  if (x.length !== n) refuse(`attributes of ${x.length} nodes for ${n} nodes`)
  for (const [i, row] of x.entries()) checkValues(row, schema.node, `node ${i}`, refuse)
  const found = new Map<string, Edge>()
  for (const edge of edges) addEdge(found, edge, { n, schema, refuse })
  const ordered = [...found.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1])
  return { n, x, edges: ordered, ...(directed && { directed }), ...(meta && { meta }) }
}

type Refuse = (what: string, fix?: string) => never

interface Within {
  readonly n: number
  readonly schema: GraphSchema
  readonly refuse: Refuse
}

function addEdge(found: Map<string, Edge>, edge: Edge, { n, schema, refuse }: Within): void {
  const [from, to, ...attributes] = edge
  for (const node of [from, to])
    if (!Number.isInteger(node) || node < 0 || node >= n) refuse(`edge ${from}–${to}: node ${node} is none of 0 to ${n - 1}`)
  if (from === to) refuse(`edge ${from}–${to} is a self loop`)
  checkValues(attributes, schema.edge, `edge ${from}–${to}`, refuse)
  const turned = !schema.directed && from > to
  const standard: Edge = turned ? [to, from, ...attributes] : edge
  // A direction is a key of its own, so that the second mention of an undirected edge is told from a repetition.
  const [key, other] = [`${from},${to}`, `${to},${from}`]
  if (found.has(key)) refuse(`edge ${from}–${to} is there twice`)
  const before = schema.directed ? undefined : found.get(other)
  if (!before) found.set(key, standard)
  else if (attributes.some((value, i) => value !== before[i + 2]))
    refuse(`edge ${from}–${to} has other attributes than edge ${to}–${from} in an undirected graph`, 'make them equal, or set directed')
}

function checkValues(values: readonly number[], attributes: readonly Attribute[], what: string, refuse: Refuse): void {
  if (values.length !== attributes.length)
    refuse(`${what} has ${values.length} attributes instead of ${attributes.length}`, attributes.map(({ name }) => name).join(', '))
  values.forEach((value, i) => {
    const { name, type, values: known = [] } = attributes[i]
    if (typeof value !== 'number' || !Number.isFinite(value)) refuse(`${what}: ${name} is ${String(value)}`, 'numbers are finite')
    if (type === 'int' && !Number.isInteger(value)) refuse(`${what}: ${name} is ${value}, which is no whole number`)
    if (type === 'categorical' && !(Number.isInteger(value) && value >= 0 && value < known.length)) refuse(unknownValue(name, value, known))
  })
}

/**
 * The neighbours of each node, ascending; of a directed graph those that its edges lead to.
 *
 * @example
 * neighbours({ n: 3, x: [[], [], []], edges: [[0, 1], [0, 2]] }) // [[1, 2], [0], [0]]
 */
export function neighbours({ n, edges, directed }: AttributedGraph): number[][] {
  const lists = Array.from({ length: n }, (): number[] => [])
  for (const [from, to] of edges) {
    lists[from].push(to)
    if (!directed) lists[to].push(from)
  }
  return lists.map((list) => list.sort((a, b) => a - b))
}

/**
 * The component of each node, numbered from 0 by their first nodes; edges count in both directions.
 *
 * @example
 * components({ n: 3, x: [[], [], []], edges: [[0, 2]] }) // [0, 1, 0]
 */
export function components({ n, edges }: AttributedGraph): number[] {
  // Each node leads to an earlier one of its component, or is its first.
  const earlier = Array.from({ length: n }, (_, node) => node)
  const firstOf = (node: number): number => {
    while (earlier[node] !== node) node = earlier[node] = earlier[earlier[node]]
    return node
  }
  for (const [from, to] of edges) {
    const [a, b] = [firstOf(from), firstOf(to)]
    earlier[Math.max(a, b)] = Math.min(a, b)
  }
  let count = 0
  const of: number[] = []
  for (let node = 0; node < n; node++) of.push(earlier[node] === node ? count++ : of[firstOf(node)])
  return of
}
