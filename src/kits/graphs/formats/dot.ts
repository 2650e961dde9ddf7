import type { Attribute, AttributedGraph, GraphSchema } from '../graph.ts'

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

const attributesOf = (values: readonly number[], attributes: readonly Attribute[]): string => {
  const pairs = attributes.map(({ name, values: known }, i) => `${quoted(name)}=${quoted(String(known?.[values[i]] ?? values[i]))}`)
  return pairs.length > 0 ? ` [${pairs.join(', ')}]` : ''
}

/**
 * Graphs in Graphviz's language, one after another, with all attributes.
 *
 * @example
 * writeDot([{ n: 2, x: [[], []], edges: [[0, 1]] }], { node: [], edge: [], maxNodes: 2, directed: false }) // 'graph g0 {\n  0;\n  1;\n  0 -- 1;\n}\n'
 */
export const writeDot = (graphs: readonly AttributedGraph[], schema: GraphSchema): string =>
  graphs
    .map(({ n, x, edges }, g) => {
      const [kind, arrow] = schema.directed ? ['digraph', '->'] : ['graph', '--']
      const nodes = Array.from({ length: n }, (_, i) => `  ${i}${attributesOf(x[i], schema.node)};\n`)
      const lines = edges.map(([from, to, ...values]) => `  ${from} ${arrow} ${to}${attributesOf(values, schema.edge)};\n`)
      return `${kind} g${g} {\n${nodes.join('')}${lines.join('')}}\n`
    })
    .join('')
