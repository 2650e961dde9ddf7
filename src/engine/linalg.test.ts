import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  add,
  div,
  evaluate,
  expandDims,
  eye,
  fold,
  grad,
  jit,
  key,
  log,
  matmul,
  mul,
  random,
  slice,
  sub,
  sum,
  swapLast,
  type Tensor,
  tensor,
  zeros,
} from './index.ts'
import * as linalg from './linalg.ts'
import { exportOnnx } from './onnx/index.ts'
import { exact, expectValues, valuesOf } from './testing/values.ts'

const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

/** Each difference must be small in units of rounding errors; NaN fails. */
async function expectSmall(differences: Readonly<Record<string, Tensor>>, units: number, epsilon: number): Promise<void> {
  const values = await valuesOf(Object.values(differences))
  for (const [i, name] of Object.keys(differences).entries()) {
    expect(values[i].every(Number.isFinite), name).toBe(true)
    expect(largest(values[i]) / epsilon, name).toBeLessThanOrEqual(units)
  }
}

const dtypes = [
  ['float64', 2 ** -52],
  ['float32', 2 ** -23],
] as const

/** Numbers for the columns of matrices. */
const expand = (x: Tensor): Tensor => expandDims(x, -2)

const gram = (q: Tensor): Tensor => sub(matmul(swapLast(q), q), eye(q.shape.at(-1)!, q.dtype))

describe.each(dtypes)('residuals in %s, in rounding errors', (dtype, epsilon) => {
  const shapes = [
    [1, 1],
    [2, 2],
    [7, 7],
    [3, 2, 12, 5],
    [5, 12],
    [40, 40],
    [60, 20],
  ]
  test.each(shapes.map((shape, seed) => ({ shape, seed })))('$shape', async ({ shape, seed }) => {
    const a = random.normal(fold(key(11), seed), shape, { dtype })
    const n = Math.max(...shape.slice(-2))
    const { q, r } = linalg.qr(a)
    const { u, s, v } = linalg.svd(a)
    const inverse = linalg.pinv(a)
    const symmetric = add(matmul(a, swapLast(a)), eye(shape.at(-2)!, dtype))
    const { values, vectors } = linalg.eigh(symmetric)
    const l = linalg.cholesky(symmetric)
    // The products themselves are rounded; norms of these matrices are a few √n, of their Gram matrices a few n.
    await expectSmall(
      {
        'A − QR': sub(a, matmul(q, r)),
        'QᵀQ − I': gram(q),
        'R below': linalg.tril(r, -1),
        'A − USVᵀ': sub(a, matmul(mul(u, expand(s)), swapLast(v))),
        'UᵀU − I': gram(u),
        'VᵀV − I': gram(v),
      },
      20 * Math.sqrt(n),
      epsilon,
    )
    await expectSmall(
      {
        'S − VΛVᵀ': sub(symmetric, matmul(mul(vectors, expand(values)), swapLast(vectors))),
        'VᵀV − I': gram(vectors),
        'S − LLᵀ': sub(symmetric, matmul(l, swapLast(l))),
        // Its error grows with the condition number.
        'AA⁺A − A': mul(
          sub(matmul(a, matmul(inverse, a)), a),
          expand(div(slice(s, { axis: -1, start: -1 }), slice(s, { axis: -1, end: 1 }))),
        ),
      },
      40 * n,
      epsilon,
    )
    const [singular] = await valuesOf([linalg.svd(a).s])
    const k = s.shape.at(-1)!
    expect(singular.every((value, i) => i % k === 0 || value <= singular[i - 1])).toBe(true)
  })

  test('elimination', async () => {
    const a = random.normal(key(3), [2, 30, 30], { dtype })
    const b = random.normal(key(4), [30, 4], { dtype })
    const { p, l, u } = linalg.lu(a)
    const x = linalg.solve(a, b)
    await evaluate({ x, p })
    const size = largest([...(await x.data())])
    await expectSmall({ 'A − PLU': sub(a, matmul(p, matmul(l, u))), 'Ax − b': mul(sub(matmul(a, x), b), 1 / size) }, 200, epsilon)
    // Pivots are the largest of their columns.
    expect(largest([...(await l.data())])).toBeLessThanOrEqual(1 + epsilon)
    const rest = linalg.solve(linalg.triu(a), b)
    await expectSmall({ 'as triangular': sub(rest, linalg.triangularSolve(a, b, { lower: false })) }, 1e6, epsilon)
  })
})

