import type { LoweringContext } from '../compile/lower.ts'
import { dtypes, numbers } from '../dtype.ts'
import type { Node } from '../graph/node.ts'
import { scalar } from '../ops.ts'
import type { Tensor } from '../tensor.ts'
import { type Binary, elementwise, type Operation, type TensorLike, type Unary } from './define.ts'
import { emitErf, emitExpm1, emitLog1p, erfReference } from './special.ts'

// Arithmetic. Integer division truncates, as in C.

/**
 * a + b
 *
 * @example
 * await add(tensor([1, 2]), 3).array() // [4, 5]
 */
export const add: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'add',
  evaluate: (a, b) => a + b,
  derivative: [(t) => t, (t) => t],
  onnx: 'Add',
  accepts: numbers,
})

/**
 * a − b
 *
 * @example
 * await sub(tensor([1, 2]), 3).array() // [-2, -1]
 */
export const sub: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'sub',
  evaluate: (a, b) => a - b,
  derivative: [(t) => t, (t) => neg(t)],
  onnx: 'Sub',
  accepts: numbers,
})

/**
 * a · b, element by element
 *
 * @example
 * await mul(tensor([1, 2]), 3).array() // [3, 6]
 */
export const mul: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'mul',
  evaluate: (a, b) => a * b,
  integers: Math.imul,
  derivative: [(t, _, b) => mul(t, b), (t, a) => mul(t, a)],
  onnx: 'Mul',
  accepts: numbers,
})

/**
 * a / b
 *
 * @example
 * await div(tensor([1, 2]), 4).array() // [0.25, 0.5]
 */
export const div: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'div',
  evaluate: (a, b) => a / b,
  derivative: [(t, _, b) => div(t, b), (t, _, b, y) => neg(div(mul(t, y), b))],
  onnx: 'Div',
  accepts: numbers,
})

/**
 * a − b·trunc(a / b): the remainder of truncated division, with a's sign, as C's % and fmod.
 *
 * @example
 * await truncatedRemainder(tensor([-7, 7]), 3).array() // [-1, 1]
 */
export const truncatedRemainder: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'truncatedRemainder',
  evaluate: (a, b) => a % b,
  derivative: [(t) => t, (t, a, b, y) => neg(mul(t, round(div(sub(a, y), b))))],
  onnx: (context, inputs) => context.emit('Mod', inputs, { fmod: 1 }),
  accepts: numbers,
})

/**
 * −x
 *
 * @example
 * await neg(tensor([1, -2])).array() // [-1, 2]
 */
export const neg: Unary = elementwise<[x: Tensor]>({
  name: 'neg',
  evaluate: (x) => -x,
  derivative: [(t) => neg(t)],
  onnx: 'Neg',
  accepts: ['float32', 'float64', 'int32'],
})

/**
 * xʸ for x ≥ 0 or whole y. ∂/∂y is 0 where x ≤ 0; at x = y = 0, where the function jumps, all derivatives are 0.
 *
 * @example
 * await power(tensor([2, 9]), 0.5).array() // [1.41421, 3.00000]
 */
export const power: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'power',
  // IEEE 754: 1 to any power, and −1 to an infinite one, is 1; JavaScript says NaN.
  evaluate: (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b),
  derivative: [
    (t, a, b) => {
      // The base is made harmless where the factor y is 0: otherwise 0 · 0⁻¹ would come back in the second derivative.
      const jump = logicalAnd(equal(a, 0), equal(b, 0))
      return mul(t, where(jump, 0, mul(b, power(where(jump, 1, a), sub(b, 1)))))
    },
    (t, a, _, y) => mul(t, where(less(0, a), mul(y, log(where(less(0, a), a, 1))), 0)),
  ],
  onnx: 'Pow',
})

/**
 * The larger of a and b. NaN wins; equal values share the derivative.
 *
 * @example
 * await maximum(tensor([1, -2]), 0).array() // [1, 0]
 */
