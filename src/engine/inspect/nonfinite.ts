import { compile } from '../compile/program.ts'
import { isFloat } from '../dtype.ts'
import { type Node, topological } from '../graph/node.ts'
import { userLine } from '../graph/site.ts'
import { tensorsOf, trace } from '../graph/trace.ts'
import { abs, cast, equal, logicalNot, stack, sum } from '../ops.ts'
import { literalPrimitive } from '../primitives/structural.ts'
import { Tensor } from '../tensor.ts'

/** The operation at which a computation first goes wrong. */
export interface NonFiniteOrigin {
  readonly operation: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly value: 'NaN' | 'Infinity'
  /** How many of its elements. */
  readonly count: number
  /** The user's line that asked for it, or for the operation whose derivative it is part of. */
  readonly line?: string
}

/**
 * Finds the first operation that makes a NaN out of inputs without one; where there is no NaN, the first that makes an infinity. All
 * operations of the function are checked in one run. Undefined where every value is finite.
 *
 * @example
 * const origin = await findNonFinite((x: Tensor) => sum(sqrt(x)), [tensor([1, -1])])
 * origin?.operation // 'sqrt'
 */
export async function findNonFinite<A extends unknown[]>(fn: (...args: A) => unknown, args: A): Promise<NonFiniteOrigin | undefined> {
  const traced = trace(fn as never, args)
  const suspects = topological(traced.outputs).filter(canBeAtFault)
  if (suspects.length === 0) return undefined
  const values = suspects.map((node) => new Tensor(node))
  const counts = [values.map(countNaN), values.map(countInfinite)].map((each) => stack(each).node)
  const program = await compile(
    { parameters: traced.parameters, outputs: counts },
    { what: 'findNonFinite', why: 'to check every operation' },
  )
  const inputs = await Promise.all(tensorsOf(args).map((x) => x.ndarray()))
  const [nans, infinities] = await program.run(inputs)
  return first(suspects, nans.data, 'NaN') ?? first(suspects, infinities.data, 'Infinity')
}

/** Not a number that the program states, such as the −∞ of a mask. */
const canBeAtFault = (node: Node): boolean =>
  isFloat(node.dtype) && !node.results && node.primitive !== literalPrimitive && node.shape.every((extent) => extent > 0)

const countNaN = (x: Tensor): Tensor => sum(cast(logicalNot(equal(x, x)), 'int32'))
const countInfinite = (x: Tensor): Tensor => sum(cast(equal(abs(x), Number.POSITIVE_INFINITY), 'int32'))

/** The first node with such elements none of whose inputs has any. */
function first(nodes: readonly Node[], counts: ArrayLike<number>, value: NonFiniteOrigin['value']): NonFiniteOrigin | undefined {
  const bad = new Map(nodes.map((node, i) => [node, counts[i]] as const).filter(([, count]) => count > 0))
  const isBad = (node: Node): boolean => bad.has(node) || (node.results !== undefined && node.inputs.some(isBad))
  for (const [node, count] of bad) {
    if (node.inputs.some(isBad)) continue
    const operation = node.attributes.index !== undefined && node.inputs.length > 0 ? node.inputs[0].primitive.name : node.primitive.name
    return { operation, dtype: node.dtype, shape: node.shape, value, count, line: userLine(node.site) }
  }
  return undefined
}
