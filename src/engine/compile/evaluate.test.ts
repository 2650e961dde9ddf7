import { expect, test } from 'vitest'
import {
  add,
  evaluate,
  expm1,
  grad,
  InputError,
  isFiniteNumber,
  jit,
  less,
  log1p,
  logSoftmax,
  logSumExp,
  matmul,
  max,
  maximum,
  minimum,
  mul,
  norm,
  ones,
  reference,
  relu,
  reshape,
  ShapeError,
  sigmoid,
  softmax,
  softplus,
  sqrt,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  vmap,
  where,
  whileLoop,
} from '../index.ts'
import { compileStatistics, printGraph } from '../inspect/index.ts'
import { exact, expectValues, valuesOf } from '../testing/values.ts'

test('a shape error names the operation, the shapes, the dtypes and this file’s line', () => {
  const wrong = () => add(ones([2, 3]), ones([4]))
  expect(wrong).toThrow(ShapeError)
  expect(wrong).toThrow(
    /^add: shapes do not broadcast; given float32 \[2, 3\] and float32 \[4\] \(at .*src\/engine\/compile\/evaluate\.test\.ts:\d+\)$/,
  )
  const line = Number(/evaluate\.test\.ts[^:]*:(\d+)/.exec(new Error('here').stack!)![1]) + 1
  expect(() => matmul(ones([2, 3]), ones([4, 5]))).toThrow(
    new RegExp(`^matmul: inner extents 3 and 4 differ.*evaluate\\.test\\.ts:${line}\\)$`),
  )
  expect(() => add(ones([2]), exact([1, 2]))).toThrow(/^add: dtypes differ; cast one of them; given float32 \[2\] and float64 \[2\]/)
  expect(() => reshape(ones([2, 3]), [4, -1])).toThrow(/^reshape: cannot become \[4, -1\]; given float32 \[2, 3\]/)
  expect(() => sum(ones([2]), { axes: 1 })).toThrow(/^sum: there is no axis 1; given float32 \[2\]/)
  expect(() => add(tensor([1, 2], { dtype: 'int32' }), 0.5)).toThrow(/^add: the number 0.5 is no int32/)
  expect(() => max(ones([2, 0]))).toThrow(/^max: an empty axis has no largest element; given float32 \[2, 0\]/)
  expect(() => tensor([[1, 2], [3]])).toThrow(/^tensor: nested arrays are ragged/)
})

test('a value asked for inside a traced function is the user’s error, and says where', async () => {
  let asked: Promise<unknown> | undefined
  grad((x: Tensor) => {
    const y = mul(x, x)
    asked = y.item()
    return y
  })(exact(1))
  await expect(asked).rejects.toThrow(InputError)
  await expect(asked).rejects.toThrow(/inside a function that is being traced.*return the tensor/)
  const asynchronous = jit(async (x: Tensor) => x)
  expect(() => asynchronous(exact(1))).toThrow(/jit: the function must not be async/)
})

test('structurally equal graphs share a session', async () => {
  const f = (x: Tensor) => mul(add(x, 0.123), sub(x, 0.456))
  await f(exact([1, 2])).data()
  const { compiled, reused } = compileStatistics
  await f(exact([3, 4])).data()
  await jit(f)(exact([5, 6])).data()
  expect(compileStatistics.compiled).toBe(compiled)
  expect(compileStatistics.reused).toBeGreaterThan(reused)
  await f(exact([1, 2, 3])).data()
  expect(compileStatistics.compiled).toBe(compiled + 1)
})

test('loops with different bodies do not share a session', async () => {
  const count = (by: number) =>
    whileLoop(
      (n: Tensor) => less(n, 5),
      (n) => add(n, by),
      exact(0),
      { maxIterations: 10 },
    )
  await expectValues(count(1), [5])
  await expectValues(count(2), [6])
  await expectValues(count(3), [6])
})

test('jit traces once for each signature', async () => {
  let traces = 0
  const f = jit((x: Tensor, options: { power: number }) => {
    traces++
    return options.power === 2 ? mul(x, x) : x
  })
  await expectValues(f(exact([2, 3]), { power: 2 }), [4, 9])
  await expectValues(f(exact([4, 5]), { power: 2 }), [16, 25])
  expect(traces).toBe(1)
  await expectValues(f(exact([4, 5]), { power: 1 }), [4, 5])
  await expectValues(f(exact([4]), { power: 2 }), [16])
  expect(traces).toBe(3)
})

test('jit reads captured host buffers at every run', async () => {
  const memory = Float64Array.of(1, 2)
  const captured = tensor(memory)
  const f = jit((x: Tensor) => mul(x, captured))
  await expectValues(f(exact([10, 10])), [10, 20])
  memory[0] = 7
  await expectValues(f(exact([10, 11])), [70, 22])
})

test('compiled functions compose with what lies around them', async () => {
  const f = jit((x: Tensor) => ({ double: mul(x, 2), half: mul(x, 0.5) }))
  const { double, half } = f(add(exact([1, 2]), 1))
  const again = f(add(double, half))
  const [a, b] = await valuesOf([again.double, sub(again.half, 1)])
  expect(a).toEqual([10, 15])
  expect(b).toEqual([1.5, 2.75])
})

test('a result that is an argument, a constant, or twice the same', async () => {
  const f = jit((x: Tensor) => ({ x, again: x, one: ones([2], 'float64'), sum: sum(x), same: sum(x) }))
  const { x, again, one, sum: total, same } = await evaluate(f(exact([3, 4])))
  for (const [y, expected] of [
    [x, [3, 4]],
    [again, [3, 4]],
    [one, [1, 1]],
    [total, [7]],
    [same, [7]],
  ] as const)
    await expectValues(y, expected)
})

