import { expect, test } from 'vitest'
import { add, compileStep, cumsum, InputError, mean, mul, scalar, snapshot, sum, type Tensor, tensor, zeros } from '../index.ts'
import { compileStatistics } from '../inspect/index.ts'
import { exact, expectValues } from '../testing/values.ts'

const accumulate = () => compileStep((state: Tensor, x: Tensor) => ({ state: add(state, x), output: { total: sum(state) } }))

test('each step starts from the state that the last one returned', async () => {
  const step = accumulate()
  let state = exact([0, 0])
  const totals: number[] = []
  for (let i = 0; i < 7; i++) {
    const { state: next, output } = await step(state, exact([1, 2]))
    state = next
    totals.push(await output.total.item())
  }
  await expectValues(state, [7, 14])
  expect(totals).toEqual([0, 3, 6, 9, 12, 15, 18])
})

test('states lie in two sets of buffers in turn; the first, which is the caller’s, is never written', async () => {
  const step = accumulate()
  const mine = Float64Array.of(5, 6)
  let state = tensor(mine)
  const buffers: unknown[] = []
  const one = exact([1, 1])
  for (let i = 0; i < 6; i++) {
    ;({ state } = await step(state, one))
    buffers.push(await state.data())
  }
  expect([...mine]).toEqual([5, 6])
  expect(new Set(buffers).size).toBe(2)
  for (let i = 2; i < 6; i++) expect(buffers[i]).toBe(buffers[i - 2])
  expect(buffers).not.toContain(mine)
})

test('a state is written again two steps later; a snapshot is not', async () => {
  const step = accumulate()
  const one = exact([1, 1])
  const { state: first } = await step(exact([0, 0]), one)
  const kept = await snapshot({ first, label: 'kept' })
  const memory = await first.data()
  const { state: second } = await step(first, one)
  expect([...memory]).toEqual([1, 1])
  const { state: third } = await step(second, one)
  expect([...memory]).toEqual([3, 3])
  expect(await third.data()).toBe(memory)
  await expectValues(kept.first, [1, 1])
  expect(kept.label).toBe('kept')
})

test('a state that is passed on unchanged, or exchanged, keeps its numbers', async () => {
  const step = compileStep(({ a, b, fixed }: { a: Tensor; b: Tensor; fixed: Tensor }) => ({
    state: { a: b, b: add(a, fixed), fixed },
    output: {},
  }))
  let state = { a: exact([1]), b: exact([10]), fixed: exact([100]) }
  for (let i = 0; i < 6; i++) ({ state } = await step(state))
  await expectValues(state.a, [301])
  await expectValues(state.b, [310])
  await expectValues(state.fixed, [100])
})

test('a restored state continues as if nothing had happened', async () => {
  const step = compileStep((state: Tensor) => ({ state: add(mul(state, 1.5), 1), output: state }))
  let state = exact([1])
  for (let i = 0; i < 3; i++) ({ state } = await step(state))
  const saved = await snapshot(state)
  const after: number[] = []
  for (let i = 0; i < 3; i++) {
    ;({ state } = await step(state))
    after.push(await state.item())
  }
  let again = saved
  for (let i = 0; i < 3; i++) {
    ;({ state: again } = await step(again))
    expect(await again.item()).toBe(after[i])
  }
  await expectValues(saved, [8.125])
})

test('arguments and outputs are never overwritten', async () => {
  const step = compileStep((state: Tensor, x: Tensor) => ({ state: add(state, x), output: { state, x } }))
  let state = exact([0])
  const x = exact([1])
  const outputs: Tensor[] = []
  for (let i = 0; i < 5; i++) {
    const result = await step(state, x)
    state = result.state
    outputs.push(result.output.state)
  }
  await expectValues(x, [1])
  for (const [i, output] of outputs.entries()) await expectValues(output, [i])
})

test('the last state may be used twice, and an older one be an argument', async () => {
  const step = compileStep((state: Tensor, other: Tensor) => ({ state: add(cumsum(state), cumsum(other)), output: {} }))
  const zero = exact([0, 0, 0])
  const { state: first } = await step(exact([1, 1, 1]), zero)
  const { state: second } = await step(first, zero)
  await expectValues(second, [1, 3, 6])
  const { state: again } = await step(first, zero)
  await expectValues(again, [1, 3, 6])
  const { state: third } = await step(again, first)
  await expectValues(third, [2, 7, 16])
})

test('two equal parts of a state have memory of their own', async () => {
  const step = compileStep(({ a }: { a: Tensor; b: Tensor }) => ({ state: { a: add(a, 1), b: add(a, 1) }, output: {} }))
  let state = { a: exact([0]), b: exact([0]) }
  for (let i = 0; i < 4; i++) ({ state } = await step(state))
  await expectValues(state.a, [4])
  await expectValues(state.b, [4])
  expect(await state.a.data()).not.toBe(await state.b.data())
})

test('a state computed lazily is computed first', async () => {
  const { state } = await accumulate()(add(zeros([2], 'float64'), 1), exact([1, 2]))
  await expectValues(state, [2, 3])
})

test('a next state unlike the state is refused, and the difference named', async () => {
  const grows = compileStep((state: { w: Tensor }) => ({ state: { w: add(state.w, exact([1, 2])) }, output: {} }))
  await expect(grows({ w: scalar(0, 'float64') })).rejects.toThrow(InputError)
  await expect(grows({ w: scalar(0, 'float64') })).rejects.toThrow(
    /next state is not like the state.*w=float64\[\] became .*w=float64\[2\]/,
  )
  const renames = compileStep((state: { w: Tensor }) => ({ state: { v: state.w } as never, output: {} }))
  await expect(renames({ w: exact(0) })).rejects.toThrow(/w=.* became .*v=/)
})

test('a ragged last batch costs one more compilation, once', async () => {
  const step = compileStep((state: Tensor, x: Tensor) => ({ state: add(mul(state, 0.9), mean(x)), output: { total: sum(x) } }))
  const before = compileStatistics.compiled
  let state = exact(0)
  let expected = 0
  for (let epoch = 0; epoch < 3; epoch++) {
    for (const batch of [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [9, 10],
    ]) {
      ;({ state } = await step(state, exact(batch)))
      expected = 0.9 * expected + batch.reduce((a, b) => a + b) / batch.length
    }
  }
  await expectValues(state, [expected])
  expect(compileStatistics.compiled - before).toBe(2)
})
