import { expect, test } from 'vitest'
import { cast, evaluate, grad, InputError, iota, mul, ones, select, square, sum, type Tensor, tensor, valueAndGrad, vjp } from '../index.ts'
import { exact, expectValues } from '../testing/values.ts'

test('gradients have the structure of the first argument', async () => {
  const params = { layers: [{ w: exact([1, 2]) }, { w: exact([3, 4]) }], scale: exact(2) }
  const loss = (p: typeof params, x: Tensor) => mul(p.scale, sum(mul(mul(p.layers[0].w, p.layers[1].w), x)))
  const { value, gradient, aux } = await evaluate(valueAndGrad(loss)(params, exact([1, 10])))
  expect(aux).toBeUndefined()
  await expectValues(value, [166])
  await expectValues(gradient.layers[0].w, [6, 80])
  await expectValues(gradient.layers[1].w, [2, 40])
  await expectValues(gradient.scale, [83])
})

test('what does not reach the scalar has gradient zero', async () => {
  const { a, b } = grad((p: { a: Tensor; b: Tensor }) => sum(p.a))({ a: exact([1, 2]), b: exact([[3]]) })
  await expectValues(a, [1, 1])
  await expectValues(b, [0])
  expect(b.shape).toEqual([1, 1])
  await expectValues(grad((x: Tensor) => x)(exact(5)), [1])
})

test('a scalar with something beside it', async () => {
  const { value, gradient, aux } = valueAndGrad((x: Tensor) => [sum(square(x)), { doubled: mul(x, 2) }] as const)(exact([1, 3]))
  await expectValues(value, [10])
  await expectValues(gradient, [2, 6])
  await expectValues(aux.doubled, [2, 6])
  // The scalar itself may be passed on too.
  const same = valueAndGrad((x: Tensor) => {
    const loss = sum(square(x))
    return [loss, { loss, x }] as const
  })(exact([1, 3]))
  await expectValues(same.gradient, [2, 6])
  await expectValues(same.aux.loss, [10])
  await expectValues(same.aux.x, [1, 3])
})

test('a pullback can be called again and again', async () => {
  const { value, pullback } = vjp((x: Tensor, y: Tensor) => ({ product: mul(x, y), x }), exact([1, 2]), exact([3, 4]))
  await expectValues(value.product, [3, 8])
  const [dx, dy] = pullback({ product: ones([2], 'float64'), x: exact([10, 20]) })
  await expectValues(dx, [13, 24])
  await expectValues(dy, [1, 2])
  const [again] = pullback({ product: exact([0, 1]), x: exact([0, 0]) })
  await expectValues(again, [0, 4])
})

test('a cotangent unlike the value is refused, and the place named', () => {
  const { pullback } = vjp((x: Tensor) => ({ double: mul(x, 2), total: sum(x) }), exact([1, 2]))
  expect(() => pullback({ double: ones([2], 'float64') } as never)).toThrow(
    /^vjp: the cotangent has no tensor at 'total', where float64 \[\]/,
  )
  expect(() => pullback({ double: exact(1), total: exact(1) })).toThrow(/the cotangent at 'double' is float64 \[\], where float64 \[2\]/)
})

test('what cannot be differentiated is refused, with the reason', () => {
  expect(() => grad((x: Tensor) => sum(x))(iota(3))).toThrow(/grad: only floats have derivatives.*int32 \[3\]/)
  expect(() => grad((x: Tensor) => square(x))(exact([1, 2]))).toThrow(/grad: the function must return a float scalar; given float64 \[2\]/)
  expect(() => grad((x: Tensor) => cast(sum(x), 'int32'))(exact([1, 2]))).toThrow(/float scalar; given int32/)
  expect(() => grad((() => 3) as never)(exact([1, 2]) as never)).toThrow(InputError)
})

test('integers inside a differentiated function cut the derivative', async () => {
  const f = (x: Tensor) => sum(mul(x, cast(cast(x, 'int32'), 'float64')))
  await expectValues(grad(f)(exact([1.5, -2.5])), [1, -2])
  await expectValues(grad((x: Tensor) => select(x, 1))(tensor([1, 2, 3])), [0, 1, 0])
})
