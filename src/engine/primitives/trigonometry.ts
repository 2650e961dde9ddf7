import type { LoweringContext } from '../compile/lower.ts'
import type { DType } from '../dtype.ts'
import type { Node } from '../graph/node.ts'
import type { Tensor } from '../tensor.ts'
import { type Binary, elementwise, type Unary } from './define.ts'
import { add, div, mul, neg, sqrt, square, sub } from './elementwise.ts'
import { emitExpm1, emitLog1p } from './special.ts'

/*
 * Circular and hyperbolic functions and their inverses. The runtime has most of them in float32 only; in float64 they are put together from
 * sin, cos, exp, log1p and expm1 so that nothing cancels or overflows on the way.
 */

type Emit = (type: string, ...inputs: string[]) => string

/** The runtime's own kernel in float32, `compose` in float64, where there is none. */
const nativeOr =
  (kernel: string, compose: (emit: Emit, x: string, number: (value: number) => string, context: LoweringContext, dtype: DType) => string) =>
  (context: LoweringContext, [x]: readonly string[], { dtype }: Node): string => {
    if (dtype === 'float32') return context.emit(kernel, [x])
    const emit: Emit = (type, ...inputs) => context.emit(type, inputs)
    return compose(emit, x, (value) => context.scalar(value, dtype), context, dtype)
  }

/**
 * The sine of x radians.
 *
 * @example
 * await sin(tensor([0, Math.PI / 2])).array() // [0, 1]
 */
export const sin: Unary = elementwise<[x: Tensor]>({ name: 'sin', evaluate: Math.sin, derivative: [(t, x) => mul(t, cos(x))], onnx: 'Sin' })

/**
 * The cosine of x radians.
 *
 * @example
 * await cos(tensor([0, Math.PI])).array() // [1, -1]
 */
export const cos: Unary = elementwise<[x: Tensor]>({
  name: 'cos',
  evaluate: Math.cos,
  derivative: [(t, x) => neg(mul(t, sin(x)))],
  onnx: 'Cos',
})

/**
 * The tangent of x radians.
 *
 * @example
 * await tan(tensor([Math.PI / 4])).array() // [1.00000]
 */
export const tan: Unary = elementwise<[x: Tensor]>({
  name: 'tan',
  evaluate: Math.tan,
  derivative: [(t, _, y) => mul(t, add(square(y), 1))],
  onnx: nativeOr('Tan', (emit, x) => emit('Div', emit('Sin', x), emit('Cos', x))),
})

/**
 * arcsin x, in [−π/2, π/2]; the derivative at ±1 is infinite.
 *
 * @example
 * await asin(tensor([1])).array() // [1.570796]
 */
export const asin: Unary = elementwise<[x: Tensor]>({
  name: 'asin',
  evaluate: Math.asin,
  derivative: [(t, x) => div(t, cosineOfArcsine(x))],
  onnx: nativeOr('Asin', (emit, x, number, context) => {
    const cosine = emit('Sqrt', emit('Mul', emit('Sub', number(1), x), emit('Add', number(1), x)))
    return emitAtan(context, emit('Div', x, cosine))
  }),
})

/**
 * arccos x, in [0, π]; the derivative at ±1 is infinite.
 *
 * @example
 * await acos(tensor([1])).array() // [0]
 */
export const acos: Unary = elementwise<[x: Tensor]>({
  name: 'acos',
  evaluate: Math.acos,
  derivative: [(t, x) => neg(div(t, cosineOfArcsine(x)))],
  onnx: nativeOr('Acos', (emit, x, number, context) => {
    const ratio = emit('Div', emit('Sub', number(1), x), emit('Add', number(1), x))
    return emit('Mul', emitAtan(context, emit('Sqrt', ratio)), number(2))
  }),
})

/** √(1 − x²), accurate near ±1. */
const cosineOfArcsine = (x: Tensor): Tensor => sqrt(mul(sub(1, x), add(1, x)))

