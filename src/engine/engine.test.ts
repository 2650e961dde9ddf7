import { expect, test } from 'vitest'
import * as q from './index.ts'

test('values', async () => {
  expect(await q.add(q.tensor([1, 2, 3]), 1).array()).toEqual([2, 3, 4])
})
test('gradients nest', async () => {
  const f = (x: q.Tensor) => q.sum(q.mul(q.square(x), x))
  const x = q.tensor([1, 2, 3])
  expect(await q.grad(f)(x).array()).toEqual([3, 12, 27])
  const hvp = q.jvp(q.grad(f), [x], [q.ones([3])]).tangent
  expect(await hvp.array()).toEqual([6, 12, 18])
  const per = q.vmap(q.grad((v: q.Tensor) => q.square(v)))(x)
  expect(await per.array()).toEqual([2, 4, 6])
  const j = q.jit(q.valueAndGrad(f))
  expect(await j(x).value.item()).toBe(36)
  expect(await j(x).gradient.array()).toEqual([3, 12, 27])
})
test('while', async () => {
  const root = (a: q.Tensor) =>
    q.whileLoop(
      (x) => q.less(1e-6, q.abs(q.sub(q.mul(x, x), a))),
      (x) => q.mul(0.5, q.add(x, q.div(a, x))),
      q.onesLike(a),
      { maxIterations: 20 },
    )
  expect(await root(q.scalar(2)).item()).toBeCloseTo(Math.SQRT2, 5)
  expect(q.reference(root(q.scalar(2)))[0].data[0]).toBeCloseTo(Math.SQRT2, 6)
  const t = q.jvp(root, [q.scalar(2)], [q.scalar(1)]).tangent
  expect(await t.item()).toBeCloseTo(0.5 / Math.SQRT2, 4)
  const b = (await q
    .vmap(root)(q.tensor([2, 9, 1]))
    .array()) as number[]
  expect(b[1]).toBeCloseTo(3, 5)
})
test('step', async () => {
  const step = q.compileStep((s: q.Tensor, x: q.Tensor) => ({ state: q.add(s, x), output: q.sum(s) }))
  let state = q.tensor([0, 0])
  for (let i = 0; i < 5; i++) ({ state } = await step(state, q.tensor([1, 2])))
  expect(await state.array()).toEqual([5, 10])
})
test('host call', async () => {
  const f = (x: q.Tensor) =>
    q.mul(q.hostCall(([a]) => [{ ...a, data: a.data.slice().sort() }], [q.neg(x)], { name: 'sort', results: [x] })[0], 2)
  expect(await f(q.tensor([1, 3, 2])).array()).toEqual([-6, -4, -2])
})
test('random', async () => {
  const u = await q.random.uniform(q.key(3), [5]).data()
  const r = q.reference(q.random.uniform(q.key(3), [5]))[0].data
  expect([...u]).toEqual([...r])
  expect(u[0]).not.toBe(u[1])
})
test('conv', async () => {
  const x = q.random.normal(q.key(1), [2, 3, 8, 8])
  const w = q.random.normal(q.key(2), [4, 3, 3, 3])
  const f = (w: q.Tensor) => q.sum(q.square(q.conv(x, w, { padding: 1, stride: 2 })))
  const g = q.grad(f)(w)
  const r = q.reference(g)[0].data
  const a = await g.data()
  for (let i = 0; i < 10; i++) expect(a[i]).toBeCloseTo(r[i], 2)
})
