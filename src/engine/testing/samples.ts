import type { Attributes } from '../graph/node.ts'
import { abs, add, cast, cos, div, less, logicalAnd, matmul, mul, scalar, sin, square, sub, sum, tanh } from '../ops.ts'
import { checkpoint, checkpointName } from '../primitives/checkpoint.ts'
import { cond } from '../primitives/cond.ts'
import { customJvp } from '../primitives/custom.ts'
import { hostCall } from '../primitives/host.ts'
import { scan } from '../primitives/scan.ts'
import { whileLoop } from '../primitives/while.ts'
import type { Tensor } from '../tensor.ts'
import { functionSamples } from './function-samples.ts'
import { linalgSamples } from './linalg-samples.ts'

/** One input of a sample. Floats take the float dtype under test. */
export interface SampleInput {
  readonly kind: 'float' | 'int32' | 'uint32' | 'bool'
  readonly shape: readonly number[]
  /** The elements, or the range from which well separated ones are taken. */
  readonly values: readonly number[] | { readonly low: number; readonly high: number }
}

/** Inputs on which a primitive's rules are tested. */
export interface Sample {
  readonly inputs: readonly SampleInput[]
  readonly attributes?: Attributes
  /** How to apply the primitive, where inputs and attributes do not say it. */
  readonly run?: (...inputs: Tensor[]) => Tensor[]
  /** Where derivatives jump or do not exist: none are tested. Otherwise both modes are, to second order. */
  readonly derivatives?: 'none'
}

const float = (shape: readonly number[], low = -2, high = 2): SampleInput => ({ kind: 'float', shape, values: { low, high } })
const floats = (values: readonly number[], shape: readonly number[] = [values.length]): SampleInput => ({ kind: 'float', shape, values })
const int32 = (values: readonly number[], shape: readonly number[] = [values.length]): SampleInput => ({ kind: 'int32', shape, values })
const uint32 = (values: readonly number[], shape: readonly number[] = [values.length]): SampleInput => ({ kind: 'uint32', shape, values })
const bool = (values: readonly number[], shape: readonly number[] = [values.length]): SampleInput => ({ kind: 'bool', shape, values })

const of = (...inputs: readonly SampleInput[]): Sample => ({ inputs })
const having = (attributes: Attributes, ...inputs: readonly SampleInput[]): Sample => ({ inputs, attributes })

/** A unary operation on floats in a range: a matrix, a scalar, an empty axis. */
const unary = (low = -2, high = 2): Sample[] => [of(float([2, 3], low, high)), of(float([], low, high)), of(float([2, 0], low, high))]

/** A binary operation on floats: equal shapes, every way of broadcasting, an empty axis. */
const binary = (low = -2, high = 2): Sample[] =>
  [
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 1], [3]],
    [[], [2, 2]],
    [[3], []],
    [
      [2, 1, 2],
      [3, 1],
    ],
    [
      [0, 2],
      [1, 2],
    ],
  ].map(([a, b]) => of(float(a, low, high), float(b, low, high)))

const integers: Sample[] = [of(int32([7, -7, 5, -1]), int32([2, 2, -3, 4])), of(uint32([4_000_000_000, 7, 3]), uint32([2]))]
const booleans: Sample[] = [of(bool([1, 0, 1, 0]), bool([1, 1, 0, 0])), of(bool([1, 0], [2, 1]), bool([1, 0]))]
const words: Sample[] = [
  of(uint32([0xffffffff, 5, 0x80000000, 12]), uint32([3, 1, 31, 2])),
  of(uint32([9, 0xdeadbeef], [2, 1]), uint32([7, 4])),
]
const signedWords: Sample[] = [of(int32([-1, 5, 12]), int32([3, -8, 0x7fffffff])), of(int32([], [0]), int32([7]))]
const comparison: Sample[] = [
  ...binary(),
  ...integers,
  of(floats([1, 2, -0]), floats([1, 3, 0])),
  of(uint32([1, 0xffffffff]), uint32([2, 1])),
]

const along = (axes: readonly number[], ...inputs: readonly SampleInput[]): Sample => having({ axes }, ...inputs)

const sweep = (rank: number, changes: Record<string, unknown> = {}): Attributes => {
  const all = (value: number) => new Array<number>(rank).fill(value)
  return { stride: all(1), low: all(0), high: all(0), dilation: all(1), spread: all(1), groups: 1, ...changes }
}

