import * as fft from '../src/engine/fft.ts'
import {
  abs,
  add,
  checkpoint,
  cond,
  cos,
  customJvp,
  customVjp,
  div,
  exp,
  eye,
  hostCall,
  less,
  matmul,
  mul,
  neg,
  scan,
  sign,
  sin,
  square,
  sub,
  sum,
  swapLast,
  type Tensor,
  tanh,
  tensor,
  whileLoop,
} from '../src/engine/index.ts'
import * as linalg from '../src/engine/linalg.ts'
import * as special from '../src/engine/special.ts'
import { generator } from './generator.ts'
import type { Program } from './program.ts'

/*
 * What is no single primitive, or is steered by functions: each is written here with Quire's functions, and under the same name with the libraries' in
 * functions.py. Factors that are unique up to signs are compared by what signs do not change.
 */

/** Another `seed` gives other numbers. */
const floats = (shape: readonly number[], low = -1, high = 1, seed = 1): Tensor => {
  const random = generator(seed)
  return tensor(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => low + (high - low) * random()),
    { shape },
  )
}
const flag = (value: number): Tensor => tensor(Uint8Array.of(value), { shape: [] })

interface Case {
  /** The primitive that the case is there for. */
  readonly name: string
  /** Its name in functions.py. */
  readonly op?: string
  readonly inputs: readonly Tensor[]
  readonly attributes?: Program['steps'][number]['attributes']
  readonly run: (...inputs: Tensor[]) => readonly Tensor[]
  /** How many derivatives are asked for. Default: 2. */
  readonly derivatives?: 0 | 1 | 2
  /** The inputs that are differentiated. Default: all floats. */
  readonly active?: readonly number[]
  readonly reverseOnly?: boolean
}

const matrix = floats([3, 3])
const stack = floats([2, 3, 3], -1, 1, 2)
const tall = floats([4, 3], -1, 1, 3)
const wide = floats([2, 4], -1, 1, 4)

const identity = (a: Tensor) => eye(a.shape.at(-1)!, a.dtype)
const positive = (a: Tensor) => add(matmul(a, swapLast(a)), identity(a))
const shifted = (a: Tensor) => add(a, mul(identity(a), 3))
const symmetric = (a: Tensor) => add(a, swapLast(a))

function linearAlgebra(): Case[] {
  const each = (inputs: readonly Tensor[], of: (a: Tensor) => Case) => inputs.map(of)
  const triangles = [true, false].flatMap((lower) =>
    [true, false].flatMap((transpose) => [true, false].map((unitDiagonal) => ({ lower, transpose, unitDiagonal }))),
  )
  const right = floats([3, 2], -1, 1, 5)
  return [
    ...each([matrix, stack], (a) => ({ name: 'cholesky', inputs: [a], run: (x) => [linalg.cholesky(positive(x))] })),
    ...triangles.map(
      (attributes): Case => ({
        name: 'triangularSolve',
        inputs: [matrix, right],
        attributes,
        run: (a, b) => [linalg.triangularSolve(shifted(a), b, attributes)],
      }),
    ),
    ...each([matrix, stack], (a) => ({ name: 'solve', inputs: [a, right], run: (x, b) => [linalg.solve(shifted(x), b)] })),
    { name: 'solve', op: 'inverse', inputs: [stack], run: (a) => [linalg.inverse(shifted(a))] },
    ...each([matrix, stack], (a) => ({
      name: 'slogdet',
      inputs: [a],
      run: (x) => {
        const { sign, logAbs } = linalg.slogdet(sub(x, mul(identity(x), 2)))
        return [sign, logAbs]
      },
    })),
    { name: 'slogdet', op: 'det', inputs: [floats([2, 4, 4])], run: (a) => [linalg.det(shifted(a))] },
    ...each([matrix, stack], (a) => ({
      name: 'lu',
      inputs: [a],
      run: (x) => {
        const { p, l, u } = linalg.lu(x)
        return [p, l, u]
      },
    })),
    ...each([matrix, tall, stack], (a) => ({
      name: 'qr',
      inputs: [a],
      run: (x) => {
        const { q, r } = linalg.qr(x)
        return [square(q), square(r)]
      },
    })),
    ...each([matrix, stack], (a) => ({
      name: 'eigh',
      inputs: [a],
      run: (x) => {
        const { values, vectors } = linalg.eigh(symmetric(x))
        return [values, square(vectors)]
      },
    })),
    ...each([matrix, tall, stack, wide], (a) => ({
      name: 'svd',
      inputs: [a],
      run: (x) => {
        const { u, s, v } = linalg.svd(x)
        return [square(u), s, square(v), matmul(mul(u, weights(s)), swapLast(v))]
      },
    })),
    ...each([tall, wide, stack], (a) => ({ name: 'pinv', inputs: [a], run: (x) => [linalg.pinv(x)] })),
    { name: 'pinv', op: 'lstsq', inputs: [tall, floats([4, 2])], run: (a, b) => [linalg.lstsq(a, b)] },
    ...each([matrix, stack], (a) => ({ name: 'expm', inputs: [a], run: (x) => [linalg.expm(x)] })),
    { name: 'expm', op: 'expm', inputs: [mul3(matrix)], run: (a) => [linalg.expm(a)] },
  ]
}

