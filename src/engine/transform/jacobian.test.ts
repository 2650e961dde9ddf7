import { expect, test } from 'vitest'
import { add, hessian, hvp, iota, jacobian, jit, matmul, mul, power, sin, square, sum, type Tensor, vmap } from '../index.ts'
import { exact, expectValues } from '../testing/values.ts'

const modes = ['forward', 'reverse', 'auto'] as const
const wide = exact([
  [1, 2, 3],
  [4, 5, 6],
])

test.each(modes)('the Jacobian of a linear map is its matrix (%s)', async (mode) => {
  const of = (w: Tensor) => jacobian((x: Tensor) => matmul(w, x), { mode })
  await expectValues(of(wide)(exact([1, 1, 1])) as Tensor, [1, 2, 3, 4, 5, 6])
  const tall = exact([
    [1, 2],
    [3, 4],
    [5, 6],
  ])
  await expectValues(jit(of(tall))(exact([0, 0])) as Tensor, [1, 2, 3, 4, 5, 6])
})

test.each(modes)('trees in and out: each leaf of the value has a tree of the argument (%s)', async (mode) => {
  const fn = ({ a, b }: { a: Tensor; b: Tensor[] }, scale: Tensor) => ({ product: mul(a, b[0]), total: mul(sum(a), scale) })
  const at = { a: exact([2, 3]), b: [exact(5)] }
  const found = jacobian(fn, { mode })(at, exact(10)) as unknown as Record<'product' | 'total', { a: Tensor; b: Tensor[] }>
  expect(found.product.a.shape).toEqual([2, 2])
  await expectValues(found.product.a, [5, 0, 0, 5])
  await expectValues(found.product.b[0], [2, 3])
  expect(found.product.b[0].shape).toEqual([2])
  await expectValues(found.total.a, [10, 10])
  await expectValues(found.total.b[0], [0])
})

test('the Hessian over a tree has a block for each pair of leaves', async () => {
  // f = x²·y + Σ z³
  const f = ({ x, y, z }: Record<'x' | 'y' | 'z', Tensor>) => add(mul(square(x), y), sum(mul(square(z), z)))
  const at = { x: exact(2), y: exact(3), z: exact([1, 2]) }
  const h = hessian(f)(at) as unknown as Record<'x' | 'y' | 'z', typeof at>
  await expectValues(h.x.x, [6])
  await expectValues(h.x.y, [4])
  await expectValues(h.y.x, [4])
  await expectValues(h.y.y, [0])
  await expectValues(h.x.z, [0, 0])
  await expectValues(h.z.z, [6, 0, 0, 12])
  const v = { x: exact(1), y: exact(10), z: exact([1, -1]) }
  const product = hvp(f, at, v)
  await expectValues(product.x, [46])
  await expectValues(product.y, [4])
  await expectValues(product.z, [6, -12])
})

test('a Hessian for each example, and the Jacobian of a Hessian', async () => {
  const f = (x: Tensor) => sum(sin(x))
  const h = vmap(hessian(f))(
    exact([
      [1, 2],
      [3, 4],
    ]),
  ) as Tensor
  await expectValues(h, [-Math.sin(1), 0, 0, -Math.sin(2), -Math.sin(3), 0, 0, -Math.sin(4)])
  const third = jacobian(hessian(f))(exact([1, 2])) as Tensor
  expect(third.shape).toEqual([2, 2, 2])
  await expectValues(third, [-Math.cos(1), 0, 0, 0, 0, 0, 0, -Math.cos(2)])
})

test('integers are refused', () => {
  expect(() => jacobian((x: Tensor) => x)(iota(2))).toThrow(/^jacobian: only floats have derivatives; pass integers as later/)
  expect(() => jacobian((_: Tensor) => iota(2))(exact(1))).toThrow(
    /^jacobian: only floats have derivatives; the function must return floats/,
  )
})

test('power has finite derivatives of all orders where base and exponent are 0', async () => {
  const f = ([x, y]: Tensor[]) => power(x, y)
  const blocks = hessian(f)([exact(0), exact(0)]) as Tensor[][]
  for (const block of blocks.flat()) await expectValues(block, [0])
  // ∂²/∂x∂y xʸ = xʸ⁻¹ (1 + y log x), also at y = 0.
  const [[xx, xy], [yx, yy]] = hessian(f)([exact(2), exact(0)]) as Tensor[][]
  await expectValues(xx, [0])
  await expectValues(xy, [0.5])
  await expectValues(yx, [0.5])
  await expectValues(yy, [Math.LN2 ** 2])
})
