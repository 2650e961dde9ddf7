import { expect, test } from 'vitest'
import {
  add,
  cond,
  evaluate,
  grad,
  hostCall,
  InputError,
  jit,
  jvp,
  less,
  log,
  mul,
  neg,
  square,
  sum,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
} from '../index.ts'
import { exact, expectValues } from '../testing/values.ts'

const huber = (x: Tensor): Tensor =>
  cond(
    less(mul(x, x), 1),
    (v) => mul(square(v), 0.5),
    (v) => cond(less(v, 0), neg, (u) => u, v),
    x,
  )

test('one branch or the other, compiled or not, with derivatives of every order', async () => {
  for (const f of [huber, jit(huber)]) {
    await expectValues(f(exact(0.5)), [0.125])
    await expectValues(f(exact(-3)), [3])
    await expectValues(grad(f)(exact(0.5)), [0.5])
    await expectValues(grad(f)(exact(-3)), [-1])
    await expectValues(grad(grad(f))(exact(0.5)), [1])
    await expectValues(jvp(grad(f), [exact(0.5)], [exact(2)]).tangent, [2])
    await expectValues(grad(grad(f))(exact(3)), [0])
  }
})

test('examples may go different ways', async () => {
  await expectValues(vmap(huber)(exact([0.5, -3, 2])), [0.125, 3, 2])
  await expectValues(vmap(grad(huber))(exact([0.5, -3, 2])), [0.5, -1, 1])
  await expectValues(grad((x: Tensor) => sum(vmap(huber)(x)))(exact([0.5, -3, 2])), [0.5, -1, 1])
  const shared = vmap((flag: Tensor, x: Tensor) => cond(flag, square, neg, x), { in: [null, 0] })
  await expectValues(shared(tensor(true), exact([1, 2])), [1, 4])
})

test('the branch not taken does no harm, and derivatives reach what branches capture', async () => {
  const f = ({ x, c }: { x: Tensor; c: Tensor }) =>
    cond(
      less(x, 0),
      (v) => mul(v, c),
      (v) => mul(log(v), c),
      x,
    )
  const { x, c } = await evaluate(grad(f)({ x: exact(-2), c: exact(3) }))
  await expectValues(x, [3])
  await expectValues(c, [-2])
})

test('branches return trees alike', async () => {
  const both = cond(
    tensor(true),
    (x: Tensor) => ({ a: x, b: [add(x, 1)] }),
    (x) => ({ a: neg(x), b: [x] }),
    exact(1),
  )
  await expectValues(both.b[0], [2])
  expect(() =>
    cond(
      tensor(true),
      (x: Tensor) => ({ a: x }),
      () => ({ a: exact([1, 2]) }),
      exact(1),
    ),
  ).toThrow(/^cond: what the second branch returns at 'a' is float64 \[2\], where float64 \[\] is expected/)
  expect(() =>
    cond(
      exact(1),
      (x: Tensor) => x,
      (x) => x,
      exact(1),
    ),
  ).toThrow(/^cond: the predicate must be one boolean; given float64 \[\]/)
})

test('a host call cannot stand in a branch or in a loop, and says so', async () => {
  const onHost = (x: Tensor) => hostCall((arrays) => arrays, [x], { name: 'echo', results: [x] })[0]
  const message = /^hostCall 'echo': a host call cannot be part of a loop, a branch or an exported model; take it out/
  const chosen = cond(tensor(true), onHost, neg, exact(1)).data()
  await expect(chosen).rejects.toThrow(InputError)
  await expect(chosen).rejects.toThrow(message)
  await expect(whileLoop((x: Tensor) => less(x, 1), onHost, exact(0), { maxIterations: 2 }).data()).rejects.toThrow(message)
})
