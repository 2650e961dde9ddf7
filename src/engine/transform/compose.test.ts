import { expect, test } from 'vitest'
import {
  add,
  cos,
  exp,
  grad,
  jit,
  jvp,
  matmul,
  mul,
  ones,
  reference,
  sin,
  square,
  stopGradient,
  sum,
  type Tensor,
  tanh,
  vmap,
} from '../index.ts'
import { exact, expectValues } from '../testing/values.ts'

const quartic = (x: Tensor): Tensor => square(square(x))
const x2 = exact(2)
const xs = exact([0.5, -1, 2])

test('three orders of derivatives of x⁴, by reverse, forward and mixed modes', async () => {
  const forward = (f: (x: Tensor) => Tensor) => (x: Tensor) => jvp(f, [x], [ones(x.shape, x.dtype)]).tangent
  const modes = [grad, forward]
  for (const first of modes) {
    await expectValues(first(quartic)(x2), [32])
    for (const second of modes) {
      await expectValues(second(first(quartic))(x2), [48])
      for (const third of modes) await expectValues(third(second(first(quartic)))(x2), [48])
    }
  }
})

test('derivatives with respect to different variables are not confused', async () => {
  // d/dx (x · d/dy (x + y)) = 1; confusing the two perturbations gives 2.
  const inner = (x: Tensor) => grad((y: Tensor) => add(x, y))(exact(1))
  await expectValues(grad((x: Tensor) => mul(x, inner(x)))(exact(1)), [1])
  const push = (f: (x: Tensor) => Tensor, at: Tensor) => jvp(f, [at], [exact(1)]).tangent
  await expectValues(
    push(
      (x) =>
        mul(
          x,
          push((y) => add(x, y), exact(1)),
        ),
      exact(1),
    ),
    [1],
  )
  // The same point, so that the inner function is built of equal nodes: d/dx (x · d/dy (x·y)) = 2x.
  await expectValues(grad((x: Tensor) => mul(x, grad((y: Tensor) => mul(x, y))(x)))(exact(3)), [6])
})

test('an inner derivative may close over outer traced values', async () => {
  // d/dx Σ d/dy (x²·sin y) at y = x: 2x·cos x − x²·sin x
  const f = (x: Tensor) => grad((y: Tensor) => mul(square(x), sin(y)))(x)
  const x = 0.7
  await expectValues(grad(f)(exact(x)), [2 * x * Math.cos(x) - x * x * Math.sin(x)])
  await expectValues(
    vmap((row: Tensor) => vmap((value: Tensor) => mul(value, sum(row)))(row))(
      exact([
        [1, 2],
        [3, 4],
      ]),
    ),
    [3, 6, 21, 28],
  )
  await expectValues(
    vmap((row: Tensor) => grad((y: Tensor) => sum(mul(y, row)))(exact([5, 6])))(
      exact([
        [1, 2],
        [3, 4],
      ]),
    ),
    [1, 2, 3, 4],
  )
})

test('grad and jvp of vmap, vmap of grad and of jvp', async () => {
  const cubes = [0.75, 3, 12]
  const f = (x: Tensor) => mul(square(x), x)
  await expectValues(grad((all: Tensor) => sum(vmap(f)(all)))(xs), cubes)
  await expectValues(vmap(grad(f))(xs), cubes)
  await expectValues(vmap((x: Tensor) => jvp(f, [x], [exact(1)]).tangent)(xs), cubes)
  await expectValues(jvp(vmap(f), [xs], [ones([3], 'float64')]).tangent, cubes)
  await expectValues(vmap(grad(grad(f)))(xs), [3, -6, 12])
})

test('jvp of grad is grad of jvp', async () => {
  const w = exact([
    [1, -2, 0.5],
    [0.3, 1, 2],
  ])
  const f = (x: Tensor) => sum(tanh(matmul(w, x)))
  const t = exact([1, 2, -1])
  const forwardOverReverse = jvp(grad(f), [xs], [t]).tangent
  const reverseOverForward = grad((x: Tensor) => jvp(f, [x], [t]).tangent)(xs)
  const reverseOverReverse = grad((x: Tensor) => sum(mul(grad(f)(x), t)))(xs)
  const [expected] = reference(forwardOverReverse)
  for (const other of [forwardOverReverse, reverseOverForward, reverseOverReverse]) await expectValues(other, [...expected.data], 1e-12)
})

test('jit changes nothing, wherever it stands', async () => {
  const f = (x: Tensor) => mul(exp(mul(x, 0.5)), cos(x))
  const plain = reference(vmap(grad(grad(f)))(xs))[0]
  const placed = [
    jit(vmap(grad(grad(f)))),
    vmap(jit(grad(grad(f)))),
    vmap(grad(jit(grad(f)))),
    vmap(grad(grad(jit(f)))),
    jit(vmap(jit(grad(jit(grad(jit(f))))))),
  ]
  for (const g of placed) await expectValues(g(exact([0.5, -1, 2])), [...plain.data], 1e-12)
})

test('vmap of vmap, over other axes and with shared arguments', async () => {
  const a = exact([
    [1, 2, 3],
    [4, 5, 6],
  ])
  const b = exact([10, 20])
  await expectValues(
    vmap(
      vmap((x: Tensor, y: Tensor) => mul(x, y), { in: [0, null] }),
      { in: [0, 0] },
    )(a, b),
    [10, 20, 30, 80, 100, 120],
  )
  const columns = vmap((column: Tensor) => sum(column), { in: [1] })(a)
  await expectValues(columns, [5, 7, 9])
  await expectValues(vmap((column: Tensor) => sum(column), { in: [-1] })(a), [5, 7, 9])
  const shared = vmap((_: Tensor, y: Tensor) => y, { in: [0, null] })(b, exact([7, 8]))
  expect(shared.shape).toEqual([2, 2])
  await expectValues(shared, [7, 8, 7, 8])
  expect(() => vmap((x: Tensor, y: Tensor) => mul(x, y))(a, exact([1, 2, 3]))).toThrow(/different extents 2, 3/)
  expect(() => vmap((x: Tensor) => x, { in: [null] })(a)).toThrow(/no tensor/)
  expect(() => vmap((x: Tensor) => x, { in: [2] })(a)).toThrow(/no axis 2/)
})

test('host buffers that a function captures are constants to every transformation', async () => {
  const w = exact([1, 2, 3])
  const f = (x: Tensor) => sum(mul(square(x), w))
  await expectValues(grad(f)(xs), [1, -4, 12])
  await expectValues(jit(grad(f))(xs), [1, -4, 12])
  await expectValues(vmap((x: Tensor) => grad(f)(mul(x, w)))(exact([1, 2])), [2, 8, 18, 4, 16, 36])
})

test('stopGradient makes a factor constant, and only that factor', async () => {
  const f = (x: Tensor) => mul(x, stopGradient(square(x)))
  await expectValues(grad(f)(exact(3)), [9])
  await expectValues(jvp(f, [exact(3)], [exact(1)]).tangent, [9])
  await expectValues(grad(grad(f))(exact(3)), [0])
})