test('NaN wins in max, maximum, minimum and relu; infinities pass', async () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number
  for (const dtype of ['float32', 'float64'] as const) {
    const x = tensor([1, nan, -inf, inf], { dtype })
    const flat = tensor([0, 0, 0, 0], { dtype })
    const cases: [Tensor, number[]][] = [
      [max(x), [nan]],
      [max(tensor([-inf, -inf], { dtype })), [-inf]],
      [maximum(x, flat), [1, nan, 0, inf]],
      [maximum(flat, x), [1, nan, 0, inf]],
      [minimum(x, flat), [0, nan, -inf, 0]],
      [minimum(flat, x), [0, nan, -inf, 0]],
      [relu(x), [1, nan, 0, inf]],
      [where(tensor([true, false, true, false]), x, flat), [1, 0, -inf, 0]],
      [sum(x), [nan]],
      [sqrt(tensor([-1, inf, 0], { dtype })), [nan, inf, 0]],
      [softplus(tensor([-1000, 1000, inf, -inf, nan], { dtype })), [0, 1000, inf, 0, nan]],
      [log1p(tensor([-1, inf, -2, 0], { dtype })), [-inf, inf, nan, 0]],
      [expm1(tensor([-1000, 1000, -inf, inf, 0], { dtype })), [-1, inf, -1, inf, 0]],
      [sigmoid(tensor([-1000, 1000, nan], { dtype })), [0, 1, nan]],
      [tanh(tensor([-1000, 1000, nan], { dtype })), [-1, 1, nan]],
      [softmax(tensor([1000, 0, -1000], { dtype })), [1, 0, 0]],
      [softmax(tensor([-inf, 0, 0], { dtype })), [0, 0.5, 0.5]],
      [logSoftmax(tensor([1000, 0], { dtype })), [0, -1000]],
      [logSumExp(tensor([1000, 1000], { dtype })), [1000 + Math.LN2]],
      [logSumExp(tensor([-inf, -inf], { dtype })), [-inf]],
      [logSumExp(tensor([inf, 1], { dtype })), [inf]],
      [norm(tensor([0, 0], { dtype })), [0]],
      [norm(tensor([0, nan], { dtype })), [nan]],
    ]
    const oracle = cases.map(([y]) => [...reference(y)[0].data])
    const values = await valuesOf(cases.map(([y]) => y))
    cases.forEach(([, expected], i) => {
      for (const [name, actual] of [
        ['reference', oracle[i]],
        ['runtime', values[i]],
      ] as const) {
        actual.forEach((value, k) => {
          const near =
            Object.is(value, expected[k]) || value === expected[k] || Math.abs(value - expected[k]) <= 1e-6 * Math.abs(expected[k])
          expect(near, `case ${i} in ${dtype}, ${name}: element ${k} is ${value}, not ${expected[k]}`).toBe(true)
        })
      }
    })
    const finite = isFiniteNumber(x)
    expect(await finite.array()).toEqual([true, false, false, false])
  }
})

test('derivatives where functions bend: the conventions that are documented', async () => {
  await expectValues(grad((x: Tensor) => sum(relu(x)))(exact([-1, 0, 2])), [0, 0, 1])
  await expectValues(grad((x: Tensor) => max(x))(exact([3, 1, 3])), [0.5, 0, 0.5])
  await expectValues(grad((x: Tensor) => sum(maximum(x, 1)))(exact([0, 1, 2])), [0, 0.5, 1])
  await expectValues(grad((x: Tensor) => norm(x))(exact([0, 0])), [0, 0])
  await expectValues(grad((x: Tensor) => sum(where(less(0, x), sqrt(where(less(0, x), x, 1)), 0)))(exact([-1, 4])), [0, 0.25])
})

test('large and tiny numbers keep their magnitude', async () => {
  await expectValues(log1p(exact([1e-12, 1e-300])), [1e-12, 1e-300], 1e-24)
  await expectValues(expm1(exact([1e-12, 1e-300])), [1e-12, 1e-300], 1e-24)
  await expectValues(mul(exact([1e200]), exact([1e-200])), [1])
})

test('the reference does not pass the runtime’s numbers off as its own', async () => {
  const y = mul(tensor([0.1]), 3)
  const [exactly] = reference(y)[0].data
  expect(exactly).not.toBe(Math.fround(exactly))
  await evaluate(y)
  expect(reference(y)[0].data[0]).toBe(exactly)
  expect(reference(add(y, 1))[0].data[0]).toBe(1 + Math.fround(exactly))
  expect(() => reference(y)).toThrow(/^reference: a value that the runtime has computed has forgotten its history; call reference before/)
})

test('a deep chain neither overflows the stack nor loses anything', async () => {
  let x = exact(0)
  for (let i = 0; i < 3000; i++) x = add(x, 1)
  expect(reference(x)[0].data[0]).toBe(3000)
  await expectValues(x, [3000])
})

test('a graph prints one line a node', () => {
  const lines = printGraph((x: Tensor) => mul(add(x, 1), 3), [exact([1, 2])]).split('\n')
  expect(lines[0]).toBe('function (in0: float64[2])')
  expect(lines.filter((line) => /= (add|mul)\(/.test(line)).length).toBe(2)
  expect(lines.at(-1)).toMatch(/return %\d+$/)
  expect(vmap((x: Tensor) => x)(exact([1])).toString()).toMatch(/^Tensor float64 \[1\]/)
})
