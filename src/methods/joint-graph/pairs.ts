import {
  add,
  cast,
  concat,
  div,
  expandDims,
  gather,
  iota,
  less,
  matmul,
  maximum,
  mul,
  reshape,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../engine/index.ts'
import { type GraphSchema, pairsOf } from '../../kits/graphs/index.ts'

/** Which nodes and pairs are there. */
export interface Mask {
  /** float32 [B, N, 1] */
  readonly nodes: Tensor
  /** float32 [B, P, 1] */
  readonly pairs: Tensor
  /** float32 [B, 1, 1, N]: 0 for nodes that are there, a large negative number otherwise; added to logits. */
  readonly keys: Tensor
  /** float32 [B, 1, 1]: the number of nodes. */
  readonly count: Tensor
}

/**
 * The pairs of N nodes as rows [B, P, C]: P = N (N − 1) / 2 of undirected graphs, so that symmetry and an empty diagonal need no enforcing and each pair is
 * computed once; N (N − 1) of directed ones.
 */
export interface PairSpace {
  readonly nodes: number
  readonly pairs: number
  readonly directed: boolean
  /** int32 [B]: the first so many nodes of each graph. */
  mask(sizes: Tensor): Mask
  /** [B, P, C] → [B, N, N, C], 0 on the diagonal. */
  toMatrix(rows: Tensor): Tensor
  /** [B, N, N, C] → [B, P, C]; of undirected graphs the mean of both directions. */
  fromMatrix(matrix: Tensor): Tensor
  /** [B, N, C] → what each pair has of its first and of its second end, [B, P, C] each. */
  ends(x: Tensor): readonly [from: Tensor, to: Tensor]
  /** [B, P, C] → [B, N, C]: the mean over the pairs that a node begins (or, undirected, is in). */
  means(rows: Tensor, mask: Mask): Tensor
  /** [B, P, C] of a directed graph: the pair in the other direction. */
  reversed(rows: Tensor): Tensor
}

/** Up to here a product with a matrix of zeros and ones is quicker than reading rows by index, above all in the derivative. */
const mostByProduct = 16

/** For a fixed matrix of zeros and ones (or shares), [out, in]: x [B, in, C] → [B, out, C]. Rows are given as lists of the inputs that are added. */
function mixing(rows: readonly (readonly number[])[], inputs: number): (x: Tensor) => Tensor {
  if (inputs <= mostByProduct ** 2) {
    const matrix = new Float32Array(rows.length * inputs)
    for (const [i, row] of rows.entries()) for (const k of row) matrix[i * inputs + k] += 1
    const fixed = tensor(matrix, { shape: [rows.length, inputs] })
    return (x) => matmul(fixed, x)
  }
  // By index: as many gathers as the longest row has entries; short ones read a row of zeros.
  const longest = Math.max(...rows.map((row) => row.length))
  const indices = Array.from({ length: longest }, (_, k) => Int32Array.from(rows, (row) => row[k] ?? inputs))
  return (x) => {
    const withZeros = concat([x, zeros([x.shape[0], 1, x.shape[2]])], { axis: 1 })
    return indices.map((index) => gather(withZeros, tensor(index), { axis: 1 })).reduce((total, part) => add(total, part))
  }
}

export function pairSpace({ maxNodes: n, directed }: Pick<GraphSchema, 'maxNodes' | 'directed'>): PairSpace {
  const pairs = pairsOf({ maxNodes: n, directed })
  const place = new Map(pairs.map(([i, j], k) => [i * n + j, k]))
  const cells = Array.from({ length: n * n }, (_, cell) => [Math.floor(cell / n), cell % n] as const)
  const rowOf = (i: number, j: number) => (directed || i < j ? place.get(i * n + j) : place.get(j * n + i))
  const spread = mixing(
    cells.map(([i, j]) => (i === j ? [] : [rowOf(i, j)!])),
    pairs.length,
  )
  const collect = mixing(
    pairs.map(([i, j]) => (directed ? [i * n + j] : [i * n + j, j * n + i])),
    n * n,
  )
  const first = mixing(
    pairs.map(([i]) => [i]),
    n,
  )
  const second = mixing(
    pairs.map(([, j]) => [j]),
    n,
  )
  const pairsAround: number[][] = Array.from({ length: n }, () => [])
  for (const [k, [i, j]] of pairs.entries()) for (const node of directed ? [i] : [i, j]) pairsAround[node].push(k)
  const around = mixing(pairsAround, pairs.length)
  const turn = mixing(
    pairs.map(([i, j]) => [place.get(j * n + i) ?? place.get(i * n + j)!]),
    pairs.length,
  )
  const larger = tensor(Int32Array.from(pairs, ([i, j]) => Math.max(i, j)))
  return {
    nodes: n,
    pairs: pairs.length,
    directed,
    mask(sizes) {
      const own = expandDims(sizes, 1)
      const nodes = cast(less(expandDims(iota(n), 0), own), 'float32')
      return {
        nodes: expandDims(nodes, 2),
        pairs: expandDims(cast(less(expandDims(larger, 0), own), 'float32'), 2),
        keys: reshape(mul(sub(nodes, 1), 1e9), [sizes.shape[0], 1, 1, n]),
        count: reshape(maximum(sum(nodes, { axes: 1 }), 1), [sizes.shape[0], 1, 1]),
      }
    },
    toMatrix: (rows) => reshape(spread(rows), [rows.shape[0], n, n, rows.shape[2]]),
    fromMatrix(matrix) {
      const rows = collect(reshape(matrix, [matrix.shape[0], n * n, matrix.shape[3]]))
      return directed ? rows : mul(rows, 0.5)
    },
    ends: (x) => [first(x), second(x)],
    means: (rows, { pairs: present, count }) => div(around(mul(rows, present)), count),
    reversed: turn,
  }
}
