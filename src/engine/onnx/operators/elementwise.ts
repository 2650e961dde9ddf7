import { isFloat } from '../../dtype.ts'
import {
  abs,
  acos,
  acosh,
  add,
  asin,
  asinh,
  atan,
  atanh,
  bitAnd,
  bitOr,
  bitXor,
  cast,
  ceil,
  cos,
  cosh,
  div,
  equal,
  erf,
  exp,
  expm1,
  floor,
  full,
  gelu,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  minimum,
  mul,
  neg,
  notEqual,
  pow,
  power,
  reciprocal,
  relu,
  reshape,
  round,
  scalar,
  shiftLeft,
  shiftRight,
  sigmoid,
  sign,
  sin,
  sinh,
  softplus,
  sqrt,
  square,
  sub,
  tan,
  tanh,
  truncatedRemainder,
  where,
  zerosLike,
} from '../../ops.ts'
import type { Tensor } from '../../tensor.ts'
import { elementType, type OnnxType } from '../format.ts'
import { dtypeOf } from '../tensors.ts'
import type { Call, Operator, Operators } from './call.ts'

type Unary = (x: Tensor) => Tensor
type Binary = (a: Tensor, b: Tensor) => Tensor

const unary =
  (fn: Unary): Operator =>
  (call) =>
    fn(call.input())

/** Before version 7, the second operand was aligned at an axis. */
const binary =
  (fn: Binary): Operator =>
  (call) => {
    const [a, b] = [call.input(0), call.input(1)]
    if (!call.flag('broadcast')) return fn(a, b)
    const axis = call.axis(call.integer('axis', a.shape.length - b.shape.length), a.shape.length + 1)
    return fn(a, reshape(b, [...b.shape, ...a.shape.slice(axis + b.shape.length).map(() => 1)]))
  }

const variadic =
  (fn: Binary): Operator =>
  (call) =>
    call.inputs.reduce((a, b) => fn(a, b))

const half = (x: Tensor): Tensor => mul(x, 0.5)

const elu = (x: Tensor, alpha: number): Tensor => where(less(0, x), x, mul(expm1(minimum(x, 0)), alpha))

const celu = (x: Tensor, alpha: number): Tensor => add(relu(x), mul(expm1(minimum(div(x, alpha), 0)), alpha))

const clipBetween = (x: Tensor, low: Tensor | number | undefined, high: Tensor | number | undefined): Tensor => {
  const above = low === undefined ? x : maximum(x, low)
  return high === undefined ? above : minimum(above, high)
}

const clip: Operator = (call) => {
  const bound = (name: string, index: number) => (call.attribute(name) === undefined ? call.optional(index) : call.float(name))
  return clipBetween(call.input(), bound('min', 1), bound('max', 2))
}

const castTo: Operator = (call) => {
  const code = call.integer('to')
  const type = (Object.keys(elementType) as OnnxType[]).find((name) => elementType[name] === code)
  if (!type) return call.fail(`elements of type ${code} are not known`)
  // 64 bits hold every uint32, an int32 does not.
  return call.input().dtype === 'uint32' && type === 'int64' ? call.input() : cast(call.input(), dtypeOf[type])
}

/** ONNX's Mod has the divisor's sign, with fmod the dividend's. */
const mod: Operator = (call) => {
  const [a, b] = [call.input(0), call.input(1)]
  const rest = isFloat(a.dtype) ? truncatedRemainder(a, b) : sub(a, mul(div(a, b), b))
  if (call.flag('fmod') || a.dtype === 'uint32') return rest
  const otherSide = logicalAnd(notEqual(rest, 0), notEqual(less(rest, 0), less(b, 0)))
  return where(otherSide, add(rest, b), rest)
}

/** xʸ; both may be of different types, the result has x's. */
const raise: Operator = (call) => {
  const [x, y] = [call.input(0), call.input(1)]
  const constant = call.values[1]?.known?.data
  if (constant?.length === 1 && y.shape.length <= x.shape.length && isFloat(x.dtype)) return pow(x, constant[0])
  const float = isFloat(x.dtype) ? x.dtype : 'float64'
  const result = power(cast(x, float), cast(y, float))
  return cast(isFloat(x.dtype) ? result : round(result), x.dtype)
}

const prelu: Binary = (x, slope) => where(less(x, 0), mul(x, slope), x)

const isInfinite = (call: Call): Tensor => {
  const x = call.input()
  const positive = call.flag('detect_positive', true) ? equal(x, scalar(Number.POSITIVE_INFINITY, x.dtype)) : undefined
  const negative = call.flag('detect_negative', true) ? equal(x, scalar(Number.NEGATIVE_INFINITY, x.dtype)) : undefined
  if (positive && negative) return logicalOr(positive, negative)
  return positive ?? negative ?? cast(zerosLike(x), 'bool')
}