test('the spectrum of the second difference is known', async () => {
  const n = 50
  const values = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)))
  const spectrum = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)))
  await expectValues(linalg.eigh(exact(values)).values, spectrum, 1e-14)
  await expectValues(linalg.svd(exact(values)).s, spectrum.toReversed(), 1e-14)
  await expectValues(linalg.det(exact(values)), [n + 1], 1e-13)
  await expectValues(linalg.norm(exact(values), { order: 'nuc' }), [2 * n], 1e-14)
})

test('small singular values of badly scaled columns are relatively accurate', async () => {
  // diag(1, 1e-10, 1e-20) times rows that are turned: scaled back, a well-conditioned matrix.
  const [c, s] = [Math.cos(0.3), Math.sin(0.3)]
  const { s: found } = linalg.svd(
    exact([
      [c, -s * 1e-12],
      [s, c * 1e-12],
    ]),
  )
  const [values] = await valuesOf([found])
  expect(values[0]).toBeCloseTo(1, 14)
  expect(Math.abs(values[1] / 1e-12 - 1)).toBeLessThan(1e-14)
})

test('the Hilbert matrix: published determinant and inverse', async () => {
  const n = 5
  const hilbert = exact(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => 1 / (i + j + 1))))
  // Choi, "Tricks or treats with the Hilbert matrix", 1983: 1/det = 266716800000, and the inverse is whole.
  const [determinant] = await valuesOf([linalg.det(hilbert)])
  expect(Math.abs(determinant[0] * 266_716_800_000 - 1)).toBeLessThan(1e-11)
  const [inverse] = await valuesOf([linalg.inverse(hilbert)])
  ;[25, -300, 1050, -1400, 630, -300, 4800].forEach((entry, i) => {
    expect(Math.abs(inverse[i] / entry - 1)).toBeLessThan(1e-11)
  })
})

test('determinants by expansion and by elimination agree; singular ones are zero', async () => {
  const a = exact([
    [2, -1, 0.5],
    [1, 3, -2],
    [0, 4, 1],
  ])
  const block = exact([
    [2, -1, 0.5, 0],
    [1, 3, -2, 0],
    [0, 4, 1, 0],
    [0, 0, 0, 1],
  ])
  await expectValues(linalg.det(a), [25])
  await expectValues(linalg.det(block), [25])
  const swapped = linalg.slogdet(exact([[0, 1], [1, 0]])) // biome-ignore format: a matrix
  await expectValues(swapped.sign, [-1])
  await expectValues(swapped.logAbs, [0])
  const singular = linalg.slogdet(zeros([3, 3], 'float64'))
  expect(await valuesOf([singular.sign, singular.logAbs, linalg.det(zeros([4, 4], 'float64'))])).toEqual([[0], [-Infinity], [0]])
  expect(await valuesOf([linalg.logdet(exact([[-1]]))])).toEqual([[Number.NaN]])
  // The gradient of an expanded determinant is the cofactor matrix, also where the matrix is singular.
  const flat = exact([
    [1, 2],
    [2, 4],
  ])
  await expectValues(grad((x: Tensor) => linalg.det(x))(flat), [4, -2, -2, 1])
})

test('matrices that cannot be factored give NaN or infinities, each for itself', async () => {
  const pair = tensor([2, 0, 0, 2, 1, 2, 2, 1], { dtype: 'float64', shape: [2, 2, 2] })
  const [l] = await valuesOf([linalg.cholesky(pair)])
  expect(l.slice(0, 4)).toEqual([Math.SQRT2, 0, 0, Math.SQRT2])
  expect(l.slice(4).every(Number.isNaN)).toBe(true)
  const [x] = await valuesOf([linalg.solve(zeros([2, 2], 'float64'), exact([1, 2]))])
  expect(x.some(Number.isFinite)).toBe(false)
  const broken = exact([
    [1, Number.NaN],
    [0, 1],
  ])
  for (const values of await valuesOf([linalg.eigh(broken).values, linalg.svd(broken).s, linalg.pinv(broken), linalg.expm(broken)]))
    expect(values.every(Number.isNaN)).toBe(true)
})

