import { draws, seedKey } from '../../../data/draws.ts'
import { InputError } from '../../../engine/index.ts'
import type { AttributedGraph } from '../graph.ts'

/**
 * W₁ of two samples of numbers: the area between their cumulative distributions.
 *
 * @example
 * wasserstein([0, 1], [2, 3]) // 2
 */
export function wasserstein(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return a.length === b.length ? 0 : Number.NaN
  const [x, y] = [a, b].map((values) => Float64Array.from(values).sort())
  let [i, j, total] = [0, 0, 0]
  let last = Math.min(x[0], y[0])
  while (i < x.length || j < y.length) {
    const next = j >= y.length || (i < x.length && x[i] <= y[j]) ? x[i] : y[j]
    total += Math.abs(i / x.length - j / y.length) * (next - last)
    last = next
    if (i < x.length && x[i] === next) i++
    else j++
  }
  return total
}

/** Rows of numbers. */
type Rows = readonly (readonly number[])[]

/**
 * MMD² of rows under exp(−d² / 2h²), diagonals kept; h is the median distance of real rows, each column divided by its deviation among them.
 *
 * @throws InputError for fewer than two real rows or no generated one.
 * @example
 * rowMmd([[0], [1]], [[0], [1]]) // 0
 */
export function rowMmd(real: Rows, generated: Rows, { most = 2000, seed = 0 } = {}): number {
  if (real.length < 2 || generated.length < 1) throw new InputError(`${real.length} and ${generated.length} rows cannot be compared`)
  const scales = real[0].map((_, c) => deviation(real.map((row) => row[c])) || 1)
  const scaled = (rows: Rows) => Array.from(chosen(rows, most, seed), (row) => Float64Array.from(row, (value, c) => value / scales[c]))
  const [a, b] = [scaled(real), scaled(generated)]
  const width = medianDistance(a)
  const factor = width > 0 ? 1 / (2 * width * width) : 1
  const meanKernel = (p: readonly Float64Array[], q: readonly Float64Array[]): number => {
    let sum = 0
    for (const x of p)
      for (const y of q) {
        let square = 0
        for (let c = 0; c < x.length; c++) square += (x[c] - y[c]) ** 2
        sum += Math.exp(-square * factor)
      }
    return sum / (p.length * q.length)
  }
  return meanKernel(a, a) + meanKernel(b, b) - 2 * meanKernel(a, b)
}

/** So many of the rows, drawn without putting back; all of them in their order where there are no more. */
function chosen<T>(rows: readonly T[], most: number, seed: number): readonly T[] {
  if (rows.length <= most) return rows
  const random = draws(seedKey(seed, 0x726f_7773))
  const order = rows.map((_, i) => i)
  for (let i = 0; i < most; i++) {
    const j = i + random.integer(order.length - i)
    const held = order[i]
    order[i] = order[j]
    order[j] = held
  }
  return order.slice(0, most).map((i) => rows[i])
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}

/** Of the first rows, which are a random choice where there are many. */
function medianDistance(rows: readonly Float64Array[]): number {
  const some = rows.slice(0, 300)
  const distances: number[] = []
  for (let i = 0; i < some.length; i++)
    for (let j = i + 1; j < some.length; j++)
      distances.push(Math.sqrt(some[i].reduce((sum, value, c) => sum + (value - some[j][c]) ** 2, 0)))
  distances.sort((a, b) => a - b)
  return distances[Math.floor(distances.length / 2)] ?? 0
}

/**
 * Both ends of a pair and what joins them: [x_i, x_j, existence, attributes], attributes 0 where there is no edge. Which end comes first is drawn, since a pair
 * has no order.
 *
 * @example
 * pairTriples([{ n: 2, x: [[1], [1]], edges: [[0, 1, 5]] }], 1) // [[1, 1, 1, 5]]
 */
export function pairTriples(graphs: readonly AttributedGraph[], attributes: number, { most = 2000, seed = 0 } = {}): number[][] {
  const random = draws(seedKey(seed, 0x7472_6970))
  const triples: number[][] = []
  const all = graphs.reduce((sum, { n }) => sum + (n * (n - 1)) / 2, 0)
  const share = Math.min(1, most / Math.max(1, all))
  for (const { n, x, edges, directed } of graphs) {
    const found = new Map(edges.map(([i, j, ...values]) => [i * n + j, values]))
    for (let i = 0; i < n; i++)
      for (let j = i + 1; j < n; j++) {
        if (random.uniform() >= share) continue
        const [first, second] = random.uniform() < 0.5 ? [i, j] : [j, i]
        const values = found.get(directed ? first * n + second : i * n + j)
        triples.push([...x[first], ...x[second], values ? 1 : 0, ...(values ?? new Array<number>(attributes).fill(0))])
      }
  }
  return triples
}

/**
 * MMD² of the triples of `pairTriples`: whether edges go with their ends.
 *
 * @example
 * const graphs = geoTraffic({ count: 20, seed: 0 })
 * tripleMmd(graphs, graphs, 2) < 0.1 // true
 */
export const tripleMmd = (real: readonly AttributedGraph[], generated: readonly AttributedGraph[], attributes: number, seed = 0): number =>
  rowMmd(pairTriples(real, attributes, { seed }), pairTriples(generated, attributes, { seed: seed + 1 }), { seed })