const select: Operator = (call) => {
  const [condition, a, b] = call.inputs
  return where(condition, a, b)
}

const geluOf = (x: Tensor, approximate: string): Tensor => {
  if (approximate !== 'tanh') return gelu(x)
  return mul(half(x), add(tanh(mul(add(x, mul(mul(square(x), x), 0.044715)), Math.sqrt(2 / Math.PI))), 1))
}

const mish = (x: Tensor): Tensor => mul(x, tanh(softplus(x)))

const hardSigmoid = (x: Tensor, alpha: number, beta: number): Tensor => clipBetween(add(mul(x, alpha), beta), 0, 1)

/** Unsigned words; those of 64 bits are held by 32. */
const shift: Operator = (call) => {
  const [x, places] = [call.input(0), call.input(1)]
  if (x.dtype !== 'uint32' && !call.values[0]?.narrow?.startsWith('u')) call.fail('only unsigned integers are shifted')
  const by = call.string('direction', '') === 'RIGHT' ? shiftRight : shiftLeft
  return by(cast(x, 'uint32'), cast(places, 'uint32'))
}

const complement: Operator = (call) => bitXor(call.input(), call.input().dtype === 'uint32' ? 0xffffffff : -1)

const shrink: Operator = (call) => {
  const x = call.input()
  const [lambda, bias] = [call.float('lambd', 0.5), call.float('bias', 0)]
  const zero = zerosLike(x)
  return where(less(x, -lambda), add(x, bias), where(less(lambda, x), sub(x, bias), zero))
}

const sumOf = variadic(add)

const meanOf: Operator = (call) => div(sumOf(call) as Tensor, call.values.length)

/** The operators that act on each element by itself. */
export const elementwiseOperators: Operators = {
  Abs: unary(abs),
  Acos: unary(acos),
  Acosh: unary(acosh),
  Add: binary(add),
  And: binary(logicalAnd),
  Asin: unary(asin),
  Asinh: unary(asinh),
  Atan: unary(atan),
  BitShift: shift,
  BitwiseAnd: binary(bitAnd),
  BitwiseNot: complement,
  BitwiseOr: binary(bitOr),
  BitwiseXor: binary(bitXor),
  Atanh: unary(atanh),
  Cast: castTo,
  CastLike: (call) => cast(call.input(0), call.input(1).dtype),
  Ceil: unary(ceil),
  Celu: (call) => celu(call.input(), call.float('alpha', 1)),
  Clip: clip,
  Cos: unary(cos),
  Cosh: unary(cosh),
  Div: binary(div),
  Elu: (call) => elu(call.input(), call.float('alpha', 1)),
  Equal: binary(equal),
  Erf: unary(erf),
  Exp: unary(exp),
  Floor: unary(floor),
  Gelu: (call) => geluOf(call.input(), call.string('approximate', 'none')),
  Greater: binary(greater),
  GreaterOrEqual: binary(greaterEqual),
  HardSigmoid: (call) => hardSigmoid(call.input(), call.float('alpha', 0.2), call.float('beta', 0.5)),
  HardSwish: unary((x) => mul(x, hardSigmoid(x, 1 / 6, 0.5))),
  Identity: unary((x) => x),
  IsInf: isInfinite,
  IsNaN: unary((x) => logicalNot(equal(x, x))),
  LeakyRelu: (call) => prelu(call.input(), full([], call.float('alpha', 0.01), call.input().dtype)),
  Less: binary(less),
  LessOrEqual: binary(lessEqual),
  Log: unary(log),
  Max: variadic(maximum),
  Mean: meanOf,
  Min: variadic(minimum),
  Mish: unary(mish),
  Mod: mod,
  Mul: binary(mul),
  Neg: unary(neg),
  Not: unary(logicalNot),
  Or: binary(logicalOr),
  PRelu: binary(prelu),
  Pow: raise,
  Reciprocal: unary(reciprocal),
  Relu: unary((x) => (isFloat(x.dtype) ? relu(x) : maximum(x, 0))),
  Round: unary(round),
  Selu: (call) => mul(elu(call.input(), call.float('alpha', 1.6732631921768188)), call.float('gamma', 1.0507010221481323)),
  Shrink: shrink,
  Sigmoid: unary(sigmoid),
  Sign: unary(sign),
  Sin: unary(sin),
  Sinh: unary(sinh),
  Softplus: unary(softplus),
  Softsign: unary((x) => div(x, add(abs(x), 1))),
  Sqrt: unary(sqrt),
  Sub: binary(sub),
  Sum: sumOf,
  Swish: (call) => mul(call.input(), sigmoid(mul(call.input(), call.float('alpha', 1)))),
  Tan: unary(tan),
  Tanh: unary(tanh),
  ThresholdedRelu: (call) => where(less(call.float('alpha', 1), call.input()), call.input(), zerosLike(call.input())),
  Where: select,
  Xor: binary(notEqual),
}
