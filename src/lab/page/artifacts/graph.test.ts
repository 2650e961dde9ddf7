import { expect, test } from 'vitest'
import { layout, parseEdgeList, parseGraphLine } from './graph.ts'

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
  expect(parseEdgeList('# a comment\na b 0.5\nb,c\n\n')).toEqual({
    nodes: 3,
    edges: [
      [0, 1],
      [1, 2],
    ],
  })
  expect(parseEdgeList('one\n')).toBeUndefined()
})

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