const cubeOnHost = (x: Tensor): Tensor[] => {
  const slope = (t: Tensor | null, at: Tensor) => t && mul(t, mul(square(at), 3))
  return hostCall(([a]) => [{ ...a, data: a.data.map((value) => value ** 3) }], [x], {
    name: 'cube',
    results: [x],
    jvp: ({ inputs }, [t]) => [slope(t, inputs[0])],
    vjp: ({ inputs }, [ct]) => [slope(ct, inputs[0])],
  })
}

/** √a by Newton's iteration, until the square is near enough. */
const newton = (a: Tensor): Tensor[] => [
  whileLoop(
    (x) => less(1e-9, abs(sub(square(x), a))),
    (x) => mul(0.5, add(x, div(a, x))),
    add(mul(a, 0.5), 0.5),
    { maxIterations: 8 },
  ),
]

/** Two carries, a captured value, a fixed number of iterations. */
const spiral = (x: Tensor, y: Tensor, c: Tensor): Tensor[] => {
  const end = whileLoop(
    ({ a, b }) => logicalAnd(less(sum(square(a)), 1e6), less(sum(b), 1e6)),
    ({ a, b }) => ({ a: add(mul(a, 0.5), mul(b, c)), b: sin(a) }),
    { a: x, b: y },
    { maxIterations: 3 },
  )
  return [end.a, end.b]
}

/** A recurrent cell: x [steps, 2], state [2], weights [2, 2] that the step captures. */
const recurrent =
  (options: { checkpoint?: boolean; reverse?: boolean } = {}) =>
  (state: Tensor, x: Tensor, w: Tensor): Tensor[] => {
    const step = (carry: { h: Tensor; n: Tensor }, input: Tensor) => {
      const h = tanh(add(matmul(carry.h, w), input))
      return { carry: { h, n: add(carry.n, 1) }, output: { twice: mul(square(h), cast(carry.n, h.dtype)), input } }
    }
    const { carry, outputs } = scan(step, { h: state, n: scalar(1, 'int32') }, x, { unroll: 0, ...options })
    return [carry.h, carry.n, outputs.twice, outputs.input]
  }

const product = (x: Tensor, y: Tensor): Tensor => mul(sin(x), y)
const productSlope = ({ args: [x, y] }: { args: Tensor[] }, [tx, ty]: Tensor[]): Tensor => add(mul(mul(tx, cos(x)), y), mul(sin(x), ty))
const layer = (x: Tensor, w: Tensor): Tensor => tanh(matmul(checkpointName(sin(matmul(x, w)), 'wave'), w))

const crossroads = (flag: Tensor, x: Tensor, c: Tensor): Tensor[] =>
  cond(
    flag,
    (v) => [mul(sin(v), c), square(v)],
    (v) => [mul(v, 2), v],
    x,
  )

