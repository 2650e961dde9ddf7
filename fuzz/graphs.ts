import { decodeText } from '../src/data/files.ts'
import {
  type AttributedGraph,
  type GraphFormat,
  type GraphSchema,
  geoTraffic,
  geoTrafficSchema,
  graphsText,
  gridMdp,
  gridMdpSchema,
  moleculeSchema,
  parseGraphSchema,
  parseGraphs,
  qm9Elements,
  randomMolecules,
} from '../src/kits/graphs/index.ts'
import type { Reader } from './readers.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

const molecules = { graphs: randomMolecules({ count: 6, seed: 1 }), schema: moleculeSchema(qm9Elements, 9) }
const mazes = { graphs: gridMdp({ count: 2, k: 3, seed: 1 }), schema: gridMdpSchema(3) }
const scenes = { graphs: geoTraffic({ count: 2, n: 4, seed: 1 }), schema: geoTrafficSchema(4) }

interface Sets {
  readonly graphs: readonly AttributedGraph[]
  readonly schema: GraphSchema
}

/** Graphs of a format, read as they come without a schema. */
const graphReader = (format: Exclude<GraphFormat, 'dot'>, sets: readonly Sets[], more: Partial<Reader>): Reader => ({
  name: `graphs-${format}`,
  text: true,
  good: async () => sets.map(({ graphs, schema }) => encode(graphsText(graphs, schema, format))),
  read: (bytes, where) => parseGraphs(format, decodeText(bytes, where), where),
  ...more,
})

const withoutNodes: Sets = {
  graphs: scenes.graphs.map((graph) => ({ ...graph, x: graph.x.map(() => []) })),
  schema: { ...scenes.schema, node: [] },
}

const schema: Reader = {
  name: 'graph-schema',
  text: true,
  good: async () => [molecules, mazes].map(({ schema }) => encode(JSON.stringify(schema, null, 1))),
  read: (bytes, where) => parseGraphSchema(decodeText(bytes, where), where),
  words: ['"values"', '"categorical"', '"maxNodes":1e9', 'null', '__proto__', '[]'],
}

export const graphs: readonly Reader[] = [
  graphReader('jsonl', [molecules, mazes, scenes], {
    words: ['"n":', '"x":[[', '"edges":[[0,1', 'null', '1e999', '"directed":true', '__proto__', '\n{'],
  }),
  graphReader('smiles', [molecules], {
    good: async () => [
      encode(graphsText(molecules.graphs, molecules.schema, 'smiles')),
      encode('smiles\nc1ccccc1C(=O)N\n[nH]1cccc1 pyrrole\nF/C=C/F\nC%12CC%12\n'),
    ],
    words: ['c1ccc2', '[nH]', '%99', '(((', ')', '=1', '[13C@@H2+]', 'Cl', '.', ':', 'n1cnc'],
  }),
  graphReader('edges', [withoutNodes], { words: ['\n\n', '# ', 'graph', ' 1e999', '0 0', ','] }),
  graphReader('graphml', [molecules, mazes, scenes], {
    words: [
      '<node id="n0">',
      '</graph>',
      '<graph ',
      '<data key="node0">',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '&#x41;',
      '&bomb;',
      '<!DOCTYPE',
      '/>',
      '"',
    ],
  }),
  schema,
]
