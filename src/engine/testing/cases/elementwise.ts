import { type DType, dtypes, floats, numbers } from '../../dtype.ts'
import * as q from '../../index.ts'
import type { Tensor } from '../../tensor.ts'
import type { Form, Operation } from './generate.ts'
import { broadcastAt, build, commonShape } from './plain.ts'

const shapesOfOne: readonly (readonly number[])[] = [[], [7], [2, 3], [1, 1], [0], [2, 0, 3]]

const shapesOfTwo: readonly (readonly (readonly number[])[])[] = [
  [[], []],
  [[7], [7]],
  [[2, 3], [3]],
  [
    [2, 1],
    [1, 3],
  ],
  [[], [4]],
  [[3], []],
  [
    [2, 1, 2],
    [3, 1],
  ],
  [[0], [1]],
  [
    [2, 0],
    [2, 1],
  ],
]

const formsOf = (
  shapes: readonly (readonly (readonly number[])[])[],
  run: (...inputs: Tensor[]) => Tensor,
  scalar: (...values: number[]) => number,
): Form[] =>
  shapes.map((inputs) => ({
    inputs,
    run,
    twin: (...arrays) => build(commonShape(arrays), (index) => scalar(...arrays.map((x) => broadcastAt(x, index)))),
  }))

type Options = Partial<Pick<Operation, 'dtypes' | 'without' | 'tolerance'>>

/** An operation on single elements, and the same on one number. */
const one = (run: (x: Tensor) => Tensor, scalar: (x: number) => number, { dtypes = floats, ...rest }: Options = {}): Operation => ({
  dtypes,
  forms: formsOf(
    shapesOfOne.map((shape) => [shape]),
    run,
    scalar,
  ),
  ...rest,
})

/** An operation on pairs of elements, on every way in which shapes broadcast. */
const two = (
  run: (a: Tensor, b: Tensor) => Tensor,
  scalar: (a: number, b: number) => number,
  { dtypes = floats, ...rest }: Options = {},
): Operation => ({
  dtypes,
  forms: formsOf(shapesOfTwo, run, scalar),
  ...rest,
})

const isNaNEither = (a: number, b: number): boolean => Number.isNaN(a) || Number.isNaN(b)

/** Arithmetic of 32 bits, by way of big integers. */
const wrapped = (dtype: DType, operation: (a: bigint, b: bigint) => bigint) => (a: number, b: number) =>
  Number((dtype === 'int32' ? BigInt.asIntN : BigInt.asUintN)(32, operation(BigInt(a), BigInt(b))))

const integers = (
  name: string,
  run: (a: Tensor, b: Tensor) => Tensor,
  operation: (a: bigint, b: bigint) => bigint,
): [string, Operation][] =>
  (['int32', 'uint32'] as const).map((dtype) => [`${name} of ${dtype}`, two(run, wrapped(dtype, operation), { dtypes: [dtype] })])

const signed: readonly DType[] = [...floats, 'int32']

const isOdd = (x: number): boolean => x % 2 !== 0

const halfEven = (x: number): number => {
  const below = Math.floor(x)
  const rest = x - below
  return rest < 0.5 || (rest === 0.5 && !isOdd(below)) ? below : rest === 0 ? x : below + 1
}

const quotient = (a: number, b: number): number => {
  if (isNaNEither(a, b) || !Number.isFinite(a) || b === 0) return b === 0 && a !== 0 && !Number.isNaN(a) ? a / b : Number.NaN
  if (!Number.isFinite(b)) return a === 0 || a < 0 === b < 0 ? 0 : -1
  return Math.floor(a / b)
}

/** Quotients of these classes are past what their dtype counts in whole numbers. */
const countable = { without: ['huge', 'infinite', 'nan', 'small'] } as const