/** 1, 2, …: other weights for other singular vectors. */
const weights = (s: Tensor): Tensor => tensor(Float64Array.from({ length: s.shape.at(-1)! }, (_, i) => i + 1))
const mul3 = (x: Tensor): Tensor =>
  tensor(
    Float64Array.from(x.node.value!.data, (v) => 6 * v),
    { shape: x.shape },
  )

/** Odd and even, prime and composite, and beyond what one matrix does. */
const lengths = [1, 2, 5, 8, 15, 67, 96]

function transforms(): Case[] {
  const of = (length: number, seed: number, half = false) => floats([2, half ? Math.floor(length / 2) + 1 : length], -1, 1, seed)
  return lengths.flatMap((n): Case[] => [
    ...(['fft', 'ifft'] as const).map(
      (op): Case => ({
        name: 'fft',
        op,
        inputs: [of(n, 1), of(n, 2)],
        run: (re, im) => {
          const y = fft[op]({ re, im })
          return [y.re, y.im]
        },
      }),
    ),
    {
      name: 'fft',
      op: 'rfft',
      inputs: [of(n, 3)],
      run: (x) => {
        const y = fft.rfft(x)
        return [y.re, y.im]
      },
    },
    {
      name: 'fft',
      op: 'irfft',
      inputs: [of(n, 4, true), of(n, 5, true)],
      attributes: { length: n },
      run: (re, im) => [fft.irfft({ re, im }, { length: n })],
    },
  ])
}

function specialFunctions(): Case[] {
  const x = floats([2, 3], 0.3, 6)
  const p = floats([2, 3], 0.1, 0.9)
  const [a, b] = [floats([3], 0.6, 5, 6), floats([3], 0.6, 5, 7)]
  const shape = { active: [1] }
  return [
    ...(['gammainc', 'gammaincc'] as const).flatMap((name): Case[] => [
      { name, inputs: [a, x], run: (s, y) => [special[name](s, y)], ...shape },
      // No library has the second derivative in the shape.
      { name, op: `${name}, shape`, inputs: [a, x], run: (s, y) => [special[name](s, y)], derivatives: 1 },
    ]),
    { name: 'betainc', inputs: [a, b, p], run: (s, t, y) => [special.betainc(s, t, y)], active: [2] },
    ...[1, 3].map((n): Case => ({ name: 'polygamma', inputs: [x], attributes: { n }, run: (y) => [special.polygamma(n, y)] })),
    ...[1.5, 4].map((s): Case => ({ name: 'zeta', inputs: [x], attributes: { s }, run: (y) => [special.zeta(s, y)] })),
    { name: 'poissonQuantile', inputs: [x, p], run: (rate, u) => [special.poissonQuantile(rate, u)], derivatives: 0 },
    {
      name: 'binomialQuantile',
      inputs: [tensor(Float64Array.of(3, 10, 40)), p, floats([2, 3], 0.1, 0.9, 8)],
      run: (n, q, u) => [special.binomialQuantile(n, q, u)],
      derivatives: 0,
    },
  ]
}

