import { expect, test } from 'vitest'
import {
  add,
  clip,
  cos,
  customJvp,
  customVjp,
  evaluate,
  exp,
  grad,
  InputError,
  iota,
  jit,
  jvp,
  less,
  matmul,
  mul,
  neg,
  reference,
  scan,
  sign,
  sin,
  square,
  sum,
  type Tensor,
  vmap,
  whileLoop,
} from '../index.ts'
import { exact, expectValues } from '../testing/values.ts'

/** sign, with the slope of a bump; and the identity, whose gradients are clipped. */
const surrogate = customJvp(sign as (x: Tensor) => Tensor, ({ args: [x] }, [t]) => mul(t, exp(neg(square(x)))))
const clipped = customVjp(
  (x: Tensor) => x,
  (_, ct) => [clip(ct, -1, 1)],
)
const at = [-1, 0.5, 2]
const bump = at.map((x) => Math.exp(-x * x))
const bumpSlope = at.map((x, i) => -2 * x * bump[i])

test('customJvp gives both modes, and every nesting of them', async () => {
  const x = exact(at)
  const ones = exact([1, 1, 1])
  const total = (y: Tensor) => sum(surrogate(y))
  await expectValues(surrogate(x), [-1, 1, 1])
  for (const f of [total, jit(total)]) {
    await expectValues(jvp(f, [x], [ones]).tangent, [bump.reduce((a, b) => a + b)])
    await expectValues(grad(f)(x), bump)
    await expectValues(jvp(grad(f), [x], [ones]).tangent, bumpSlope)
    await expectValues(grad((y: Tensor) => sum(grad(f)(y)))(x), bumpSlope)
    await expectValues(vmap(grad(surrogate))(x), bump)
    await expectValues(grad((y: Tensor) => sum(vmap(surrogate)(y)))(x), bump)
    await expectValues(vmap(grad(grad(surrogate)))(x), bumpSlope)
  }
})

test('customVjp gives reverse mode; forward mode says what is missing', async () => {
  const f = (x: Tensor) => sum(mul(clipped(x), exact([0.5, 3, -7])))
  const x = exact([1, 2, 3])
  await expectValues(f(x), [0.5 + 6 - 21])
  await expectValues(grad(f)(x), [0.5, 1, -1])
  await expectValues(jit(grad(f))(x), [0.5, 1, -1])
  await expectValues(vmap(grad((y: Tensor) => mul(clipped(y), 5)))(x), [1, 1, 1])
  await expectValues(grad((y: Tensor) => sum(mul(vmap(clipped)(y), 5)))(x), [1, 1, 1])
  expect(() => jvp(f, [x], [x])).toThrow(InputError)
  expect(() => jvp(f, [x], [x])).toThrow(
    /^customVjp has no jvp derivative; give it a jvp rule, which serves both modes, or use reverse mode$/,
  )
})

test('trees in and out; integers among the arguments have no derivative', async () => {
  type Arguments = [{ w: Tensor; n: Tensor }, Tensor]
  const value = ({ w, n }: Arguments[0], x: Tensor) => ({ y: mul(w, x), count: n })
  const forward = customJvp<Arguments, ReturnType<typeof value>>(value, ({ args: [{ w, n }, x] }, [t, tx]) => ({
    y: mul(add(mul(t.w, x), mul(w, tx)), 10),
    count: n,
  }))
  const backward = customVjp<Arguments, ReturnType<typeof value>>(value, ({ args: [{ w, n }, x] }, ct) => [
    { w: mul(mul(ct.y, x), 10), n },
    mul(mul(ct.y, w), 10),
  ])
  for (const fn of [forward, backward]) {
    const loss = (p: { w: Tensor; x: Tensor }) => sum(fn({ w: p.w, n: iota(2) }, p.x).y)
    const { w, x } = await evaluate(grad(loss)({ w: exact([1, 2]), x: exact([3, 4]) }))
    await expectValues(w, [30, 40])
    await expectValues(x, [10, 20])
  }
  const wrong = customVjp(
    (x: Tensor) => x,
    () => [exact([1, 2])],
  )
  expect(() => grad(wrong)(exact(1))).toThrow(/^customVjp: what the rule returns at '0' is float64 \[2\], where float64 \[\] is expected/)
})

test('mapped with shared arguments, their cotangents are sums over the examples', async () => {
  const product = (w: Tensor, x: Tensor) => matmul(w, x)
  const custom = [
    customJvp(product, ({ args: [w, x] }, [tw, tx]) => add(matmul(tw, x), matmul(w, tx))),
    customVjp(product, ({ args: [w, x] }, ct) => [mul(ct, x), mul(ct, w)]),
  ]
  const w = exact([1, 2])
  const x = exact([
    [3, 4],
    [5, 6],
  ])
  const mapped = (fn: typeof product) => (u: Tensor) => sum(square(vmap(fn, { in: [null, 0] })(u, x)))
  const [expected] = reference(grad(mapped(product))(w))
  for (const fn of custom) await expectValues(grad(mapped(fn))(w), [...expected.data])
})

test('rules may call the function that they belong to, and each other', async () => {
  const mySin: (x: Tensor) => Tensor = customJvp(
    (x: Tensor) => sin(x),
    ({ args: [x] }, [t]) => mul(t, myCos(x)),
  )
  const myCos: (x: Tensor) => Tensor = customJvp(
    (x: Tensor) => cos(x),
    ({ args: [x] }, [t]) => neg(mul(t, mySin(x))),
  )
  await expectValues(grad(grad(grad(grad(mySin))))(exact(0.3)), [Math.sin(0.3)])
})

test('inside loops, compiled and differentiated', async () => {
  const step = (c: Tensor) => ({ carry: mul(clipped(c), 2), output: [] })
  const f = (x: Tensor) => scan(step, x, [], { length: 20, unroll: 0 }).carry
  await expectValues(f(exact(1)), [2 ** 20])
  await expectValues(grad(f)(exact(1)), [1])
  const g = (x: Tensor) =>
    whileLoop(
      (c) => less(c, 100),
      (c) => mul(clipped(c), 2),
      x,
      { maxIterations: 20 },
    )
  await expectValues(grad(g)(exact(1)), [1])
})

test('what a rule cannot know of is refused, not ignored', async () => {
  const leaks = (w: Tensor, x: Tensor) =>
    customVjp(
      (y: Tensor) => mul(y, w),
      (_, ct) => [ct],
    )(x)
  expect(() => grad((w: Tensor) => leaks(w, exact(2)))(exact(3))).toThrow(
    /^customVjp: the function depends on a differentiated tensor that is not among its arguments; pass the tensor as an argument/,
  )
  await expectValues(grad((x: Tensor) => leaks(exact(3), x))(exact(2)), [1])
  const foreign = (w: Tensor, x: Tensor) =>
    customVjp(
      (y: Tensor) => y,
      (_, ct) => [mul(ct, w)],
    )(x)
  expect(() => grad((x: Tensor) => foreign(x, x))(exact(2))).toThrow(/^customVjp: the rule uses a tensor of the surrounding function/)
})
