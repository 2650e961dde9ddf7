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

test('a tangent unlike its primal is refused, and the place named', () => {
  const refused = () => jvp((x: Tensor) => x, [tensor([1, 2])], [tensor([1])])
  expect(refused).toThrow(ShapeError)
  expect(refused).toThrow(/^jvp: the tangent at '0' is float32 \[1\], where float32 \[2\] is expected \(at .*jvp\.test\.ts:\d+\)$/)
  expect(() => jvp((x: Tensor) => x, [tensor([1])], [exact([1])])).toThrow(/is float64 \[1\], where float32 \[1\] is expected/)
  const tree = { a: [exact(1), exact(2)] }
  const first = ({ a }: typeof tree) => a[0]
  expect(() => jvp(first, [tree], [{ a: [exact(1)] }])).toThrow(/the tangent has no tensor at '0\.a\.1', where float64 \[\] is expected/)
  expect(() => jvp(first, [tree], [{ ...tree, b: exact(1) } as never])).toThrow(/has float64 \[\] at '0\.b', where nothing is expected/)
})
