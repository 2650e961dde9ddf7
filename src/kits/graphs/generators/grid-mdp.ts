import { type Draws, draws, seedKey } from '../../../data/draws.ts'
import { InputError } from '../../../engine/index.ts'
import { type AttributedGraph, type Edge, type GraphSchema, neighbours } from '../graph.ts'
import { generatorUse } from './use.ts'

/**
 * Mazes as Markov decision processes: a node a cell, its kind and coordinates; a directed edge from a free cell to each free neighbour carries the
 * probability of going there and the reward on arrival (1 at the goal). Probabilities of a cell's edges sum to 1.
 *
 * @example
 * gridMdpSchema(4).maxNodes // 16
 */
export const gridMdpSchema = (k = 4): GraphSchema => ({
  node: [
    { name: 'kind', type: 'categorical', values: ['wall', 'free', 'start', 'goal'] },
    { name: 'row', type: 'int' },
    { name: 'column', type: 'int' },
  ],
  edge: [
    { name: 'probability', type: 'real' },
    { name: 'reward', type: 'real' },
  ],
  maxNodes: k * k,
  directed: true,
})

const [wall, free, start, goal] = [0, 1, 2, 3]

/**
 * @throws InputError for a grid that is too small for a start and a goal.
 * @example
 * gridMdp({ count: 5, seed: 0 })[0].directed // true
 */
export function gridMdp({ count, k = 4, seed }: { count: number; k?: number; seed: number }): AttributedGraph[] {
  if (!(k >= 2)) throw new InputError(`a maze of ${k} × ${k} has no room for a start and a goal`, { fix: 'k is at least 2' })
  const random = draws(seedKey(seed, generatorUse.gridMdp))
  return Array.from({ length: count }, () => {
    for (;;) {
      const maze = one(random, k)
      if (isGoalReachable(maze)) return maze
    }
  })
}

function one(random: Draws, k: number): AttributedGraph {
  const kinds = Array.from({ length: k * k }, () => (random.uniform() < 0.25 ? wall : free))
  const first = random.integer(k * k)
  const last = (first + 1 + random.integer(k * k - 1)) % (k * k)
  kinds[first] = start
  kinds[last] = goal
  const slip = random.uniform(0, 0.3)
  const x = kinds.map((kind, i) => [kind, Math.floor(i / k), i % k])
  const edges = kinds.flatMap((kind, i) => (kind === wall ? [] : movesFrom(i, { kinds, k, slip, random })))
  return { n: k * k, x, edges, directed: true }
}

interface Maze {
  readonly kinds: readonly number[]
  readonly k: number
  readonly slip: number
  readonly random: Draws
}

/** One neighbour is meant, with probability 1 − slip; the rest is shared out evenly among all of them. */
function movesFrom(i: number, { kinds, k, slip, random }: Maze): Edge[] {
  const [row, column] = [Math.floor(i / k), i % k]
  const around = [
    [row - 1, column],
    [row, column - 1],
    [row, column + 1],
    [row + 1, column],
  ]
  const next = around.filter(([r, c]) => r >= 0 && r < k && c >= 0 && c < k).map(([r, c]) => r * k + c)
  const open = next.filter((cell) => kinds[cell] !== wall)
  const meant = open.length > 0 ? random.integer(open.length) : 0
  return open.map((cell, place): Edge => {
    const probability = slip / open.length + (place === meant ? 1 - slip : 0)
    return [i, cell, probability, kinds[cell] === goal ? 1 : 0]
  })
}

/** What must hold of a maze, and how far a generated one is from it. */
export interface MdpChecks {
  /** The largest distance of a cell's summed probabilities from 1, over cells with an edge. */
  readonly rowError: number
  /** Whether there is a path from a start to a goal. */
  readonly reachable: boolean
  /** The share of edges whose reward is above ½ exactly where they lead to a goal. */
  readonly rewardsAgree: number
}

/**
 * @example
 * checkMdp(gridMdp({ count: 1, seed: 0 })[0]).reachable // true
 */
export function checkMdp(graph: AttributedGraph): MdpChecks {
  const sums = new Map<number, number>()
  for (const [from, , probability] of graph.edges) sums.set(from, (sums.get(from) ?? 0) + probability)
  const agree = graph.edges.filter(([, to, , reward]) => reward > 0.5 === (graph.x[to][0] === goal)).length
  return {
    rowError: Math.max(0, ...[...sums.values()].map((sum) => Math.abs(sum - 1))),
    reachable: isGoalReachable(graph),
    rewardsAgree: graph.edges.length === 0 ? 1 : agree / graph.edges.length,
  }
}

function isGoalReachable(graph: AttributedGraph): boolean {
  const next = neighbours(graph)
  const open = graph.x.flatMap(([kind], i) => (kind === start ? [i] : []))
  const seen = new Set(open)
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (graph.x[node][0] === goal) return true
    for (const to of next[node])
      if (!seen.has(to)) {
        seen.add(to)
        open.push(to)
      }
  }
  return false
}
