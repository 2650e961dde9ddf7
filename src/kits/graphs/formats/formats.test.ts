import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AttributedGraph, checkedGraph, type Edge, type GraphSchema, parseGraphSchema } from '../graph.ts'
import { graphsText, inferGraphMlSchema, inferGraphSchema, loadTu, parseEdgeLists, parseGraphLines, parseGraphs } from '../index.ts'

const schema = (directed: boolean): GraphSchema => ({
  node: [
    { name: 'size', type: 'real' },
    { name: 'kind "a" <b>', type: 'categorical', values: ['x & y', "it's", 'z'] },
    { name: 'age', type: 'int' },
  ],
  edge: [{ name: 'w', type: 'real' }],
  maxNodes: 6,
  directed,
})

const number = fc.double({ noNaN: true, noDefaultInfinity: true })

const graphs = (directed: boolean): fc.Arbitrary<AttributedGraph> =>
  fc.integer({ min: 1, max: 6 }).chain((n) => {
    const pairs = Array.from({ length: n * n }, (_, k) => [Math.floor(k / n), k % n] as const).filter(([i, j]) =>
      directed ? i !== j : i < j,
    )
    return fc
      .record({
        x: fc.array(fc.tuple(number, fc.integer({ min: 0, max: 2 }), fc.integer()), { minLength: n, maxLength: n }),
        chosen: fc.subarray([...pairs]),
        weights: fc.array(number, { minLength: pairs.length, maxLength: pairs.length }),
      })
      .map(({ x, chosen, weights }) => ({
        n,
        x: x.map((row) => row.map((value) => value + 0)),
        edges: chosen.map(([i, j], k): Edge => [i, j, weights[k] + 0]),
        ...(directed && { directed: true }),
      }))
  })

describe.each([false, true])('graphs (directed: %s)', (directed) => {
  test.each(['jsonl', 'graphml'] as const)('come back bit for bit from %s', (format) => {
    fc.assert(
      fc.property(fc.array(graphs(directed), { minLength: 1, maxLength: 3 }), (set) => {
        const text = graphsText(set, schema(directed), format)
        expect(parseGraphs(format, text, 'x', { schema: schema(directed) }).graphs).toEqual(set)
      }),
      { numRuns: 60 },
    )
  })
})

test('GraphML tells its own schema', () => {
  const text = graphsText(
    [
      {
        n: 2,
        x: [
          [1, 0, 3],
          [2.5, 2, 4],
        ],
        edges: [[0, 1, 0.5]],
      },
    ],
    schema(false),
    'graphml',
  )
  const { node, edge, maxNodes } = inferGraphMlSchema(text)
  expect(node.map(({ type }) => type)).toEqual(['real', 'categorical', 'int'])
  expect(node[1].values).toEqual(['x & y', 'z'])
  expect([edge, maxNodes]).toEqual([[{ name: 'w', type: 'real' }], 2])
})

test('GraphML as others write it: keys for all, entities, comments, CDATA, prefixes of nothing', () => {
  const text = `<?xml version='1.0'?><!-- made by hand --><graphml><key id='d0' for='edge' attr.name='w' attr.type='double'/>
    <graph edgedefault='undirected'><node id='&#97;'/><node id="b"><desc>x</desc></node><edge source='a' target='b'><data key='d0'><![CDATA[ 2.5 ]]></data></edge></graph></graphml>`
  const { graphs } = parseGraphs('graphml', text, 'x')
  expect(graphs).toEqual([{ n: 2, x: [[], []], edges: [[0, 1, 2.5]] }])
})

describe('edge lists', () => {
  const own: GraphSchema = { node: [], edge: [{ name: 'w', type: 'real' }], maxNodes: 4, directed: false }
  test('name nodes by words, and begin a graph after a blank line', () => {
    const { graphs } = parseEdgeLists('# two graphs\nann bob 1.5\nbob, cy, 2\n\n7 8 0 # last\n', own)
    expect(graphs).toEqual([
      {
        n: 3,
        x: [[], [], []],
        edges: [
          [0, 1, 1.5],
          [1, 2, 2],
        ],
      },
      { n: 2, x: [[], []], edges: [[0, 1, 0]] },
    ])
  })
  test.each([
    ['a', /line 1.*no edge/],
    ['a b x', /'x' is no number/],
    ['a b', /0 attributes instead of 1/],
    ['a a 1', /self loop/],
    ['a b 1\nb a 2', /other attributes/],
  ])('refuse %s', (text, message) => expect(() => parseEdgeLists(text, own)).toThrow(message))
})