test('rank-deficient matrices: orthonormal factors, the four conditions of the pseudo-inverse, the least solution', async () => {
  const a = matmul(random.normal(key(1), [6, 2], { dtype: 'float64' }), random.normal(key(2), [2, 4], { dtype: 'float64' }))
  const { u, v } = linalg.svd(a)
  const zero = linalg.svd(zeros([3, 2], 'float64'))
  const p = linalg.pinv(a)
  const [ap, pa] = [matmul(a, p), matmul(p, a)]
  const differences = {
    u: gram(u),
    v: gram(v),
    zero: gram(zero.v),
    'APA = A': sub(matmul(ap, a), a),
    'PAP = P': sub(matmul(pa, p), p),
    'AP symmetric': sub(ap, swapLast(ap)),
    'PA symmetric': sub(pa, swapLast(pa)),
  }
  await expectSmall(differences, 100, Number.EPSILON)
  const b = exact([1, 2, 3, 4, 5, 6])
  const x = linalg.lstsq(a, b)
  // The residual is orthogonal to the columns, the solution lies in the row space.
  await expectSmall({ residual: matmul(swapLast(a), sub(matmul(a, x), b)), row: sub(matmul(pa, x), x) }, 1000, Number.EPSILON)
})

test('equal eigenvalues: gradients of functions that do not depend on the basis are right', async () => {
  // log det = Σ log λ has gradient A⁻¹; ‖A‖² through the spectrum has gradient 2A; both at a multiple of the identity.
  const a = mul(eye(3, 'float64'), 2)
  const logDeterminant = (x: Tensor) => sum(log(linalg.eigh(x).values))
  await expectValues(grad(logDeterminant)(a), [0.5, 0, 0, 0, 0.5, 0, 0, 0, 0.5])
  const rebuilt = (x: Tensor) => {
    const { values, vectors } = linalg.eigh(x)
    const back = matmul(mul(vectors, values), swapLast(vectors))
    return sum(mul(back, back))
  }
  await expectValues(grad(rebuilt)(a), [4, 0, 0, 0, 4, 0, 0, 0, 4])
  const nuclear = (x: Tensor) => linalg.norm(x, { order: 'nuc' })
  await expectValues(grad(nuclear)(a), [1, 0, 0, 0, 1, 0, 0, 0, 1])
})

test('functions of matrices', async () => {
  const turn = exact([
    [0, -2.5],
    [2.5, 0],
  ])
  await expectValues(linalg.expm(turn), [Math.cos(2.5), -Math.sin(2.5), Math.sin(2.5), Math.cos(2.5)], 1e-14)
  const nilpotent = exact([
    [0, 1e4, 0],
    [0, 0, 1e4],
    [0, 0, 0],
  ])
  await expectValues(linalg.expm(nilpotent), [1, 1e4, 5e7, 0, 1, 1e4, 0, 0, 1], 1e-12)
  await expectValues(linalg.expm(exact([[-40]])), [Math.exp(-40)])
  const fibonacci = exact([
    [1, 1],
    [1, 0],
  ])
  await expectValues(linalg.matrixPower(fibonacci, 30), [1346269, 832040, 832040, 514229])
  await expectValues(linalg.matrixPower(fibonacci, -3), [-1, 2, 2, -3])
  await expectValues(linalg.matrixPower(fibonacci, 0), [1, 0, 0, 1])
  await expectValues(linalg.trace(fibonacci), [1])
  await expectValues(linalg.diag(exact([1, 2])), [1, 0, 0, 2])
})