/**
 * arctan x, in [−π/2, π/2]
 *
 * @example
 * await atan(tensor([1])).array() // [0.785398]
 */
export const atan: Unary = elementwise<[x: Tensor]>({
  name: 'atan',
  evaluate: Math.atan,
  derivative: [(t, x) => div(t, add(square(x), 1))],
  onnx: nativeOr('Atan', (_, x, _number, context) => emitAtan(context, x)),
})

/**
 * The angle of the point (x, y), in [−π, π]. Zeros keep their signs: atan2(±0, −1) = ±π. The derivative at the origin is NaN.
 *
 * @example
 * await atan2(tensor([1]), tensor([-1])).array() // [2.356194]
 */
export const atan2: Binary = elementwise<[y: Tensor, x: Tensor]>({
  name: 'atan2',
  evaluate: Math.atan2,
  derivative: [(t, y, x) => mul(t, div(x, add(square(x), square(y)))), (t, y, x) => neg(mul(t, div(y, add(square(x), square(y)))))],
  onnx: emitAtan2,
})

/**
 * The hyperbolic sine.
 *
 * @example
 * await sinh(tensor([1])).array() // [1.175201]
 */
export const sinh: Unary = elementwise<[x: Tensor]>({
  name: 'sinh',
  evaluate: Math.sinh,
  derivative: [(t, x) => mul(t, cosh(x))],
  onnx: nativeOr('Sinh', (emit, x, number, context, dtype) => {
    const [up, down] = halvedExponentials(emit, x, number)
    const grown = emitExpm1(context, x, dtype)
    const small = emit('Mul', emit('Add', grown, emit('Div', grown, emit('Add', grown, number(1)))), number(0.5))
    return emit('Where', emit('Less', emit('Abs', x), number(1)), small, emit('Sub', up, down))
  }),
})

/**
 * The hyperbolic cosine.
 *
 * @example
 * await cosh(tensor([1])).array() // [1.543081]
 */
export const cosh: Unary = elementwise<[x: Tensor]>({
  name: 'cosh',
  evaluate: Math.cosh,
  derivative: [(t, x) => mul(t, sinh(x))],
  onnx: nativeOr('Cosh', (emit, x, number) => emit('Add', ...halvedExponentials(emit, x, number))),
})

/** eˣ/2 and e⁻ˣ/2, which exist where eˣ itself has overflown. */
function halvedExponentials(emit: Emit, x: string, number: (value: number) => string): [string, string] {
  const half = emit('Mul', x, number(0.5))
  const [up, down] = [half, emit('Neg', half)].map((part) => {
    const root = emit('Exp', part)
    return emit('Mul', emit('Mul', root, number(0.5)), root)
  })
  return [up, down]
}

/**
 * The inverse of `sinh`.
 *
 * @example
 * await asinh(tensor([1.175201])).array() // [1.00000]
 */
export const asinh: Unary = elementwise<[x: Tensor]>({
  name: 'asinh',
  evaluate: Math.asinh,
  derivative: [(t, x) => div(t, sqrt(add(square(x), 1)))],
  onnx: nativeOr('Asinh', (emit, x, number, context, dtype) => {
    const size = emit('Abs', x)
    const root = emit('Sqrt', emit('Add', emit('Mul', x, x), number(1)))
    const excess = emit('Add', size, emit('Div', emit('Mul', x, x), emit('Add', root, number(1))))
    return emit('Mul', emit('Sign', x), logarithmOfSum(emit, size, emitLog1p(context, excess, dtype), number))
  }),
})

/**
 * arcosh x for x ≥ 1; the derivative at 1 is infinite.
 *
 * @example
 * await acosh(tensor([1.543081])).array() // [1.00000]
 */
