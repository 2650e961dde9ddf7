import { expect, test } from 'vitest'
import { writeDot } from '../../../kits/graphs/formats/dot.ts'
import { writeEdgeLists } from '../../../kits/graphs/formats/edge-list.ts'
import { writeGraphMl } from '../../../kits/graphs/formats/graphml.ts'
import { writeGraphLines } from '../../../kits/graphs/formats/jsonl.ts'
import { layout } from './graph.ts'
import { graphsIn, parseEdgeLists, parseGraphLine } from './graph-formats.ts'

const path3 = {
  nodes: 3,
  edges: [
    [0, 1],
    [1, 2],
  ],
}

const distance = ([a, b]: readonly [number, number], [c, d]: readonly [number, number]) => Math.hypot(a - c, b - d)

test('lines of JSON, and what is no graph', () => {
  expect(parseGraphLine('{"n":3,"x":[[1],[2],[3]],"edges":[[0,1,-0.3],[1,2,1]]}')).toEqual({
    nodes: 3,
    edges: [
      [0, 1],
      [1, 2],
    ],
  })
  expect(parseGraphLine('{"nodes":[{},{}],"edges":[{"source":0,"target":1},{"source":0,"target":9},[0,-1],null]}')).toEqual({
    nodes: 2,
    edges: [[0, 1]],
  })
  for (const line of ['', 'null', '[]', '{"n":1e9,"edges":[]}', '{"n":2}', '{"n":"2","edges":[]}', '{'])
    expect(parseGraphLine(line)).toBeUndefined()
})

test('edge lists', () => {
  expect(parseEdgeLists('# a comment\na b 0.5\nb,c\n\n')).toEqual([path3])
  expect(parseEdgeLists('one\n')).toEqual([])
})

test.each([
  ['jsonl', writeGraphLines],
  ['edges', writeEdgeLists],
  ['graphml', writeGraphMl],
  ['dot', writeDot],
])('graphs as the graphs kit writes them: %s', (ending, write) => {
  const schema = { node: [], edge: [{ name: 'weight "w" <é>', type: 'real' }], maxNodes: 3, directed: false } as const
  const graph = {
    n: 3,
    x: [[], [], []],
    edges: [
      [0, 1, 0.5],
      [1, 2, -1],
    ] as const,
  }
  expect(graphsIn(`a.${ending}`, write([graph, graph], schema), 24)).toEqual({ shown: [path3, path3], all: 2 })
})

test.each([
  [
    'a.graphml',
    '<!DOCTYPE g [<!ENTITY a "b"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]><graphml><graph><node id="&x;"/><node id="&b;"/><edge source="&x;" target="&b;"/></graph></graphml>',
    [{ nodes: 2, edges: [[0, 1]] }],
  ],
  ['a.graphml', '<graphml><graph', []],
  ['a.graphml', `<graph ${'<node '.repeat(50_000)}`, []],
  ['a.dot', `graph g {\n ${'"\\'.repeat(50_000)}`, []],
  [
    'a.edges',
    `${'a b\n'.repeat(3)}${'x'.repeat(200_000)}`,
    [
      {
        nodes: 2,
        edges: [
          [0, 1],
          [0, 1],
          [0, 1],
        ],
      },
    ],
  ],
  ['a.edges', Array.from({ length: 500 }, (_, i) => `n${i} m${i}`).join('\n'), []],
  ['__proto__', '', []],
])('%s that means harm costs nothing', (path, text, graphs) => expect(graphsIn(path, text, 24).shown).toEqual(graphs))

test('in a ring of twelve, neighbours are nearer than any others, and the ring is round', () => {
  const edges = Array.from({ length: 12 }, (_, i) => [i, (i + 1) % 12] as const)
  const places = layout({ nodes: 12, edges })
  const between = places.flatMap((a, i) =>
    places.flatMap((b, j) => (j > i ? [{ isEdge: j - i === 1 || j - i === 11, length: distance(a, b) }] : [])),
  )
  const longest = Math.max(...between.filter(({ isEdge }) => isEdge).map(({ length }) => length))
  const shortest = Math.min(...between.filter(({ isEdge }) => !isEdge).map(({ length }) => length))
  expect(longest).toBeLessThan(shortest)
})

test('all places are in the square, whatever the graph', () => {
  for (const graph of [
    { nodes: 0, edges: [] },
    { nodes: 1, edges: [[0, 0]] as const },
    { nodes: 5, edges: [[0, 1]] as const },
  ])
    for (const place of layout(graph)) for (const coordinate of place) expect(coordinate >= 0 && coordinate <= 1).toBe(true)
})