export const maximum: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'maximum',
  evaluate: Math.max,
  derivative: [(t, a, b) => mul(t, wins(a, b)), (t, a, b) => mul(t, wins(b, a))],
  onnx: 'Max',
  accepts: numbers,
})

/**
 * The smaller of a and b. NaN wins; equal values share the derivative.
 *
 * @example
 * await minimum(tensor([1, -2]), 0).array() // [0, -2]
 */
export const minimum: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'minimum',
  evaluate: Math.min,
  derivative: [(t, a, b) => mul(t, wins(b, a)), (t, a, b) => mul(t, wins(a, b))],
  onnx: 'Min',
  accepts: numbers,
})

/** 1 where a > b, ½ where they are equal, else 0. */
const wins = (a: Tensor, b: Tensor): Tensor =>
  where(equal(a, b), scalar(0.5, a.dtype), where(less(b, a), scalar(1, a.dtype), scalar(0, a.dtype)))

/**
 * x²
 *
 * @example
 * await square(tensor([1, -2])).array() // [1, 4]
 */
export const square: Unary = elementwise<[x: Tensor]>({
  name: 'square',
  evaluate: (x) => x * x,
  integers: (x) => Math.imul(x, x),
  derivative: [(t, x) => mul(t, mul(x, 2))],
  onnx: (context, [x]) => context.emit('Mul', [x, x]),
  accepts: numbers,
})

/**
 * √x; the derivative at 0 is infinite.
 *
 * @example
 * await sqrt(tensor([4, 9])).array() // [2, 3]
 */
export const sqrt: Unary = elementwise<[x: Tensor]>({
  name: 'sqrt',
  evaluate: Math.sqrt,
  derivative: [(t, _, y) => div(mul(t, 0.5), y)],
  onnx: 'Sqrt',
})

/**
 * 1 / x
 *
 * @example
 * await reciprocal(tensor([4, 0.5])).array() // [0.25, 2]
 */
export const reciprocal: Unary = elementwise<[x: Tensor]>({
  name: 'reciprocal',
  evaluate: (x) => 1 / x,
  derivative: [(t, _, y) => neg(mul(t, square(y)))],
  onnx: 'Reciprocal',
})

/**
 * ∛x, real for negative x too. The derivative at 0 is infinite.
 *
 * @example
 * await cbrt(tensor([-8, 27])).array() // [-2.00000, 3.00000]
 */
export const cbrt: Unary = elementwise<[x: Tensor]>({
  name: 'cbrt',
  evaluate: Math.cbrt,
  derivative: [(t, _, y) => div(t, mul(square(y), 3))],
  onnx: (context, [x], node) =>
    context.emit('Mul', [context.emit('Sign', [x]), context.emit('Pow', [context.emit('Abs', [x]), context.scalar(1 / 3, node.dtype)])]),
})

// Exponentials and logarithms.

/**
 * eˣ.
 *
 * @example
 * await exp(tensor([0, 1])).array() // [1, 2.71828]
 */
export const exp: Unary = elementwise<[x: Tensor]>({ name: 'exp', evaluate: Math.exp, derivative: [(t, _, y) => mul(t, y)], onnx: 'Exp' })

/**
 * The natural logarithm.
 *
 * @example
 * await log(tensor([1, Math.E])).array() // [0, 1.00000]
 */
export const log: Unary = elementwise<[x: Tensor]>({ name: 'log', evaluate: Math.log, derivative: [(t, x) => div(t, x)], onnx: 'Log' })

/**
 * log(1 + x), accurate for small x.
 *
 * @example
 * await log1p(tensor([1e-10])).array() // [1.0000e-10]
 */
export const log1p: Unary = elementwise<[x: Tensor]>({
  name: 'log1p',
  evaluate: Math.log1p,
  derivative: [(t, x) => div(t, add(x, 1))],
  onnx: (context, [x], node) => emitLog1p(context, x, node.dtype),
})