describe('bad graphs', () => {
  const own: GraphSchema = { ...schema(false), node: [{ name: 'kind', type: 'categorical', values: ['x', 'y'] }] }
  const bad: [string, RegExp][] = [
    ['{"x": [["x"], ["y"]], "edges": [[0, 2, 1]]}', /node 2 is none of 0 to 1/],
    ['{"x": [["x"], ["y"]], "edges": [[0, 0, 1]]}', /self loop/],
    ['{"x": [["x"], ["y"]], "edges": [[0, 1, 1], [0, 1, 1]]}', /there twice/],
    ['{"x": [["x"], ["y"]], "edges": [[0, 1, 1], [1, 0, 2]]}', /other attributes than edge/],
    ['{"x": [["x"], ["y"]], "edges": [[0, 1, null]]}', /w is null/],
    ['{"x": [["x"], ["q"]], "edges": []}', /'q' is none of x, y/],
    ['{"x": [["x"], ["x"], ["x"], ["x"], ["x"], ["x"], ["x"]]}', /7 nodes are more than maxNodes = 6/],
    ['{"n": 3, "x": [["x"]]}', /attributes of 1 nodes for 3 nodes/],
    ['{"x": [["x", 1]]}', /2 attributes instead of 1/],
    ['{"directed": true, "x": [["x"]]}', /the graph is directed/],
    ['{"x": 3}', /x is no list/],
    ['[1]', /no JSON object/],
    ['{"x": [', /no JSON/],
    ['{}', /0 nodes/],
  ]
  test.each(bad)('%s', (line, message) => {
    expect(() => parseGraphLines(`\n${line}`, own, { where: 'g.jsonl' })).toThrow(message)
    expect(() => parseGraphLines(`\n${line}`, own, { where: 'g.jsonl' })).toThrow(/g\.jsonl, line 2/)
  })
  test('are left out and counted where that is asked for', () => {
    const text = [...bad.map(([line]) => line), '{"x": [["x"], ["y"]], "edges": [[1, 0, 1], [0, 1, 1]]}'].join('\n')
    const { graphs, skipped } = parseGraphLines(text, own, { skipBad: true })
    expect([graphs.length, skipped.length]).toEqual([1, bad.length])
    expect(graphs[0].edges).toEqual([[0, 1, 1]])
  })
  test('NaN is refused by the check itself', () => {
    expect(() => checkedGraph({ n: 2, x: [[0], [1]], edges: [[0, 1, Number.NaN]] }, own)).toThrow(/w is NaN/)
  })
})

test.each([
  ['[]', /schema/],
  ['{"node": [], "edge": [], "maxNodes": 0}', /maxNodes/],
  ['{"node": [{"name": "a", "type": "categorical"}], "edge": [], "maxNodes": 2}', /has values/],
  ['{"node": [{"name": "a", "type": "real"}, {"name": "a", "type": "real"}], "edge": [], "maxNodes": 2}', /one name/],
  ['{"node": [], "edge": [], "maxNodes": 2, "extra": 1}', /extra/],
  ['nothing', /no JSON/],
])('the schema %s is refused', (text, message) => expect(() => parseGraphSchema(text, 's.json')).toThrow(message))

test('JSONL tells its own schema: texts are categories', () => {
  const own = inferGraphSchema('{"x": [["b", 1], ["a", 2]], "edges": [[0, 1, 0.5]]}\n{"x": [["c", 1]]}')
  expect(own).toEqual({
    node: [
      { name: 'node0', type: 'categorical', values: ['a', 'b', 'c'] },
      { name: 'node1', type: 'real' },
    ],
    edge: [{ name: 'edge0', type: 'real' }],
    maxNodes: 2,
    directed: false,
  })
})

describe('the TU format', () => {
  const write = (files: Record<string, string>) => {
    const folder = mkdtempSync(join(tmpdir(), 'tu-'))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `TOY_${name}.txt`), text)
    return folder
  }
  const toy = { A: '1, 2\n2, 1\n3, 4\n4, 3\n4, 5\n5, 4\n', graph_indicator: '1\n1\n2\n2\n2\n', node_labels: '0\n7\n0\n0\n7\n' }
  test('is read with labels and attributes', async () => {
    const { schema, graphs } = await loadTu(write({ ...toy, node_attributes: '0.5\n1\n2\n3\n4\n' }))
    expect(schema.node.map(({ name }) => name)).toEqual(['label', 'node0'])
    expect(graphs).toEqual([
      {
        n: 2,
        x: [
          [0, 0.5],
          [1, 1],
        ],
        edges: [[0, 1]],
      },
      {
        n: 3,
        x: [
          [0, 2],
          [0, 3],
          [1, 4],
        ],
        edges: [
          [0, 1],
          [1, 2],
        ],
      },
    ])
  })
  test.each([
    [{ ...toy, A: '1, 3\n' }, /joins no two nodes of one graph/],
    [{ ...toy, node_labels: '1\n' }, /1 lines of nodes for 5/],
    [{ ...toy, A: '1, x\n' }, /line 1.*no numbers/],
    [{ graph_indicator: '1\n' }, /no NAME_A/],
  ])('refuses %o', async (files, message) => {
    await expect(loadTu(write(files as Record<string, string>))).rejects.toThrow(message)
  })
})
