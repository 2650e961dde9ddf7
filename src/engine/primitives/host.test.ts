import { expect, test } from 'vitest'
import {
  add,
  grad,
  type HostFunction,
  hostCall,
  InputError,
  jit,
  jvp,
  mul,
  neg,
  reference,
  square,
  stopGradient,
  sum,
  type Tensor,
  vmap,
} from '../index.ts'
import { exact, expectValues } from '../testing/values.ts'

const ascending: HostFunction = ([a]) => [{ ...a, data: a.data.slice().sort() }]
const sorted = (x: Tensor): Tensor => hostCall(ascending, [x], { name: 'sort', results: [x] })[0]

const squareOnHost = (x: Tensor): Tensor =>
  hostCall(([a]) => [{ ...a, data: a.data.map((value) => value * value) }], [x], {
    name: 'square',
    results: [x],
    jvp: ({ inputs }, [t]) => [t && mul(mul(t, inputs[0]), 2)],
    vjp: ({ inputs }, [ct]) => [ct && mul(mul(ct, inputs[0]), 2)],
  })[0]

test('cuts the program into segments: before, between and after the calls', async () => {
  const f = (x: Tensor) => add(mul(sorted(neg(sorted(mul(x, 2)))), 10), x)
  await expectValues(f(exact([1, 3, 2])), [-59, -37, -18])
  await expectValues(jit(f)(exact([1, 3, 2])), [-59, -37, -18])
  expect([...reference(f(exact([1, 3, 2])))[0].data]).toEqual([-59, -37, -18])
  await expectValues(sorted(exact([2, 1])), [1, 2])
})

test('several results, some unused', async () => {
  const [low, high] = hostCall(
    ([a]) => [
      { ...a, data: a.data.slice(0, 1), shape: [1] },
      { ...a, data: a.data.slice(1), shape: [2] },
    ],
    [exact([1, 2, 3])],
    {
      name: 'cut',
      results: [
        { shape: [1], dtype: 'float64' },
        { shape: [2], dtype: 'float64' },
      ],
    },
  )
  await expectValues(mul(high, 2), [4, 6])
  await expectValues(add(low, high), [3, 4])
})

test('mapped, it is called for each example', async () => {
  await expectValues(
    vmap(sorted)(
      exact([
        [2, 1],
        [4, 3],
      ]),
    ),
    [1, 2, 3, 4],
  )
})

test('derivatives come from its own rules', async () => {
  await expectValues(grad((x: Tensor) => sum(square(squareOnHost(x))))(exact([1, 2])), [4, 32])
  await expectValues(jvp(squareOnHost, [exact([3])], [exact([1])]).tangent, [6])
  await expectValues(grad((x: Tensor) => sum(vmap(squareOnHost)(x)))(exact([1, 2])), [2, 4])
  await expectValues(jvp(vmap(squareOnHost), [exact([1, 2])], [exact([1, 1])]).tangent, [2, 4])
  await expectValues(vmap(grad(squareOnHost))(exact([1, 2])), [2, 4])
})

test('without rules it says so', async () => {
  expect(() => grad((x: Tensor) => sum(sorted(x)))(exact([1]))).toThrow(InputError)
  expect(() => grad((x: Tensor) => sum(sorted(x)))(exact([1]))).toThrow(/hostCall 'sort' has no vjp derivative; give hostCall a vjp rule/)
  expect(() => jvp(sorted, [exact([1])], [exact([1])])).toThrow(/hostCall 'sort' has no jvp derivative/)
  await expectValues(grad((x: Tensor) => sum(mul(x, sorted(stopGradient(x)))))(exact([2, 1])), [1, 2])
})
