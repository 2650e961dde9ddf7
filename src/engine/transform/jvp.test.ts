import { expect, test } from 'vitest'
import { iota, jvp, mul, ShapeError, sum, type Tensor, tensor } from '../index.ts'
import { exact, expectValues } from '../testing/values.ts'

test('value and tangent of a function of trees', async () => {
  const f = ({ a, b }: { a: Tensor; b: Tensor }) => ({ product: mul(a, b), total: sum(a) })
  const { value, tangent } = jvp(f, [{ a: exact([1, 2]), b: exact([3, 4]) }], [{ a: exact([1, 0]), b: exact([0, 1]) }])
  await expectValues(value.product, [3, 8])
  await expectValues(tangent.product, [3, 2])
  await expectValues(tangent.total, [1])
})

test('integers have no tangent; theirs is ignored', async () => {
  const { tangent } = jvp((x: Tensor, n: Tensor) => [mul(x, 2), n], [exact([1]), iota(2)], [exact([3]), iota(2)])
  await expectValues(tangent[0], [6])
  await expectValues(tangent[1], [0, 0])
})

test('a tangent unlike its primal is refused', () => {
  const refused = () => jvp((x: Tensor) => x, [tensor([1, 2])], [tensor([1])])
  expect(refused).toThrow(ShapeError)
  expect(refused).toThrow(/jvp: a tangent must have the shape and dtype of its primal; given float32 \[2\] and float32 \[1\]/)
  expect(() => jvp((x: Tensor) => x, [tensor([1])], [exact([1])])).toThrow(/float32 \[1\] and float64 \[1\]/)
})
