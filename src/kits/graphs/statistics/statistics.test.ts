import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AttributedGraph, Edge } from '../graph.ts'
import {
  balance,
  communitySmall,
  earthMovers,
  geoTraffic,
  geoTrafficSchema,
  graphMmd,
  graphStatistics,
  isolatedShare,
  laplacianSpectrum,
  meanOrbits,
  nearestDistances,
  nodeOrbits,
  novelty,
  pairTriples,
  rowMmd,
  tripleMmd,
  wasserstein,
} from '../index.ts'
import { cheapestMatching } from './novelty.ts'

const graph = (n: number, edges: readonly Edge[]): AttributedGraph => ({ n, x: Array.from({ length: n }, () => []), edges })
const path = graph(4, [
  [0, 1],
  [1, 2],
  [2, 3],
])
const square = graph(4, [
  [0, 1],
  [1, 2],
  [2, 3],
  [0, 3],
])
const complete = graph(4, [
  [0, 1],
  [0, 2],
  [0, 3],
  [1, 2],
  [1, 3],
  [2, 3],
])
const star = graph(4, [
  [0, 1],
  [0, 2],
  [0, 3],
])

describe('MMD² of graph statistics', () => {
  test.each([
    ['degree', 0.3934693402873666],
    ['clustering', 0.5],
    ['spectral', 0.5],
    ['orbit', 0.004408869215624112],
  ] as const)('%s, as computed elsewhere', (statistic, value) => {
    expect(graphMmd(statistic, [path, square], [complete, star])).toBeCloseTo(value, 12)
  })
  test('is 0 of a set and itself, whatever its order, and isolated nodes do not count', () => {
    const set = communitySmall({ count: 6, seed: 1 })
    const lonely = set.map((graph) => ({ ...graph, n: graph.n + 2, x: [...graph.x, [], []] }))
    for (const statistic of graphStatistics) {
      expect(graphMmd(statistic, set, [...set].reverse())).toBeCloseTo(0, 12)
      expect(graphMmd(statistic, set, lonely)).toBeCloseTo(0, 12)
    }
    expect(isolatedShare(lonely)).toBeCloseTo((2 * 6) / lonely.reduce((sum, { n }) => sum + n, 0), 12)
  })
  test('refuses sets without an edge', () => expect(() => graphMmd('degree', [graph(3, [])], [path])).toThrow(/set of graphs is empty/))
})

const anyGraph = fc.integer({ min: 2, max: 7 }).chain((n) => {
  const pairs = Array.from({ length: n * n }, (_, k) => [Math.floor(k / n), k % n] as const).filter(([i, j]) => i < j)
  return fc.subarray([...pairs]).map((edges) => graph(n, edges))
})

/** All subsets of three or four nodes, each classified by its sorted degrees alone. */
function bruteOrbits({ n, edges }: AttributedGraph): number[][] {
  const joined = (i: number, j: number) => edges.some(([a, b]) => (a === i && b === j) || (a === j && b === i))
  const counts = Array.from({ length: n }, (_, i) => [
    edges.filter(([a, b]) => a === i || b === i).length,
    ...new Array<number>(14).fill(0),
  ])
  const names: Record<string, Record<number, number>> = {
    '112': { 1: 1, 2: 2 },
    '222': { 2: 3 },
    '1122': { 1: 4, 2: 5 },
    '1113': { 1: 6, 3: 7 },
    '2222': { 2: 8 },
    '1223': { 1: 9, 2: 10, 3: 11 },
    '2233': { 2: 12, 3: 13 },
    '3333': { 3: 14 },
  }
  for (let set = 0; set < 1 << n; set++) {
    const nodes = Array.from({ length: n }, (_, i) => i).filter((i) => set & (1 << i))
    if (nodes.length !== 3 && nodes.length !== 4) continue
    const degrees = nodes.map((i) => nodes.filter((j) => j !== i && joined(i, j)).length)
    const found = names[[...degrees].sort().join('')]
    // A triangle beside a lonely node has the degrees 0222, which are in no name.
    if (found) for (const [k, node] of nodes.entries()) counts[node][found[degrees[k]]]++
  }
  return counts
}