export const acosh: Unary = elementwise<[x: Tensor]>({
  name: 'acosh',
  evaluate: Math.acosh,
  derivative: [(t, x) => div(t, sqrt(mul(sub(x, 1), add(x, 1))))],
  onnx: nativeOr('Acosh', (emit, x, number, context, dtype) => {
    const above = emit('Sub', x, number(1))
    const excess = emit('Add', above, emit('Mul', emit('Sqrt', above), emit('Sqrt', emit('Add', above, number(2)))))
    return logarithmOfSum(emit, x, emitLog1p(context, excess, dtype), number)
  }),
})

/** log(x + √(x² ± 1)): near, as computed; far out, where squares overflow, log 2x. */
const logarithmOfSum = (emit: Emit, x: string, near: string, number: (value: number) => string): string =>
  emit('Where', emit('Less', number(1e10), x), emit('Add', emit('Log', x), number(Math.LN2)), near)

/**
 * artanh x for |x| < 1; infinite at ±1.
 *
 * @example
 * await atanh(tensor([0.5])).array() // [0.549306]
 */
export const atanh: Unary = elementwise<[x: Tensor]>({
  name: 'atanh',
  evaluate: Math.atanh,
  derivative: [(t, x) => div(t, mul(sub(1, x), add(1, x)))],
  onnx: nativeOr('Atanh', (emit, x, number, context, dtype) => {
    const [up, down] = [x, emit('Neg', x)].map((part) => emitLog1p(context, part, dtype))
    return emit('Mul', emit('Sub', up, down), number(0.5))
  }),
})

/** How often the angle is halved before the series of `emitAtan`: |x| is then at most tan(π/32). */
const halvings = 3

/** Terms of arctan x = x − x³/3 + x⁵/5 − … that reach float64 accuracy there. */
const arctangentTerms = 9

/** arctan in float64: beyond 1, π/2 − arctan(1/x); then arctan x = 2·arctan(x / (1 + √(1 + x²))) brings x near 0. */
function emitAtan(context: LoweringContext, x: string): string {
  const emit: Emit = (type, ...inputs) => context.emit(type, inputs)
  const number = (value: number) => context.scalar(value, 'float64')
  const size = emit('Abs', x)
  const large = emit('Less', number(1), size)
  let reduced = emit('Where', large, emit('Div', number(1), size), size)
  for (let k = 0; k < halvings; k++) {
    const root = emit('Sqrt', emit('Add', emit('Mul', reduced, reduced), number(1)))
    reduced = emit('Div', reduced, emit('Add', root, number(1)))
  }
  const squared = emit('Mul', reduced, reduced)
  let series = number(0)
  for (let k = arctangentTerms; k >= 0; k--) series = emit('Add', emit('Mul', series, squared), number((-1) ** k / (2 * k + 1)))
  const near = emit('Mul', emit('Mul', series, reduced), number(2 ** halvings))
  return emit('Mul', emit('Sign', x), emit('Where', large, emit('Sub', number(Math.PI / 2), near), near))
}

/** The angle of the ratio's size in the first quadrant, then reflected into the point's own. */
function emitAtan2(context: LoweringContext, [y, x]: readonly string[], { dtype }: Node): string {
  const emit: Emit = (type, ...inputs) => context.emit(type, inputs)
  const number = (value: number) => context.scalar(value, dtype)
  // 1/±0 tells the sign of a zero.
  const isNegative = (value: string) =>
    emit('Less', emit('Where', emit('Equal', value, number(0)), emit('Reciprocal', value), value), number(0))
  const [height, width] = [y, x].map((value) => emit('Abs', value))
  const quotient = emit('Div', height, width)
  // 0/0 and ∞/∞ lie on an axis and on the diagonal; a NaN stays one.
  const same = emit('Equal', height, width)
  const ratio = emit('Where', same, emit('Where', emit('Equal', height, number(0)), number(0), number(1)), quotient)
  const angle = dtype === 'float32' ? emit('Atan', ratio) : emitAtan(context, ratio)
  const upper = emit('Where', isNegative(x), emit('Sub', number(Math.PI), angle), angle)
  return emit('Where', isNegative(y), emit('Neg', upper), upper)
}