/** By name of the primitive. Ties, kinks and poles are kept away from where derivatives are taken. */
export const samples: Readonly<Record<string, readonly Sample[]>> = {
  ...functionSamples,
  ...linalgSamples,
  add: [...binary(), ...integers],
  sub: [...binary(), ...integers],
  mul: [
    ...binary(),
    ...integers,
    of(uint32([0xdeadbeef, 0xffffffff]), uint32([0xcafebabe])),
    of(int32([2 ** 30 + 1]), int32([2 ** 30 + 3])),
  ],
  div: [...binary(0.5, 3), of(float([3]), float([3], -3, -1)), ...integers],
  neg: [...unary(), of(int32([3, -4]))],
  power: [
    ...binary(0.4, 2.5),
    of(float([3], 0.5, 2), float([3], -2, 2)),
    { inputs: [floats([-2, -1.5, 0, 0]), floats([2, 3, 0, 2])], derivatives: 'none' },
  ],
  maximum: [...binary(), ...integers],
  minimum: [...binary(), ...integers],
  square: [...unary(), of(int32([3, -4])), of(uint32([70_000, 0xdeadbeef]))],
  sqrt: unary(0.2, 4),
  reciprocal: [...unary(0.4, 3), of(float([3], -3, -0.5))],
  cbrt: [...unary(0.3, 4), of(float([3], -3, -0.5))],
  exp: unary(),
  log: unary(0.2, 4),
  log1p: [...unary(-0.7, 3), of(floats([1e-9, -1e-7, 3e-5]))],
  expm1: [...unary(), of(floats([1e-9, -1e-7, 3e-5]))],
  sin: unary(-4, 4),
  cos: unary(-4, 4),
  tan: unary(-1.4, 1.4),
  asin: unary(-0.9, 0.9),
  acos: unary(-0.9, 0.9),
  atan: [...unary(-3, 3), of(float([3], 20, 60))],
  atan2: binary(),
  sinh: unary(),
  cosh: unary(),
  asinh: unary(-3, 3),
  acosh: unary(1.2, 4),
  atanh: unary(-0.9, 0.9),
  tanh: unary(),
  sigmoid: unary(-4, 4),
  softplus: [...unary(-4, 4), of(floats([40, -40, 90, -20]))],
  relu: unary(),
  erf: unary(-3, 3),
  gelu: unary(-3, 3),
  geluTanh: unary(-3, 3),
  silu: unary(-3, 3),
  abs: [...unary(), of(int32([3, -4, 0]))],
  sign: [...unary(), of(int32([3, -4, 0]))],
  floor: unary(-3.3, 3.3),
  ceil: unary(-3.3, 3.3),
  round: [...unary(-3.3, 3.3), { inputs: [floats([0.5, 1.5, 2.5, -0.5, -1.5, 3])], derivatives: 'none' }],
  less: comparison,
  lessEqual: comparison,
  equal: [...comparison, ...booleans],
  logicalAnd: booleans,
  logicalOr: booleans,
  logicalNot: [of(bool([1, 0])), of(bool([1], [])), of(bool([], [0]))],
  where: [
    of(bool([1, 0, 1]), float([3]), float([3])),
    of(bool([1, 0], [2, 1]), float([3]), float([])),
    of(bool([1], []), float([2, 1]), float([2])),
    of(bool([1, 0]), int32([1, 2]), int32([-3, 4])),
    of(bool([1, 0]), uint32([0xffffffff, 2]), uint32([3, 0xfffffffe])),
    of(bool([1, 0]), bool([1, 1]), bool([0, 0])),
  ],
  truncatedRemainder: [
    // No quotient is near a whole number, where the remainder jumps.
    of(floats([5.3, -7.1, 0.4]), floats([2, 3, -1.7])),
    of(floats([5.3, -7.2], [2, 1]), floats([2, 3, -1.7])),
    of(floats([4.9], []), float([0])),
    ...integers,
  ],
  shiftLeft: words,
  shiftRight: words,
  bitAnd: [...words, ...signedWords],
  bitOr: [...words, ...signedWords],
  bitXor: [...words, ...signedWords],
  cast: [
    having({ dtype: 'float32' }, float([2, 3])),
    having({ dtype: 'float64' }, float([2])),
    having({ dtype: 'int32' }, floats([1.7, -1.7, 0.2, -0.2])),
    having({ dtype: 'bool' }, floats([0, 0.5, -3])),
    having({ dtype: 'float32' }, int32([1, -5], [2, 1])),
    having({ dtype: 'float64' }, uint32([0xffffffff, 1])),
    having({ dtype: 'float64' }, bool([1, 0])),
    having({ dtype: 'int32' }, bool([1, 0])),
    having({ dtype: 'uint32' }, int32([5, 9])),
    having({ dtype: 'bool' }, int32([0, -2])),
  ],
  stopGradient: [{ inputs: [float([2, 2])], derivatives: 'none' }, { inputs: [int32([1, 2])] }],
  gather: [
    having({ axis: 0 }, float([4, 3]), int32([2, 0, 2])),
    having({ axis: 1 }, float([2, 4, 2]), int32([3, 1, 1, 0], [2, 2])),
    having({ axis: 1 }, float([2, 4, 2]), int32([-1, 1, -4, 0], [2, 2])),
    having({ axis: 0 }, float([3]), int32([1], [])),
    having({ axis: 0 }, float([3, 2]), int32([], [0])),
    having({ axis: 1 }, int32([1, 2, 3, 4], [2, 2]), int32([1])),
    having({ axis: 0 }, uint32([7, 0xffffffff]), int32([1, 0, 1])),
    having({ axis: 0 }, bool([1, 0]), int32([1, 0, 1])),
  ],
  scatterAdd: [
    having({ axis: 0, extent: 4 }, float([3, 2]), int32([2, 0, 2])),
    having({ axis: 1, extent: 3 }, float([2, 2, 2, 3]), int32([2, 1, 1, 0], [2, 2])),
    having({ axis: 0, extent: 3 }, float([3, 2]), int32([-1, 0, -3])),
    having({ axis: 0, extent: 3 }, float([2]), int32([1], [])),
    having({ axis: 0, extent: 3 }, float([3, 4, 4]), int32([1, 2, 1])),
    having({ axis: 1, extent: 2000 }, float([1, 2, 16]), int32([1999, 0])),
    having({ axis: 0, extent: 3 }, float([0, 2]), int32([], [0])),
    having({ axis: 0, extent: 3 }, int32([1, 2, 3]), int32([1, 1, 0])),
  ],
  takeAlong: [
    having({ axis: 1 }, float([2, 4]), int32([3, 1, 0, 0], [2, 2])),
    having({ axis: 0 }, float([3, 2]), int32([2, 1], [1, 2])),
    having({ axis: 0 }, float([3, 2]), int32([-1, 1], [1, 2])),
    having({ axis: 1 }, float([2, 3, 2]), int32([2, 1, 0, 0], [2, 1, 2])),
    having({ axis: 0 }, int32([5, 6, 7]), int32([2, 2])),
  ],
  addAlong: [
    having({ axis: 1, extent: 4 }, float([2, 2]), int32([3, 3, 0, 1], [2, 2])),
    having({ axis: 0, extent: 3 }, float([2, 2]), int32([2, 1, 2, 0], [2, 2])),
    having({ axis: 0, extent: 3 }, int32([5, 6]), int32([2, 2])),
  ],
  matmul: [
    of(float([2, 3]), float([3, 4])),
    of(float([3, 2, 3]), float([3, 2])),
    of(float([2, 3]), float([2, 3, 2])),
    of(float([2, 1, 2, 3]), float([3, 3, 1])),
    of(float([1, 1]), float([1, 1])),
    of(float([2, 0]), float([0, 3])),
    of(int32([1, -2, 3, 4], [2, 2]), int32([5, 6], [2, 1])),
  ],
  conv: [
    having(sweep(1), float([2, 2, 5]), float([3, 2, 3])),
    having(sweep(1, { stride: [2], low: [1], high: [2], dilation: [2] }), float([1, 2, 6]), float([2, 2, 2])),
    having(sweep(1, { groups: 2, spread: [2] }), float([2, 4, 4]), float([2, 2, 3])),
    having(sweep(1, { low: [-1], high: [-1] }), float([1, 1, 6]), float([1, 1, 2])),
    // The gradient of this kernel cuts more than there is.
    having(sweep(1, { stride: [2], low: [2], high: [-1], spread: [2] }), float([1, 1, 1]), float([1, 1, 1])),
    having(sweep(2), float([1, 2, 4, 3]), float([2, 2, 2, 2])),
    having(sweep(2, { stride: [2, 1], low: [1, 0], high: [1, 1], groups: 2 }), float([2, 2, 4, 4]), float([4, 1, 3, 2])),
    having(sweep(2, { low: [1, 1], high: [1, 1] }), float([1, 1, 6, 6]), float([2, 1, 3, 3])),
    having(sweep(2), float([2, 3, 5, 5]), float([2, 3, 5, 5])),
    having(sweep(3, { stride: [1, 2, 1] }), float([1, 1, 3, 3, 2]), float([1, 1, 2, 2, 2])),
  ],
  sum: [
    along([0], float([3, 2])),
    along([1], float([2, 3, 2])),
    along([0, 2], float([2, 3, 2])),
    along([0, 1], float([2, 2])),
    along([], float([2])),
    along([1], float([2, 0])),
    along([0], int32([5, -7, 9, 1], [2, 2])),
    along([0], uint32([0xffffffff, 3])),
  ],
  max: [
    along([0], float([3, 2])),
    along([1], float([2, 3, 2])),
    along([0, 2], float([2, 3, 2])),
    along([0, 1], float([2, 2])),
    along([0], int32([-5, -7, -9, -1], [2, 2])),
    along([0], int32([5, -7, 9, 1], [2, 2])),
    along([0], uint32([0xffffffff, 3])),
  ],
  argmax: [
    having({ axis: 0 }, float([3, 2])),
    having({ axis: 1 }, float([2, 3, 2])),
    having({ axis: 0 }, floats([1, 3, 3, 2])),
    having({ axis: 1 }, floats([1, Number.NaN, 3, Number.NaN, 1, Number.POSITIVE_INFINITY, Number.NaN, 2], [2, 4])),
    having({ axis: 0 }, int32([5, -7, 9])),
    having({ axis: 0 }, uint32([5, 0xffffffff, 9])),
  ],
  cumsum: [
    having({ axis: 0, reverse: false }, float([4])),
    having({ axis: 1, reverse: true }, float([2, 3])),
    having({ axis: 1, reverse: false }, float([2, 3, 2])),
    having({ axis: 0, reverse: true }, float([0])),
    having({ axis: 0, reverse: false }, int32([5, -7, 9])),
    having({ axis: 0, reverse: false }, uint32([5, 7, 9])),
  ],
  topK: [
    having({ axis: 0, k: 4, largest: false }, float([4])),
    having({ axis: 1, k: 2, largest: true }, float([2, 5, 2])),
    having({ axis: 0, k: 0, largest: true }, float([3, 2])),
    having({ axis: 0, k: 0, largest: true }, float([0, 2])),
    having({ axis: 1, k: 0, largest: false }, float([2, 0])),
    {
      inputs: [floats([1, 0, 1, Number.NaN, -1, Number.POSITIVE_INFINITY, 0])],
      attributes: { axis: 0, k: 7, largest: false },
      derivatives: 'none',
    },
    having({ axis: 0, k: 3, largest: true }, int32([5, 9, 5, 9])),
    having({ axis: 0, k: 3, largest: false }, uint32([5, 0xffffffff, 5])),
  ],
  softmax: [
    having({ axis: 1 }, float([2, 3])),
    having({ axis: 0 }, float([3, 2, 2])),
    having({ axis: 0 }, floats([80, 81, 79.5])),
    having({ axis: 0 }, float([1])),
    having({ axis: 1 }, float([0, 2])),
  ],
  logSoftmax: [
    having({ axis: 1 }, float([2, 3])),
    having({ axis: 0 }, float([3, 2, 2])),
    having({ axis: 0 }, floats([80, 81, 79.5])),
    having({ axis: 1 }, float([0, 2])),
  ],
  rmsStandardize: [
    having({ epsilon: 1e-5 }, float([2, 4])),
    having({ epsilon: 0.1 }, float([2, 1, 3])),
    having({ epsilon: 1e-2 }, floats([3, 4, 2.5])),
    having({ epsilon: 1e-5 }, float([0, 2])),
  ],
  rotary: [
    having({ pairs: 'half' }, float([2, 2, 3, 4]), float([2, 3, 2]), float([2, 3, 2])),
    having({ pairs: 'interleaved' }, float([1, 2, 2, 4]), float([1, 2, 2]), float([1, 2, 2])),
    having({ pairs: 'half' }, float([2, 1, 2, 5]), float([2, 2, 1]), float([2, 2, 1])),
    having({ pairs: 'interleaved' }, float([1, 2, 2, 6]), float([1, 2, 2]), float([1, 2, 2])),
    having({ pairs: 'half' }, float([2, 0, 3, 4]), float([2, 3, 2]), float([2, 3, 2])),
  ],
  standardize: [
    having({ epsilon: 1e-5 }, float([2, 4])),
    having({ epsilon: 0.1 }, float([2, 1, 3])),
    having({ epsilon: 1e-2 }, floats([3, 4, 2.5])),
    having({ epsilon: 1e-5 }, float([0, 2])),
  ],
  reshape: [
    having({ shape: [3, 2] }, float([2, 3])),
    having({ shape: [] }, float([1, 1])),
    having({ shape: [1] }, float([])),
    having({ shape: [0, 5] }, float([2, 0])),
    having({ shape: [2, 1] }, bool([1, 0])),
  ],
  transpose: [
    having({ permutation: [1, 0] }, float([2, 3])),
    having({ permutation: [2, 0, 1] }, float([2, 3, 2])),
    having({ permutation: [0, 2, 1] }, float([2, 3, 2])),
    having({ permutation: [1, 0] }, uint32([1, 2, 3, 4], [2, 2])),
    having({ permutation: [1, 0] }, float([0, 3])),
  ],
  broadcastTo: [
    having({ shape: [2, 3] }, float([3])),
    having({ shape: [2, 3, 2] }, float([3, 1])),
    having({ shape: [2, 2] }, float([])),
    having({ shape: [0, 3] }, float([1, 3])),
    having({ shape: [2, 2] }, bool([1, 0])),
    having({ shape: [2, 2] }, uint32([1, 0])),
    having({ shape: [2, 3, 2, 2, 2] }, float([2, 3, 1, 2, 1])),
  ],
  slice: [
    having({ starts: [1, 0], ends: [3, 3], steps: [1, 2] }, float([4, 3])),
    having({ starts: [0], ends: [5], steps: [3] }, float([5])),
    having({ starts: [1], ends: [1], steps: [1] }, float([3])),
    having({ starts: [1], ends: [2], steps: [1] }, bool([0, 1, 1])),
    having({ starts: [0, 1], ends: [2, 4], steps: [1, 2] }, float([2, 5])),
  ],
  pad: [
    having({ low: [1, 0], high: [0, 2], interior: [0, 0] }, float([2, 2])),
    having({ low: [1, 2], high: [1, 0], interior: [1, 2] }, float([2, 3])),
    having({ low: [-1], high: [-1], interior: [0] }, float([4])),
    having({ low: [-1], high: [2], interior: [1] }, float([3])),
    having({ low: [2], high: [-3], interior: [0] }, float([2])),
    having({ low: [-3], high: [4], interior: [1] }, float([1])),
    having({ low: [2], high: [1], interior: [0] }, float([0])),
    having({ low: [1], high: [1], interior: [0] }, int32([4, 5])),
    having({ low: [1], high: [0], interior: [0] }, bool([1, 1])),
    having({ low: [1], high: [0], interior: [1] }, uint32([1, 9])),
  ],
  concat: [
    having({ axis: 0 }, float([2, 2]), float([1, 2])),
    having({ axis: 1 }, float([2, 1, 2]), float([2, 2, 2]), float([2, 1, 2])),
    having({ axis: 0 }, float([0]), float([2])),
    having({ axis: 0 }, bool([1]), bool([0, 1])),
  ],
  split: [
    having({ axis: 0, pieces: 2 }, float([4, 2])),
    having({ axis: 1, pieces: 3 }, float([2, 6, 2])),
    having({ axis: 0, pieces: 1 }, float([3])),
    having({ axis: 1, pieces: 2 }, float([0, 4])),
    having({ axis: 0, pieces: 2 }, int32([1, 2, 3, 4])),
  ],
  flip: [
    having({ axes: [0] }, float([3, 2])),
    having({ axes: [0, 2] }, float([2, 2, 3])),
    having({ axes: [0] }, int32([1, 2, 3])),
    having({ axes: [1] }, float([2, 0])),
  ],
  threefry: [
    having({ tag: 0 }, uint32([0x13198a2e, 0x03707344]), uint32([0x243f6a88, 0, 7])),
    having({ tag: 1 }, uint32([1, 2, 3, 4], [2, 2]), uint32([5, 6, 7])),
    having({ tag: 0 }, uint32([1, 2]), uint32([5, 6, 7, 8], [2, 2])),
  ],
  hostCall: [
    { inputs: [float([2, 3])], run: cubeOnHost },
    { inputs: [float([])], run: cubeOnHost },
  ],
  barrier: [
    having({ count: 1 }, float([2, 2]), float([3])),
    having({ count: 2 }, float([2]), int32([1, 2], [2, 1]), float([0]), bool([1], [])),
  ],
  checkpoint: [
    { inputs: [float([2, 2]), float([2, 2])], run: (x, w) => [checkpoint(layer)(x, w)] },
    {
      inputs: [float([2, 2]), float([2, 2])],
      run: (x, w) => [checkpoint(layer, { policy: { primitives: ['matmul'], names: ['wave'] } })(x, w)],
    },
    { inputs: [float([2, 2]), float([2, 2])], run: (x, w) => [checkpoint(layer, { policy: 'everything' })(x, w)] },
  ],
  checkpointName: [having({ name: 'x' }, float([2, 2]))],
  custom: [{ inputs: [float([2]), float([2, 1])], run: (x, y) => [customJvp(product, productSlope)(x, y)] }],
  scan: [
    { inputs: [float([2], -1, 1), float([3, 2], -1, 1), float([2, 2], -0.5, 0.5)], run: recurrent() },
    { inputs: [float([2], -1, 1), float([3, 2], -1, 1), float([2, 2], -0.5, 0.5)], run: recurrent({ checkpoint: true, reverse: true }) },
    { inputs: [float([])], run: (x) => [scan((carry) => ({ carry: sin(carry), output: [] }), x, [], { length: 4, unroll: 0 }).carry] },
  ],
  cond: [
    { inputs: [bool([1], []), float([2]), float([])], run: crossroads },
    { inputs: [bool([0], []), float([2]), float([])], run: crossroads },
  ],
  while: [
    { inputs: [float([], 1, 3)], run: newton },
    { inputs: [float([2]), float([2]), float([2])], run: spiral },
  ],
}
