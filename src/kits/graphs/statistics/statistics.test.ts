import { describe, expect, test } from 'vitest'
import type { AttributedGraph, Edge } from '../graph.ts'
import { graphMmd, meanOrbits } from '../index.ts'

const graph = (n: number, edges: readonly Edge[]): AttributedGraph => ({ n, x: Array.from({ length: n }, () => []), edges })
const path = graph(4, [[0, 1], [1, 2], [2, 3]])
const square = graph(4, [[0, 1], [1, 2], [2, 3], [0, 3]])
const complete = graph(4, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]])
const star = graph(4, [[0, 1], [0, 2], [0, 3]])

describe('MMD of graph statistics', () => {
  test.each([
    ['degree', 0.3934693402873666],
    ['clustering', 0.5],
    ['spectral', 0.5],
    ['orbit', 0.004408869215624112],
  ] as const)('%s as computed elsewhere', (statistic, value) => {
    expect(graphMmd(statistic, [path, square], [complete, star])).toBeCloseTo(value, 12)
  })
  test('orbits', () => {
    expect([...meanOrbits(path)].slice(0, 6)).toEqual([1.5, 1, 0.5, 0, 0.5, 0.5])
    expect([...meanOrbits(star)].slice(0, 8)).toEqual([1.5, 1.5, 0.75, 0, 0, 0, 0.75, 0.25])
  })
})