const recurrent =
  (options: { checkpoint?: boolean; reverse?: boolean; unroll?: number }) =>
  (state: Tensor, x: Tensor, w: Tensor): Tensor[] => {
    const { carry, outputs } = scan(
      (h: Tensor, input: Tensor) => {
        const next = tanh(add(matmul(h, w), input))
        return { carry: next, output: square(next) }
      },
      state,
      x,
      options,
    )
    return [carry, outputs]
  }

const spike = customJvp(
  (x: Tensor) => sign(x),
  ({ args: [x] }, [t]) => mul(t, exp(neg(square(x)))),
)
const bent = customVjp(
  (x: Tensor) => mul(x, 2),
  ({ args: [x] }, ct) => [mul(ct, cos(x))],
)
const cube = (x: Tensor): Tensor[] => {
  const slope = (t: Tensor | null, at: Tensor) => t && mul(t, mul(square(at), 3))
  return hostCall(([y]) => [{ ...y, data: y.data.map((value) => value ** 3) }], [x], {
    name: 'cube',
    results: [x],
    jvp: ({ inputs }, [t]) => [slope(t, inputs[0])],
    vjp: ({ inputs }, [ct]) => [slope(ct, inputs[0])],
  })
}

function controlFlow(): Case[] {
  const x = floats([2, 3])
  const cell = [floats([2]), floats([4, 2], -1, 1, 9), floats([2, 2], -0.5, 0.5, 10)]
  const layer = (h: Tensor, w: Tensor) => tanh(matmul(sin(matmul(h, w)), w))
  return [
    ...[false, true].flatMap((reverse) =>
      [{}, { unroll: 0 }, { unroll: 0, checkpoint: true }].map(
        (options): Case => ({
          name: 'scan',
          inputs: cell,
          attributes: { reverse },
          run: recurrent({ ...options, reverse }),
        }),
      ),
    ),
    ...[0, 1].map(
      (choice): Case => ({
        name: 'cond',
        inputs: [flag(choice), x, floats([])],
        run: (choose, v, c) => [
          cond(
            choose,
            (y) => mul(sin(y), c),
            (y) => square(y),
            v,
          ),
        ],
      }),
    ),
    {
      name: 'while',
      inputs: [floats([2], 1, 5)],
      run: (a) => [
        whileLoop(
          (r) => less(1e-9, sum(abs(sub(square(r), a)))),
          (r) => mul(0.5, add(r, div(a, r))),
          add(mul(a, 0.5), 0.5),
          { maxIterations: 8 },
        ),
      ],
    },
    ...(['nothing', 'everything'] as const).map(
      (policy): Case => ({
        name: 'checkpoint',
        inputs: [floats([2, 2]), floats([2, 2], -1, 1, 11)],
        run: (h, w) => [checkpoint(layer, { policy })(h, w)],
      }),
    ),
    { name: 'custom', op: 'spike', inputs: [x], run: (y) => [mul(spike(y), y)] },
    { name: 'custom', op: 'bent', inputs: [x], run: (y) => [bent(sin(y))], reverseOnly: true },
    { name: 'hostCall', op: 'cube', inputs: [x], run: cube },
  ]
}

export const functionPrograms: readonly Program[] = [...linearAlgebra(), ...transforms(), ...specialFunctions(), ...controlFlow()].map(
  ({ name, op = name, inputs, attributes = {}, run, derivatives = 2, active, reverseOnly }) => {
    const outputs = run(...inputs).map((_, i) => inputs.length + i)
    return {
      name,
      inputs,
      steps: [{ op, inputs: inputs.map((_, i) => i), attributes }],
      outputs,
      run,
      derivatives,
      reverseOnly,
      active: active ?? inputs.flatMap(({ dtype }, i) => (dtype === 'float64' ? [i] : [])),
    }
  },
)