test('norms of every order', async () => {
  const x = exact([
    [1, -2],
    [-3, 4],
  ])
  // Singular values of this matrix: s₁² + s₂² = 30, s₁·s₂ = 2.
  const [high, low] = [Math.sqrt(15 + Math.sqrt(221)), Math.sqrt(15 - Math.sqrt(221))]
  const expected = new Map<number | 'fro' | 'nuc', number>([
    ['fro', Math.sqrt(30)],
    ['nuc', high + low],
    [2, high],
    [-2, low],
    [1, 6],
    [-1, 4],
    [Infinity, 7],
    [-Infinity, 3],
  ])
  for (const [order, value] of expected) await expectValues(linalg.norm(x, { order }), [value], 1e-14)
  await expectValues(linalg.norm(x), [Math.sqrt(30)])
  await expectValues(linalg.norm(x, { axes: [1, 0], order: 1 }), [7])
  const v = exact([3, -4, 0])
  const ofVector: [number, number][] = [[2, 5], [1, 7], [0, 2], [Infinity, 4], [-Infinity, 0], [3, 91 ** (1 / 3)]] // biome-ignore format: pairs
  for (const [order, value] of ofVector) await expectValues(linalg.norm(v, { order }), [value])
  await expectValues(linalg.norm(x, { axes: 0, order: 1 }), [4, 6])
})

test('a compiled function with factorizations inside gives what the eager one does', async () => {
  const f = (x: Tensor) => {
    const spd = add(matmul(x, swapLast(x)), eye(3, 'float64'))
    return add(linalg.logdet(spd), sum(linalg.choleskySolve(linalg.cholesky(spd), exact([1, 2, 3]))))
  }
  const x = random.normal(key(7), [3, 3], { dtype: 'float64' })
  const [eager, compiled, slope, compiledSlope] = await valuesOf([f(x), jit(f)(x), grad(f)(x), jit(grad(f))(x)])
  expect(compiled).toEqual(eager)
  expect(compiledSlope).toEqual(slope)
})

test('properties of solvers on whole numbers, where products are exact', async () => {
  const entries = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 9, maxLength: 9 })
  await fc.assert(
    fc.asyncProperty(entries, fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 }), async (elements, x) => {
      const at = (i: number, j: number) => elements[3 * i + j]
      const determinant =
        at(0, 0) * (at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)) -
        at(0, 1) * (at(1, 0) * at(2, 2) - at(1, 2) * at(2, 0)) +
        at(0, 2) * (at(1, 0) * at(2, 1) - at(1, 1) * at(2, 0))
      fc.pre(determinant !== 0)
      const a = tensor(Float64Array.from(elements), { shape: [3, 3] })
      const { sign, logAbs } = linalg.slogdet(a)
      const [solved, signs, logs] = await valuesOf([linalg.solve(a, matmul(a, exact(x))), sign, logAbs])
      expect(signs).toEqual([Math.sign(determinant)])
      expect(logs[0]).toBeCloseTo(Math.log(Math.abs(determinant)), 10)
      for (const i of [0, 1, 2]) expect(solved[i]).toBeCloseTo(x[i], 9)
    }),
    { numRuns: 40 },
  )
})

test('shapes that make no sense are refused in one line', () => {
  const flat = zeros([2, 3])
  expect(() => linalg.cholesky(flat)).toThrow(/cholesky: takes square matrices; given float32 \[2, 3\]/)
  expect(() => linalg.solve(zeros([2, 2]), zeros([3, 1]))).toThrow(/solve: takes square matrices \[\.\.\., n, n\] and right-hand sides/)
  expect(() => linalg.solve(zeros([3, 2, 2]), zeros([4, 2, 1]))).toThrow(/solve: leading axes do not broadcast/)
  expect(() => linalg.solve(zeros([2, 2]), zeros([2, 2], 'float64'))).toThrow(/solve: takes floats of one dtype/)
  expect(() => linalg.inverse(zeros([3]))).toThrow(/inverse: takes square matrices/)
  expect(() => linalg.qr(zeros([3]))).toThrow(/qr: takes matrices/)
  expect(() => linalg.matrixPower(zeros([2, 2]), 0.5)).toThrow(/the exponent is a whole number, not 0.5/)
  expect(() => linalg.norm(flat, { order: 3 })).toThrow(/matrices have no norm of order 3; it is 'fro'/)
  expect(() => exportOnnx((x: Tensor) => linalg.cholesky(x), [zeros([2, 2])])).toThrow(
    /cholesky: a host call cannot be part of a loop, a branch or an exported model/,
  )
})
