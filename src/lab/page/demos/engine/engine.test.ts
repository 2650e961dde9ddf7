import { expect, test } from 'vitest'
import { gridOf, groupsOf } from './groups.ts'
import { hitsOf } from './hits.ts'
import { layersOf, within } from './layers.ts'

const node = (phase: 'forward' | 'backward' | 'update', part: string, inputs: number[], flops = 1) => ({
  ...{ operation: 'add', shape: [], dtype: 'float32', bytes: 0, reads: [] },
  ...{ phase, part, inputs, flops },
})
const nodes = [
  node('forward', 'a', [], 5),
  node('forward', 'a', [0], 7),
  node('forward', 'b', [1]),
  node('forward', '', [2]),
  node('backward', 'b', [3]),
  node('backward', 'a', [4, 1]),
  node('update', 'a', [5]),
]

test('nodes of one part and phase are one group, and edges within it are none', () => {
  const { groups, edges } = groupsOf({ nodes })
  expect(groups.map(({ phase, part, nodes }) => [phase, part, nodes.length])).toEqual([
    ['forward', 'a', 2],
    ['forward', 'b', 1],
    ['forward', '', 1],
    ['backward', 'b', 1],
    ['backward', 'a', 1],
    ['update', 'a', 1],
  ])
  expect(groups[0].flops).toBe(12)
  expect(edges).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
    [0, 4],
    [4, 5],
  ])
})

test('parts stand in rows, phases in columns, what has no part last', () => {
  expect(gridOf(groupsOf({ nodes }))).toEqual([
    { row: 0, column: 0 },
    { row: 1, column: 0 },
    { row: 2, column: 0 },
    { row: 1, column: 1 },
    { row: 0, column: 1 },
    { row: 0, column: 2 },
  ])
})

test('every node stands below all that it reads, and no two at one place', () => {
  const inputs = Array.from({ length: 200 }, (_, i) =>
    i === 0 ? [] : [Math.floor(i / 2), Math.max(0, i - 7)].filter((input) => input < i),
  )
  const places = layersOf(inputs)
  for (const [i, read] of inputs.entries()) for (const input of read) expect(places[i].row).toBeGreaterThan(places[input].row)
  expect(new Set(places.map(({ row, column }) => `${row} ${column}`)).size).toBe(200)
})

test('lines that need not cross do not', () => {
  const places = layersOf([[], [], [1], [0]])
  expect(places[2].column - places[3].column).toBe(places[1].column - places[0].column)
})

test('a part alone has only its own edges', () => {
  expect(within([1, 2, 5], nodes)).toEqual([[], [0], [0]])
})

test('a node is found by all words of what is known of it', () => {
  const boxes = ['matmul · float32 [8, 64] · decoder.ts:10', 'add · float32 [8, 64]', 'matmul · float32 [64, 8]'].map((description) => ({
    description,
  }))
  expect(hitsOf(boxes, 'MatMul')).toEqual([0, 2])
  expect(hitsOf(boxes, ' matmul  [8, ')).toEqual([0])
  expect(hitsOf(boxes, ' ')).toEqual([])
})