describe('orbits', () => {
  test('of four graphs', () => {
    expect([...meanOrbits(path)]).toEqual([1.5, 1, 0.5, 0, 0.5, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    expect([...meanOrbits(square)]).toEqual([2, 2, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    expect([...meanOrbits(complete)]).toEqual([3, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    expect([...meanOrbits(star)]).toEqual([1.5, 1.5, 0.75, 0, 0, 0, 0.75, 0.25, 0, 0, 0, 0, 0, 0, 0])
  })
  test('are those of all subsets', () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        expect(nodeOrbits(graph).map((own) => [...own])).toEqual(bruteOrbits(graph))
      }),
      { numRuns: 60 },
    )
  })
})

test('the spectrum of a ring is 1 − cos, and of a complete graph 0 and n / (n − 1)', () => {
  const n = 7
  const ring = graph(
    n,
    Array.from({ length: n }, (_, i): Edge => [Math.min(i, (i + 1) % n), Math.max(i, (i + 1) % n)]),
  )
  const expected = Array.from({ length: n }, (_, k) => 1 - Math.cos((2 * Math.PI * k) / n)).sort((a, b) => a - b)
  for (const [k, value] of laplacianSpectrum(ring).entries()) expect(value).toBeCloseTo(expected[k], 10)
  expect([...laplacianSpectrum(complete)].map((value) => Number(value.toFixed(10)))).toEqual(
    [0, 4 / 3, 4 / 3, 4 / 3].map((v) => Number(v.toFixed(10))),
  )
})

describe('distances of distributions', () => {
  const numbers = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 8 })
  test('W₁ of samples of one size is the mean distance of their order statistics', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const n = Math.min(a.length, b.length)
        const [x, y] = [a, b].map((values) => values.slice(0, n).sort((p, q) => p - q))
        const expected = x.reduce((sum, value, i) => sum + Math.abs(value - y[i]), 0) / n
        expect(wasserstein(a.slice(0, n), b.slice(0, n))).toBeCloseTo(expected, 9)
        // Each number twice is the same distribution.
        expect(wasserstein([...a, ...a], b)).toBeCloseTo(wasserstein(a, b), 9)
      }),
    )
  })
  test('the earth mover moves a pile by its distance', () => {
    expect(earthMovers([1, 0, 0], [0, 0, 1], 0.5)).toBe(1)
    expect(earthMovers([1], [0, 0, 0, 1])).toBe(3)
  })
  test('MMD² of rows, by the definition', () => {
    const [a, b] = [
      [[0], [2]],
      [[1], [5], [2]],
    ]
    // Deviation 1, so that the median distance of the real rows is 2.
    const k = (x: number, y: number) => Math.exp(-((x - y) ** 2) / 8)
    const mean = (p: number[][], q: number[][]) =>
      p.flatMap(([x]) => q.map(([y]) => k(x, y))).reduce((s, v) => s + v, 0) / (p.length * q.length)
    expect(rowMmd(a, b)).toBeCloseTo(mean(a, a) + mean(b, b) - 2 * mean(a, b), 12)
  })
})

describe('dependence and novelty', () => {
  const [train, other] = [geoTraffic({ count: 150, seed: 1 }), geoTraffic({ count: 150, seed: 2 })]
  const schema = geoTrafficSchema()
  test('triples of other graphs of the same kind are near, those with longer edges are far', () => {
    const stretched = other.map((graph) => ({ ...graph, edges: graph.edges.map(([i, j, d, s]): Edge => [i, j, d + 1, s]) }))
    expect(tripleMmd(train, stretched, 2)).toBeGreaterThan(10 * tripleMmd(train, other, 2))
    expect(pairTriples(train.slice(0, 3), 2)[0]).toHaveLength(2 * 3 + 1 + 2)
  })
  test('copies are found, whatever the numbering of their nodes', () => {
    const turned = train.slice(0, 20).map(({ n, x, edges }) => ({
      n,
      x: [...x].reverse(),
      edges: edges.map(([i, j, ...rest]): Edge => [n - 1 - j, n - 1 - i, ...rest]),
    }))
    expect(Math.max(...nearestDistances(turned, train, schema))).toBeLessThan(1e-9)
    expect(novelty(turned, train, schema).copies).toBe(1)
    expect(novelty(other, train, schema).copies).toBeLessThan(0.05)
  })
  test('the cheapest matching, beside all of them', () => {
    const permutations = (list: number[]): number[][] =>
      list.length < 2
        ? [list]
        : list.flatMap((first, i) => permutations([...list.slice(0, i), ...list.slice(i + 1)]).map((rest) => [first, ...rest]))
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 5, maxLength: 5 }), { minLength: 5, maxLength: 5 }),
        (costs) => {
          const cost = (partner: readonly number[]) => partner.reduce((sum, j, i) => sum + costs[i][j], 0)
          const found = cheapestMatching(costs)
          expect([...found].sort()).toEqual([0, 1, 2, 3, 4])
          expect(cost(found)).toBe(Math.min(...permutations([0, 1, 2, 3, 4]).map(cost)))
        },
      ),
    )
  })
})

test('balance counts each triangle once', () => {
  const signs = (a: number, b: number, c: number) =>
    graph(3, [
      [0, 1, a],
      [0, 2, b],
      [1, 2, c],
    ])
  expect(balance(signs(1, -1, -0.5))).toEqual({ triangles: 1, balanced: 1 })
  expect(balance(signs(1, 1, -2))).toEqual({ triangles: 1, balanced: 0 })
  expect(balance({ ...complete, edges: complete.edges.map(([i, j]): Edge => [i, j, 1]) })).toEqual({ triangles: 4, balanced: 4 })
})