/**
 * eˣ − 1, accurate for small x.
 *
 * @example
 * await expm1(tensor([1e-10])).array() // [1.0000e-10]
 */
export const expm1: Unary = elementwise<[x: Tensor]>({
  name: 'expm1',
  evaluate: Math.expm1,
  derivative: [(t, _, y) => mul(t, add(y, 1))],
  onnx: (context, [x], node) => emitExpm1(context, x, node.dtype),
})

// Activations.

/**
 * The hyperbolic tangent.
 *
 * @example
 * await tanh(tensor([0, 100])).array() // [0, 1]
 */
export const tanh: Unary = elementwise<[x: Tensor]>({
  name: 'tanh',
  evaluate: Math.tanh,
  derivative: [(t, _, y) => mul(t, sub(1, square(y)))],
  onnx: 'Tanh',
})

/**
 * 1 / (1 + e⁻ˣ)
 *
 * @example
 * await sigmoid(tensor([0, 100])).array() // [0.5, 1]
 */
export const sigmoid: Unary = elementwise<[x: Tensor]>({
  name: 'sigmoid',
  evaluate: (x) => 1 / (1 + Math.exp(-x)),
  derivative: [(t, _, y) => mul(t, mul(y, sub(1, y)))],
  onnx: 'Sigmoid',
})

/**
 * log(1 + eˣ), without overflow.
 *
 * @example
 * await softplus(tensor([0, 100])).array() // [0.693147, 100]
 */
export const softplus: Unary = elementwise<[x: Tensor]>({
  name: 'softplus',
  evaluate: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  derivative: [(t, x) => mul(t, sigmoid(x))],
  onnx(context, [x], { dtype }) {
    // A file says what it means, so that its readers can differentiate it. The runtime's own kernel rounds small values away.
    if (context.portable && dtype === 'float32') return context.emit('Softplus', [x])
    const decay = context.emit('Exp', [context.emit('Neg', [context.emit('Abs', [x])])])
    return context.emit('Add', [context.emit('Max', [x, context.scalar(0, dtype)]), emitLog1p(context, decay, dtype)])
  },
})

/**
 * max(x, 0); the derivative at 0 is 0.
 *
 * @example
 * await relu(tensor([-1, 2])).array() // [0, 2]
 */
export const relu: Unary = elementwise<[x: Tensor]>({
  name: 'relu',
  evaluate: (x) => (x > 0 || Number.isNaN(x) ? x : 0),
  derivative: [(t, x) => where(less(0, x), t, scalar(0, t.dtype))],
  onnx: 'Relu',
})

/**
 * The Gauss error function.
 *
 * @example
 * await erf(tensor([0, 1])).array() // [0, 0.842701]
 */
export const erf: Unary = elementwise<[x: Tensor]>({
  name: 'erf',
  evaluate: erfReference,
  derivative: [(t, x) => mul(t, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI)))],
  onnx: (context, [x], { dtype }) => emitErf(context, x, dtype),
})

/**
 * x·Φ(x), the exact Gaussian error linear unit.
 *
 * @example
 * await gelu(tensor([0, 1])).array() // [0, 0.841345]
 */
export const gelu: Unary = elementwise<[x: Tensor]>({
  name: 'gelu',
  evaluate: (x) => (x * (1 + erfReference(x * Math.SQRT1_2))) / 2,
  derivative: [(t, x) => mul(t, geluSlope(x))],
  onnx(context, [x], { dtype }) {
    if (dtype === 'float32') return context.emit('Gelu', [x])
    const phi = emitErf(context, context.emit('Mul', [x, context.scalar(Math.SQRT1_2, dtype)]), dtype)
    const half = context.emit('Mul', [x, context.scalar(0.5, dtype)])
    return context.emit('Mul', [half, context.emit('Add', [phi, context.scalar(1, dtype)])])
  },
})

