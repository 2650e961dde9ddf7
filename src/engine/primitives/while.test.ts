import { expect, test } from 'vitest'
import {
  abs,
  add,
  div,
  grad,
  InputError,
  jit,
  jvp,
  less,
  mul,
  onesLike,
  reference,
  stopGradient,
  sub,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
} from '../index.ts'
import { exact, expectValues } from '../testing/values.ts'

const root = (a: Tensor): Tensor =>
  whileLoop(
    (x) => less(1e-12, abs(sub(mul(x, x), a))),
    (x) => mul(0.5, add(x, div(a, x))),
    onesLike(a),
    { maxIterations: 30 },
  )

test('loops until the test fails, or not at all, or as often as allowed', async () => {
  await expectValues(root(exact(2)), [Math.SQRT2])
  await expectValues(jit(root)(exact(9)), [3])
  expect(reference(root(exact(2)))[0].data[0]).toBeCloseTo(Math.SQRT2, 12)
  const count = (limit: number, maxIterations: number) =>
    whileLoop(
      (n: Tensor) => less(n, limit),
      (n) => add(n, 1),
      exact(0),
      { maxIterations },
    )
  await expectValues(count(0, 10), [0])
  await expectValues(count(7, 10), [7])
  await expectValues(count(100, 10), [10])
})

test('forward mode gives the derivative of the limit, to second order', async () => {
  const slope = (a: Tensor) => jvp(root, [a], [exact(1)]).tangent
  await expectValues(slope(exact(2)), [0.5 / Math.SQRT2], 1e-9)
  await expectValues(jvp(slope, [exact(4)], [exact(1)]).tangent, [-1 / 32], 1e-6)
})

test('mapped over examples that stop at different times', async () => {
  await expectValues(vmap(root)(exact([2, 9, 1, 1e6])), [Math.SQRT2, 3, 1, 1000], 1e-9)
  const collatz = (n: Tensor) =>
    whileLoop(
      ({ left }) => less(0.5, left),
      ({ left, total }) => ({ left: sub(left, 1), total: add(total, left) }),
      { left: n, total: exact(0) },
      { maxIterations: 50 },
    ).total
  await expectValues(vmap(collatz)(exact([0, 1, 4, 10])), [0, 1, 10, 55])
  await expectValues(vmap((a: Tensor) => jvp(root, [a], [exact(1)]).tangent)(exact([4, 16])), [0.25, 0.125], 1e-9)
  await expectValues(
    vmap(vmap(root))(
      exact([
        [4, 16],
        [25, 1],
      ]),
    ),
    [2, 4, 5, 1],
    1e-9,
  )
})

test('a loop inside a loop', async () => {
  const power = (x: Tensor, n: Tensor) =>
    whileLoop(
      ({ k }) => less(0.5, k),
      ({ k, y }) => ({ k: sub(k, 1), y: mul(y, x) }),
      { k: n, y: onesLike(x) },
      { maxIterations: 10 },
    ).y
  const total = whileLoop(
    ({ n }) => less(n, 3.5),
    ({ n, sum }) => ({ n: add(n, 1), sum: add(sum, power(exact(2), n)) }),
    { n: exact(1), sum: exact(0) },
    { maxIterations: 10 },
  ).sum
  await expectValues(total, [14])
})

test('reverse mode gives the derivative of the limit, to second order, also for examples that stop at different times', async () => {
  await expectValues(grad(root)(exact(2)), [0.5 / Math.SQRT2], 1e-9)
  await expectValues(grad(grad(root))(exact(4)), [-1 / 32], 1e-6)
  await expectValues(jvp(grad(root), [exact(4)], [exact(1)]).tangent, [-1 / 32], 1e-6)
  // The loop begins at 1, which is the root of 1: no iteration, no derivative.
  await expectValues(jit(vmap(grad(root)))(exact([4, 16, 1])), [0.25, 0.125, 0], 1e-9)
})

test('reverse mode reaches what the body captures, and integers may be carried along', async () => {
  // x·cᵏ by repeated multiplication: ∂/∂x = cᵏ, ∂/∂c = k·x·cᵏ⁻¹
  const power = ({ x, c }: { x: Tensor; c: Tensor }) =>
    whileLoop(
      ({ k }) => less(k, 5),
      ({ k, y }) => ({ k: add(k, 1), y: mul(y, c) }),
      { k: tensor([0], { dtype: 'int32', shape: [] }), y: x },
      { maxIterations: 9 },
    ).y
  const { x, c } = grad(power)({ x: exact(3), c: exact(2) })
  await expectValues(x, [32])
  await expectValues(c, [5 * 3 * 16])
  const never = ({ y, c }: { y: Tensor; c: Tensor }) =>
    whileLoop(
      (v) => less(v, 0),
      (v) => mul(v, c),
      y,
      { maxIterations: 9 },
    )
  const { y, c: none } = grad(never)({ y: exact(3), c: exact(2) })
  await expectValues(y, [1])
  await expectValues(none, [0])
})

test('a loop without a bound has forward mode only', async () => {
  const endless = (a: Tensor): Tensor =>
    whileLoop(
      (x) => less(1e-12, abs(sub(mul(x, x), a))),
      (x) => mul(0.5, add(x, div(a, x))),
      onesLike(a),
    )
  await expectValues(vmap(endless)(exact([2, 9])), [Math.SQRT2, 3], 1e-9)
  await expectValues(jvp(endless, [exact(4)], [exact(1)]).tangent, [0.25], 1e-9)
  expect(() => grad(endless)(exact(2))).toThrow(InputError)
  expect(() => grad(endless)(exact(2))).toThrow(/^whileLoop: without maxIterations there is no reverse mode; give it maxIterations/)
  await expectValues(grad((a: Tensor) => mul(a, endless(stopGradient(a))))(exact(4)), [2], 1e-9)
})

test('a compiled loop may be called on different arguments in one graph', async () => {
  const once = jit(root)
  await expectValues(jit((a: Tensor, b: Tensor) => add(once(a), once(b)))(exact(4), exact(9)), [5])
})

test('the body must return what it was given', () => {
  const once = { maxIterations: 1 }
  expect(() =>
    whileLoop(
      (x) => less(x, 1),
      (x) => add(x, exact([1, 2])),
      exact(0),
      once,
    ),
  ).toThrow(/^whileLoop: the next carry is float64 \[2\], where float64 \[\] is expected/)
  expect(() =>
    whileLoop(
      (x) => x,
      (x) => x,
      exact(0),
      once,
    ),
  ).toThrow(/whileLoop: the test must return one boolean; given float64/)
})
