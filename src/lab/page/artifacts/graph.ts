import { allSteps } from '../steps.ts'

/** A graph to be drawn. */
export interface DrawnGraph {
  readonly nodes: number
  /** Indices of nodes. */
  readonly edges: readonly (readonly [number, number])[]
}

type Places = readonly (readonly [number, number])[]

/**
 * Places in the unit square after Fruchterman and Reingold: edges pull, nodes push each other away, and what moves cools down. It begins at a circle, so
 * that the same graph always looks the same. A round is a step.
 */
export function* layoutInSteps({ nodes, edges }: DrawnGraph, rounds = 120): Generator<void, Places> {
  const x = Array.from({ length: nodes }, (_, i) => Math.cos((2 * Math.PI * i) / nodes) * (1 + (i % 3) / 50))
  const y = Array.from({ length: nodes }, (_, i) => Math.sin((2 * Math.PI * i) / nodes) * (1 + (i % 5) / 50))
  const spring = 2 / Math.sqrt(Math.max(1, nodes))
  for (let round = 0; round < rounds; round++) {
    const [dx, dy] = forces({ nodes, edges }, x, y, spring)
    const heat = 0.2 * (1 - round / rounds)
    for (let i = 0; i < nodes; i++) {
      const size = Math.hypot(dx[i], dy[i]) || 1
      x[i] += (dx[i] / size) * Math.min(size, heat)
      y[i] += (dy[i] / size) * Math.min(size, heat)
    }
    yield
  }
  return fitted(x, y)
}

export const layout = (graph: DrawnGraph): Places => allSteps(layoutInSteps(graph))

function forces({ nodes, edges }: DrawnGraph, x: readonly number[], y: readonly number[], spring: number): [Float64Array, Float64Array] {
  const [dx, dy] = [new Float64Array(nodes), new Float64Array(nodes)]
  const pull = (i: number, j: number, strength: (distance: number) => number) => {
    const [ex, ey] = [x[j] - x[i], y[j] - y[i]]
    const distance = Math.hypot(ex, ey) || 1e-6
    const force = strength(distance) / distance
    dx[i] += ex * force
    dy[i] += ey * force
    dx[j] -= ex * force
    dy[j] -= ey * force
  }
  for (let i = 0; i < nodes; i++) for (let j = i + 1; j < nodes; j++) pull(i, j, (distance) => -(spring ** 2) / distance)
  for (const [i, j] of edges) if (i !== j) pull(i, j, (distance) => distance ** 2 / spring)
  // A little gravity: pieces that hang together with nothing do not fly away.
  for (let i = 0; i < nodes; i++) {
    dx[i] -= x[i] * 0.3
    dy[i] -= y[i] * 0.3
  }
  return [dx, dy]
}

function fitted(x: readonly number[], y: readonly number[]): [number, number][] {
  const [left, right, low, high] = [Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y)]
  const size = Math.max(right - left, high - low) || 1
  return x.map((value, i) => [0.5 + (value - (left + right) / 2) / size, 0.5 + (y[i] - (low + high) / 2) / size])
}