/** Φ(x) + x·φ(x), the slope of gelu; with u = x/√2 it is ½ + ½·erf(u) + u·exp(−u² − log √π), in the fewest passes over memory. */
function geluSlope(x: Tensor): Tensor {
  const u = mul(x, Math.SQRT1_2)
  const density = mul(u, exp(sub(-Math.log(Math.PI) / 2, square(u))))
  return add(add(mul(erf(u), 0.5), 0.5), density)
}

const tanhScale = Math.sqrt(2 / Math.PI)
const tanhCubic = 0.044715

/**
 * gelu by its usual approximation: x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))).
 *
 * @example
 * await geluTanh(tensor([0, 1])).array() // [0, 0.841192]
 */
export const geluTanh: Unary = elementwise<[x: Tensor]>({
  name: 'geluTanh',
  evaluate: (x) => (x * (1 + Math.tanh(tanhScale * (x + tanhCubic * x ** 3)))) / 2,
  derivative: [(t, x) => mul(t, geluTanhSlope(x))],
  onnx(context, [x], { dtype }) {
    if (dtype === 'float32') return context.emit('Gelu', [x], { approximate: 'tanh' })
    const number = (value: number) => context.scalar(value, dtype)
    const square = context.emit('Mul', [x, x])
    const inner = context.emit('Add', [context.emit('Mul', [square, number(tanhCubic)]), number(1)])
    const bent = context.emit('Tanh', [context.emit('Mul', [context.emit('Mul', [x, number(tanhScale)]), inner])])
    return context.emit('Mul', [context.emit('Mul', [x, number(0.5)]), context.emit('Add', [bent, number(1)])])
  },
})

/** With u = √(2/π) (x + c x³) and h = (1 + tanh u) / 2: h + 2 x h (1 − h) u′. */
function geluTanhSlope(x: Tensor): Tensor {
  const squared = square(x)
  // tanh u = 2 σ(2u) − 1, so h is a sigmoid.
  const h = sigmoid(mul(mul(x, 2 * tanhScale), add(mul(squared, tanhCubic), 1)))
  const doubledSlope = add(mul(squared, 6 * tanhCubic * tanhScale), 2 * tanhScale)
  return mul(h, add(mul(mul(sub(1, h), x), doubledSlope), 1))
}

/**
 * x · sigmoid(x), also called swish.
 *
 * @example
 * await silu(tensor([0, 1])).array() // [0, 0.731059]
 */
export const silu: Unary = elementwise<[x: Tensor]>({
  name: 'silu',
  evaluate: (x) => x / (1 + Math.exp(-x)),
  derivative: [
    (t, x, y) => {
      const s = sigmoid(x)
      return mul(t, add(s, mul(y, sub(1, s))))
    },
  ],
  onnx: (context, [x], { dtype }) =>
    dtype === 'float32' && !context.portable
      ? context.emit('QuickGelu', [x], { alpha: { float: 1 } }, 'com.microsoft')
      : context.emit('Mul', [x, context.emit('Sigmoid', [x])]),
})

// Steps: the derivative is zero almost everywhere; |x| has slope 0 at 0.

/**
 * |x|.
 *
 * @example
 * await abs(tensor([-1, 2])).array() // [1, 2]
 */
export const abs: Unary = elementwise<[x: Tensor]>({
  name: 'abs',
  evaluate: Math.abs,
  derivative: [(t, x) => mul(t, sign(x))],
  onnx: 'Abs',
  accepts: ['float32', 'float64', 'int32'],
})

/**
 * −1, 0 or 1
 *
 * @example
 * await sign(tensor([-3, 0, 2])).array() // [-1, 0, 1]
 */
export const sign: Unary = elementwise<[x: Tensor]>({
  name: 'sign',
  evaluate: Math.sign,
  derivative: [null],
  onnx: 'Sign',
  accepts: ['float32', 'float64', 'int32'],
})

/**
 * The largest whole number that is not above x.
 *
 * @example
 * await floor(tensor([-1.5, 1.5])).array() // [-2, 1]
 */
export const floor: Unary = elementwise<[x: Tensor]>({ name: 'floor', evaluate: Math.floor, derivative: [null], onnx: 'Floor' })

