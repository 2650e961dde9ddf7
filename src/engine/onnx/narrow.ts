import { isFloat } from '../dtype.ts'
import { bitAnd, bitXor, cast, sub } from '../ops.ts'
import type { Tensor } from '../tensor.ts'
import { type AttributeValue, elementType, type OnnxNode, type OnnxType } from './format.ts'

/*
 * Integers of 8 and 16 bits. Quire computes them with int32; so that they wrap as elsewhere, each value of a model knows how narrow it is.
 */

const widths = { int8: 8, uint8: 8, int16: 16, uint16: 16 } as const

export type Narrow = keyof typeof widths

export const narrowOf = (type: OnnxType | undefined): Narrow | undefined => (type && type in widths ? (type as Narrow) : undefined)

const typeOfCode = new Map<number, OnnxType>(Object.entries(elementType).map(([type, code]) => [code, type as OnnxType]))

/** The lowest bits of int32 numbers, with their sign where the type has one. */
export function wrapped(x: Tensor, type: Narrow): Tensor {
  const bits = bitAnd(x, 2 ** widths[type] - 1)
  if (type.startsWith('u')) return bits
  const sign = 2 ** (widths[type] - 1)
  return sub(bitXor(bits, sign), sign)
}

/** Operators whose results may leave the range of their operands' type. */
const leaving = new Set(
  'Abs Add BitShift BitwiseNot Cast CastLike CumProd CumSum Div Einsum MatMul Mul Neg Pow Range ReduceL1 ReduceProd ReduceSum ReduceSumSquare ScatterElements ScatterND Sub Sum'.split(
    ' ',
  ),
)

/** Results that count or point, whatever the operands are: by operator, the index from which results do. */
const counting: Readonly<Record<string, number>> = { ArgMax: 0, ArgMin: 0, MaxPool: 1, NonZero: 0, Shape: 0, Size: 0, TopK: 1 }

/** The operand whose type the result has, where that is not the first. */
const sources: Readonly<Record<string, number>> = { CastLike: 1, OneHot: 2, Where: 1 }

const typeOfTensor = (value: AttributeValue | undefined): OnnxType | undefined =>
  typeof value === 'object' && 'tensor' in value ? value.tensor.dtype : undefined

/** How narrow result `index` of a node is, given how narrow its operands are. */
function narrowResult({ type, attributes }: OnnxNode, operands: readonly (Narrow | undefined)[], index: number): Narrow | undefined {
  if (type in counting && index >= counting[type]) return undefined
  const code = type === 'Cast' ? attributes.to : type === 'EyeLike' ? attributes.dtype : undefined
  if (typeof code === 'number') return narrowOf(typeOfCode.get(code))
  if (type === 'Constant' || type === 'ConstantOfShape') return narrowOf(typeOfTensor(attributes.value))
  return operands[sources[type] ?? 0]
}

/** The result of a node in the range of its type, and that type where it is narrow. */
export function fitted(
  result: Tensor,
  node: OnnxNode,
  operands: readonly (Narrow | undefined)[],
  index: number,
): { tensor: Tensor; narrow?: Narrow } {
  const narrow = isFloat(result.dtype) || result.dtype === 'bool' ? undefined : narrowResult(node, operands, index)
  if (!narrow) return { tensor: result }
  const tensor = result.dtype === 'int32' ? result : cast(result, 'int32')
  return { tensor: leaving.has(node.type) ? wrapped(tensor, narrow) : tensor, narrow }
}
