import { simplify } from '../compile/simplify.ts'
import { topological } from '../graph/node.ts'
import { trace } from '../graph/trace.ts'
import { flopsOf } from './cost.ts'

/** What costs one multiplication and one addition for each term of a sum. */
const products = ['matmul', 'conv']

/**
 * Multiply-accumulate operations of a function's matrix products and convolutions, from its traced graph: what the literature calls MACs. Loops and branches
 * are not looked into.
 *
 * @example
 * multiplyAccumulates((x: Tensor, w: Tensor) => relu(matmul(x, w)), zeros([2, 3]), zeros([3, 4])) // 24
 */
export function multiplyAccumulates<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): number {
  const nodes = topological(simplify(trace(fn as never, args).outputs))
  return nodes.filter(({ primitive }) => products.includes(primitive.name)).reduce((total, node) => total + flopsOf(node) / 2, 0)
}