/**
 * The smallest whole number that is not below x.
 *
 * @example
 * await ceil(tensor([-1.5, 1.5])).array() // [-1, 2]
 */
export const ceil: Unary = elementwise<[x: Tensor]>({ name: 'ceil', evaluate: Math.ceil, derivative: [null], onnx: 'Ceil' })

/**
 * The nearest whole number; halves go to the even one.
 *
 * @example
 * await round(tensor([0.5, 1.5, 2.4])).array() // [0, 2, 2]
 */
export const round: Unary = elementwise<[x: Tensor]>({
  name: 'round',
  evaluate: (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)),
  derivative: [null],
  onnx: 'Round',
})

// Comparisons and logic.

/**
 * a < b
 *
 * @example
 * await less(tensor([1, 2]), 2).array() // [true, false]
 */
export const less: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'less',
  evaluate: (a, b) => Number(a < b),
  derivative: [null, null],
  onnx: 'Less',
  accepts: numbers,
  result: 'bool',
})

/**
 * a ≤ b
 *
 * @example
 * await lessEqual(tensor([1, 3]), 2).array() // [true, false]
 */
export const lessEqual: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'lessEqual',
  evaluate: (a, b) => Number(a <= b),
  derivative: [null, null],
  onnx: 'LessOrEqual',
  accepts: numbers,
  result: 'bool',
})

/**
 * a = b
 *
 * @example
 * await equal(tensor([1, 2]), 2).array() // [false, true]
 */
export const equal: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'equal',
  evaluate: (a, b) => Number(a === b),
  derivative: [null, null],
  onnx: 'Equal',
  accepts: dtypes,
  result: 'bool',
})

/**
 * Whether both are true.
 *
 * @example
 * await logicalAnd(tensor([true, true]), tensor([true, false])).array() // [true, false]
 */
export const logicalAnd: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'logicalAnd',
  evaluate: (a, b) => a & b,
  derivative: [null, null],
  onnx: 'And',
  accepts: ['bool'],
})

/**
 * Whether one is true, or both.
 *
 * @example
 * await logicalOr(tensor([true, false]), tensor([false, false])).array() // [true, false]
 */
export const logicalOr: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'logicalOr',
  evaluate: (a, b) => a | b,
  derivative: [null, null],
  onnx: 'Or',
  accepts: ['bool'],
})

/**
 * Whether x is false.
 *
 * @example
 * await logicalNot(tensor([true, false])).array() // [false, true]
 */
export const logicalNot: Unary = elementwise<[x: Tensor]>({
  name: 'logicalNot',
  evaluate: (a) => 1 - a,
  derivative: [null],
  onnx: 'Not',
  accepts: ['bool'],
})

/**
 * Where the condition holds, a; elsewhere b. No derivative flows through the condition, and none into the branch not taken.
 *
 * @example
 * await where(tensor([true, false]), tensor([1, 2]), 0).array() // [1, 0]
 */
export const where: Operation<[condition: TensorLike, a: TensorLike, b: TensorLike]> = elementwise<
  [condition: Tensor, a: Tensor, b: Tensor]
>({
  name: 'where',
  evaluate: (condition, a, b) => (condition ? a : b),
  derivative: [null, (t, c) => where(c, t, scalar(0, t.dtype)), (t, c) => where(c, scalar(0, t.dtype), t)],
  onnx: emitWhere,
  accepts: dtypes,
  first: 'bool',
})

/** The runtime has no Where for booleans and unsigned integers: these pass through int32, which keeps their bits. */
function emitWhere(context: LoweringContext, [condition, a, b]: readonly string[], { dtype }: Node): string {
  if (dtype !== 'bool' && dtype !== 'uint32') return context.emit('Where', [condition, a, b])
  const [left, right] = [a, b].map((value) => context.cast(value, 'int64'))
  return context.cast(context.emit('Where', [condition, left, right]), dtype)
}
