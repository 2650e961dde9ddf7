import { expect, test } from 'vitest'
import { trace } from '../graph/trace.ts'
import {
  add,
  cumsum,
  evaluate,
  grad,
  hostCall,
  iota,
  jit,
  jvp,
  matmul,
  mul,
  reference,
  type ScanOptions,
  scan,
  sin,
  square,
  sum,
  type Tensor,
  tanh,
  vmap,
  zeros,
} from '../index.ts'
import { exact, expectValues } from '../testing/values.ts'

const counts = { unroll: 0 }
const running = (x: Tensor, options: ScanOptions = {}) =>
  scan(
    (total: Tensor, next: Tensor) => {
      const carry = add(total, next)
      return { carry, output: carry }
    },
    zeros([], 'float64'),
    x,
    options,
  )

test.each([{ unroll: 0 }, { unroll: 16 }])('running sums, either way: cumsum is the oracle (%o)', async (options) => {
  const x = exact([1, 2, 3, 4])
  await expectValues(running(x, options).outputs, [1, 3, 6, 10])
  await expectValues(running(x, options).carry, [10])
  await expectValues(running(x, { ...options, reverse: true }).outputs, [10, 9, 7, 4])
  await expectValues(jit((y: Tensor) => running(y, { ...options, reverse: true }).outputs)(x), [10, 9, 7, 4])
  const weights = exact([1, 10, 100, 1000])
  const loss = (run: (x: Tensor) => Tensor) => (y: Tensor) => sum(mul(run(y), weights))
  const [expected] = reference(grad(loss((y) => cumsum(y)))(x))
  await expectValues(grad(loss((y) => running(y, options).outputs))(x), [...expected.data])
})

test('a short scan is written out, a long one is one node', () => {
  const nodes = (length: number, options: ScanOptions = {}) =>
    trace((x: Tensor) => running(x, options).outputs, [zeros([length], 'float64')]).outputs[0].inputs[0].primitive.name
  expect(nodes(16)).not.toBe('scan')
  expect(nodes(17)).toBe('scan')
  expect(nodes(3, { unroll: 2 })).toBe('scan')
})

test('derivatives agree with the scan written out, in all modes, nested and mapped', async () => {
  const w = exact([
    [0.5, -0.3],
    [0.2, 0.4],
  ])
  const x = exact([
    [1, 2],
    [-1, 0.5],
    [0.3, 0.1],
  ])
  const loss = (options: ScanOptions) => (weights: Tensor) => {
    const step = (h: Tensor, input: Tensor) => {
      const carry = tanh(add(matmul(h, weights), input))
      return { carry, output: sin(carry) }
    }
    const { carry, outputs } = scan(step, exact([0.1, 0.2]), x, options)
    return add(sum(square(carry)), sum(outputs))
  }
  const t = exact([
    [1, 0.5],
    [-1, 2],
  ])
  const derivatives = (f: (weights: Tensor) => Tensor) => [
    f(w),
    grad(f)(w),
    jvp(f, [w], [t]).tangent,
    jvp(grad(f), [w], [t]).tangent,
    grad((v: Tensor) => sum(mul(grad(f)(v), t)))(w),
    vmap(grad(f))(
      exact([
        [
          [1, 2],
          [3, 4],
        ],
        [
          [0, 1],
          [1, 0],
        ],
      ] as never),
    ),
    grad((v: Tensor) => sum(vmap(f)(mul(v, exact([[[1]], [[2]]] as never)))))(w),
  ]
  const expected = reference(derivatives(loss({})))
  for (const options of [counts, { unroll: 0, checkpoint: true }]) {
    const actual = derivatives(loss(options))
    await evaluate(actual)
    for (const [i, y] of actual.entries()) await expectValues(y, [...expected[i].data], 1e-9)
  }
})

test('a scan inside a scan', async () => {
  const outer = (x: Tensor) =>
    sum(scan((c: Tensor, row: Tensor) => ({ carry: mul(c, running(row, counts).carry), output: c }), exact(1), x, counts).carry)
  const x = exact([
    [1, 2],
    [3, 4],
  ])
  await expectValues(outer(x), [21])
  await expectValues(grad(outer)(x), [7, 7, 3, 3])
})

test('no inputs, no outputs, no steps', async () => {
  const double = (c: Tensor) => ({ carry: mul(c, 2), output: c })
  const { carry, outputs } = scan(double, exact(1), [], { length: 20 })
  await expectValues(carry, [2 ** 20])
  expect(outputs.shape).toEqual([20])
  const none = running(zeros([0], 'float64'))
  await expectValues(none.carry, [0])
  expect(none.outputs.shape).toEqual([0])
})

test('a step that calls the host is written out', async () => {
  const halve = (x: Tensor) => hostCall(([a]) => [{ ...a, data: a.data.map((v) => v / 2) }], [x], { name: 'halve', results: [x] })[0]
  const { carry } = scan((c: Tensor) => ({ carry: halve(c), output: [] }), exact(2 ** 20), [], { length: 20 })
  await expectValues(carry, [1])
})

test('what does not fit is refused, and the place named', () => {
  const step = (h: { a: Tensor }, x: Tensor) => ({ carry: { a: mul(h.a, x) }, output: x })
  expect(() => scan(step, { a: exact(1) }, exact([[1, 2]]))).toThrow(
    /^scan: the next carry at 'a' is float64 \[2\], where float64 \[\] is expected/,
  )
  expect(() => scan(() => ({ carry: {} as { a: Tensor }, output: 0 }), { a: exact(1) }, exact([1]))).toThrow(
    /the next carry has no tensor at 'a'/,
  )
  expect(() => scan(step, { a: exact(1) }, exact(1))).toThrow(/scan: an input has no axis to go along/)
  expect(() => scan(step as never, { a: exact(1) }, [])).toThrow(/scan: without inputs it needs a length; give \{ length \}/)
  expect(() => scan(step as never, { a: exact(1) }, [exact([1]), iota(2)])).toThrow(/different numbers of steps: 1, 2/)
})