export const elementwiseOperations: Record<string, Operation> = {
  // Arithmetic
  add: two(q.add, (a, b) => a - -b),
  sub: two(q.sub, (a, b) => a + -b),
  mul: two(q.mul, (a, b) => (b === 0 || !Number.isFinite(b) ? a * b : a / (1 / b))),
  div: two(q.div, (a, b) => (Number.isFinite(b) && b !== 0 ? a * (1 / b) : a / b), { tolerance: { twin: 1e-10 } }),
  ...Object.fromEntries([
    ...integers('add', q.add, (a, b) => a + b),
    ...integers('sub', q.sub, (a, b) => a - b),
    ...integers('mul', q.mul, (a, b) => a * b),
  ]),
  neg: one(q.neg, (x) => 0 - x, { dtypes: floats }),
  abs: one(q.abs, (x) => (x < 0 ? -x : x)),
  sign: one(q.sign, (x) => (x > 0 ? 1 : x < 0 ? -1 : x)),
  square: one(q.square, (x) => x ** 2),
  reciprocal: one(q.reciprocal, (x) => x ** -1),
  sqrt: one(q.sqrt, (x) => (x < 0 ? Number.NaN : x ** 0.5)),
  rsqrt: one(q.rsqrt, (x) => 1 / (x === 0 ? x : Math.sqrt(x)), { without: ['huge'] }),
  maximum: two(q.maximum, (a, b) => (isNaNEither(a, b) ? Number.NaN : a < b ? b : a), { dtypes: numbers }),
  minimum: two(q.minimum, (a, b) => (isNaNEither(a, b) ? Number.NaN : a < b ? a : b), { dtypes: numbers }),
  clip: one(
    (x) => q.clip(x, -1, 1),
    (x) => (x > 1 ? 1 : x < -1 ? -1 : x),
    { dtypes: signed },
  ),
  'clip by tensors': two(
    (a, b) => q.clip(a, q.neg(q.abs(b)), q.abs(b)),
    (a, b) => (Number.isNaN(b) ? a : a > Math.abs(b) ? Math.abs(b) : a < -Math.abs(b) ? -Math.abs(b) : a),
  ),
  truncatedRemainder: two(
    (a, b) => q.truncatedRemainder(a, b),
    (a, b) => (!Number.isFinite(a) || b === 0 || Number.isNaN(b) ? Number.NaN : Number.isFinite(b) ? a - b * Math.trunc(a / b) : a),
    { without: ['huge', 'small'] },
  ),
  remainder: two(q.remainder, (a, b) => (Number.isFinite(b) ? a - b * Math.floor(a / b) : a % b), countable),
  floorDiv: two(q.floorDiv, quotient, countable),
  trunc: one(q.trunc, (x) => (x < 0 ? Math.ceil(x) : Math.floor(x)), { without: ['infinite', 'nan'] }),
  floor: one(q.floor, (x) => (Number.isFinite(x) ? x - (((x % 1) + 1) % 1) : x), { without: ['small'] }),
  ceil: one(q.ceil, (x) => -Math.floor(-x)),
  round: one(q.round, halfEven),

  // Exponentials and logarithms
  exp: one(q.exp, (x) => Math.E ** x, { tolerance: { twin: 1e-10 } }),
  log: one(q.log, (x) => Math.log2(x) * Math.LN2),
  power: two(
    (a, b) => q.power(q.abs(a), b),
    (a, b) => {
      const base = Math.abs(a)
      if (base === 1) return 1
      if (b === 0 || base === 0 || !Number.isFinite(base) || !Number.isFinite(b)) return base ** b
      return Math.exp(b * Math.log(base))
    },
    { without: ['huge'] },
  ),
  cbrt: one(q.cbrt, (x) => (x < 0 ? -((-x) ** (1 / 3)) : x ** (1 / 3))),
  softplus: one(q.softplus, (x) => (x > 30 ? x : Math.log1p(Math.exp(x)))),
  logAddExp: two(q.logAddExp, (a, b) => {
    const most = Math.max(a, b)
    return Number.isFinite(most) ? most + Math.log(Math.exp(a - most) + Math.exp(b - most)) : most
  }),
  sigmoid: one(q.sigmoid, (x) => (1 + Math.tanh(x / 2)) / 2),
  tanh: one(q.tanh, (x) => (Math.abs(x) > 20 ? Math.sign(x) : Math.expm1(2 * x) / (Math.expm1(2 * x) + 2))),
  relu: one(q.relu, (x) => (x + Math.abs(x)) / 2, { without: ['infinite', 'nan'] }),

  // Circles and hyperbolas. Beyond 10³⁰ a float says nothing of its angle.
  sin: one(q.sin, (x) => 2 * Math.sin(x / 2) * Math.cos(x / 2), { without: ['huge'] }),
  cos: one(q.cos, (x) => 1 - 2 * Math.sin(x / 2) ** 2, { without: ['huge'] }),
  tan: one(q.tan, (x) => Math.sin(2 * x) / (1 + Math.cos(2 * x)), { without: ['huge'] }),
  asin: one(q.asin, (x) => Math.atan2(x, Math.sqrt(1 - x * x))),
  acos: one(q.acos, (x) => Math.atan2(Math.sqrt(1 - x * x), x)),
  atan: one(q.atan, (x) => (Number.isFinite(x) ? Math.asin(x / Math.hypot(1, x)) : (Math.sign(x) * Math.PI) / 2)),
  atan2: two(q.atan2, (y, x) => {
    if (isNaNEither(x, y)) return Number.NaN
    if (y === 0 || x === 0 || !Number.isFinite(x) || !Number.isFinite(y)) return Math.atan2(y, x)
    const right = Math.atan(Math.abs(y) / Math.abs(x))
    return Math.sign(y) * (x < 0 ? Math.PI - right : right)
  }),
  sinh: one(q.sinh, (x) => (Math.abs(x) < 1e-3 ? x + x ** 3 / 6 : (Math.exp(x) - Math.exp(-x)) / 2)),
  cosh: one(q.cosh, (x) => (Math.exp(x) + Math.exp(-x)) / 2),
  asinh: one(
    q.asinh,
    (x) => Math.sign(x) * (Math.abs(x) < 1e-3 ? Math.abs(x) - Math.abs(x) ** 3 / 6 : Math.log(Math.abs(x) + Math.hypot(x, 1))),
  ),
  acosh: one(q.acosh, (x) => (x < 1 ? Number.NaN : Math.log(x + Math.sqrt(x * x - 1)))),
  atanh: one(q.atanh, (x) => (Math.abs(x) < 1e-3 ? x + x ** 3 / 3 : Math.log((1 + x) / (1 - x)) / 2)),

  // Comparisons, logic, bits
  less: two(q.less, (a, b) => Number(b > a), { dtypes: numbers }),
  lessEqual: two(q.lessEqual, (a, b) => Number(b >= a), { dtypes: numbers }),
  greater: two(q.greater, (a, b) => Number(b < a), { dtypes: numbers }),
  greaterEqual: two(q.greaterEqual, (a, b) => Number(b <= a), { dtypes: numbers }),
  equal: two(q.equal, (a, b) => Number(!(a < b || a > b || isNaNEither(a, b))), { dtypes }),
  notEqual: two(q.notEqual, (a, b) => Number(a < b || a > b || isNaNEither(a, b)), { dtypes }),
  where: two(
    (a, b) => q.where(q.less(a, b), a, b),
    (a, b) => (a < b ? a : b),
    { dtypes: numbers },
  ),
  isNotNumber: one(q.isNotNumber, (x) => Number(Number.isNaN(x))),
  isInfinite: one(q.isInfinite, (x) => Number(x === Number.POSITIVE_INFINITY || x === Number.NEGATIVE_INFINITY)),
  isFiniteNumber: one(q.isFiniteNumber, (x) => Number(Number.isFinite(x))),
  logicalAnd: two(q.logicalAnd, (a, b) => a * b, { dtypes: ['bool'] }),
  logicalOr: two(q.logicalOr, (a, b) => Math.max(a, b), { dtypes: ['bool'] }),
  logicalXor: two(q.logicalXor, (a, b) => (a + b) % 2, { dtypes: ['bool'] }),
  logicalNot: one(q.logicalNot, (x) => Number(x === 0), { dtypes: ['bool'] }),
  ...Object.fromEntries([
    ...integers('bitAnd', q.bitAnd, (a, b) => a & b),
    ...integers('bitOr', q.bitOr, (a, b) => a | b),
    ...integers('bitXor', q.bitXor, (a, b) => a ^ b),
  ]),
  'bitNot of int32': one(q.bitNot, (x) => -1 - x, { dtypes: ['int32'] }),
  'bitNot of uint32': one(q.bitNot, (x) => 2 ** 32 - 1 - x, { dtypes: ['uint32'] }),
}
