import { InputError } from '../../../engine/index.ts'
import { type Attribute, type AttributedGraph, checkedGraph, type Edge, type GraphSchema } from '../graph.ts'
import { numberOf } from './edge-list.ts'
import { type Kept, keptItems, type ReadOptions } from './read-options.ts'
import { elementsIn, type XmlElement } from './xml.ts'

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/**
 * Graphs as GraphML, all in one file, with a key for each attribute.
 *
 * @example
 * const schema = { node: [], edge: [], maxNodes: 2, directed: false } as const
 * writeGraphMl([{ n: 2, x: [[], []], edges: [[0, 1]] }], schema).includes('<edge source="n0" target="n1">') // true
 */
export function writeGraphMl(graphs: readonly AttributedGraph[], schema: GraphSchema): string {
  const keys = (['node', 'edge'] as const).flatMap((of) =>
    schema[of].map(
      ({ name, type }, i) =>
        `  <key id="${of}${i}" for="${of}" attr.name="${escaped(name)}" attr.type="${type === 'real' ? 'double' : type === 'int' ? 'long' : 'string'}"/>\n`,
    ),
  )
  const data = (of: 'node' | 'edge', values: readonly number[]) =>
    values.map((value, i) => `<data key="${of}${i}">${escaped(String(schema[of][i].values?.[value] ?? value))}</data>`).join('')
  const bodies = graphs.map(({ n, x, edges }, g) => {
    const nodes = Array.from({ length: n }, (_, i) => `    <node id="n${i}">${data('node', x[i])}</node>\n`)
    const lines = edges.map(([from, to, ...values]) => `    <edge source="n${from}" target="n${to}">${data('edge', values)}</edge>\n`)
    return `  <graph id="g${g}" edgedefault="${schema.directed ? 'directed' : 'undirected'}">\n${nodes.join('')}${lines.join('')}  </graph>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n${keys.join('')}${bodies.join('')}</graphml>\n`
}

interface Key {
  readonly id: string
  readonly of: string
  readonly name: string
  readonly type: string
}

interface Parsed {
  readonly keys: readonly Key[]
  readonly graphs: readonly { readonly element: XmlElement; readonly at: string }[]
}

function parsed(text: string, where: string): Parsed {
  const root = elementsIn(text, where).find(({ name }) => name === 'graphml')
  if (!root) throw new InputError("there is no element 'graphml'", { where })
  const keys = root.children
    .filter(({ name }) => name === 'key')
    .map(({ attributes }) => ({
      id: attributes.id ?? '',
      of: attributes.for ?? 'all',
      name: attributes['attr.name'] ?? attributes.id ?? '',
      type: attributes['attr.type'] ?? 'string',
    }))
  const graphs = root.children.filter(({ name }) => name === 'graph').map((element, i) => ({ element, at: `${where}, graph ${i + 1}` }))
  return { keys, graphs }
}

const childrenOf = (element: XmlElement, name: string): XmlElement[] => element.children.filter((child) => child.name === name)

/**
 * Graphs from GraphML. Attributes are found by their names in the schema; keys that it does not have are left out.
 *
 * @throws InputError for XML that is none, edges of unknown nodes, attributes that are missing or no numbers; unless bad graphs are skipped.
 * @example
 * const schema = { node: [], edge: [], maxNodes: 2, directed: false } as const
 * const text = writeGraphMl([{ n: 2, x: [[], []], edges: [[0, 1]] }], schema)
 * parseGraphMl(text, schema).graphs[0].edges // [[0, 1]]
 */
export function parseGraphMl(
  text: string,
  schema: GraphSchema,
  { where = 'graphs', skipBad = false }: ReadOptions = {},
): Kept<AttributedGraph> {
  const { keys, graphs } = parsed(text, where)
  return keptItems(graphs, { skipBad }, ({ element, at }) => {
    const nodes = childrenOf(element, 'node')
    const places = new Map(nodes.map(({ attributes }, i) => [attributes.id ?? '', i]))
    const values = (of: 'node' | 'edge', holder: XmlElement) =>
      valuesOf(
        schema[of],
        holder,
        keys.filter((key) => key.of === of || key.of === 'all'),
        at,
      )
    const edges = childrenOf(element, 'edge').map((edge): Edge => {
      const ends = [edge.attributes.source, edge.attributes.target].map((id) => {
        const place = places.get(id ?? '')
        if (place === undefined) throw new InputError(`an edge names node '${id}', which there is not`, { where: at })
        return place
      })
      return [ends[0], ends[1], ...values('edge', edge)]
    })
    const directed = element.attributes.edgedefault === 'directed'
    return checkedGraph({ n: nodes.length, x: nodes.map((node) => values('node', node)), edges, directed }, schema, at)
  })
}

function valuesOf(attributes: readonly Attribute[], holder: XmlElement, keys: readonly Key[], where: string): number[] {
  const data = new Map(childrenOf(holder, 'data').map((element) => [element.attributes.key, element.text]))
  return attributes.map((attribute) => {
    const key = keys.find(({ name }) => name === attribute.name)
    const text = key && data.get(key.id)
    if (text === undefined) throw new InputError(`${holder.name} '${holder.attributes.id ?? ''}' has no ${attribute.name}`, { where })
    return numberOf(text, attribute, where)
  })
}

/** The texts that occur, by the ids of their keys. */
function textsOf(holders: readonly XmlElement[]): Map<string, Set<string>> {
  const texts = new Map<string, Set<string>>()
  for (const holder of holders)
    for (const { name, attributes, text } of holder.children) {
      if (name !== 'data') continue
      const own = texts.get(attributes.key)
      if (own) own.add(text)
      else texts.set(attributes.key, new Set([text]))
    }
  return texts
}

/**
 * The schema of a GraphML file: its keys, with the texts that occur as categories.
 *
 * @example
 * inferGraphMlSchema('<graphml><graph><node id="a"/></graph></graphml>').maxNodes // 1
 */
export function inferGraphMlSchema(text: string, where = 'graphs'): GraphSchema {
  const { keys, graphs } = parsed(text, where)
  if (graphs.length === 0) throw new InputError("there is no element 'graph'", { where })
  const attributes = (of: 'node' | 'edge') => {
    const texts = textsOf(graphs.flatMap(({ element }) => childrenOf(element, of)))
    return keys
      .filter((key) => key.of === of || key.of === 'all')
      .map(({ id, name, type }): Attribute => {
        if (type !== 'string' && type !== 'boolean') return { name, type: type === 'int' || type === 'long' ? 'int' : 'real' }
        return { name, type: 'categorical', values: [...(texts.get(id) ?? [])].sort() }
      })
      .filter(({ type, values }) => type !== 'categorical' || values!.length > 0)
  }
  const maxNodes = Math.min(1000, Math.max(1, ...graphs.map(({ element }) => childrenOf(element, 'node').length)))
  return { node: attributes('node'), edge: attributes('edge'), maxNodes, directed: graphs[0].element.attributes.edgedefault === 'directed' }
}
