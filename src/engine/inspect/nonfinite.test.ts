import { expect, test } from 'vitest'
import { add, div, exp, grad, log, mul, relu, sqrt, sub, sum, type Tensor, tensor, valueAndGrad } from '../index.ts'
import { findNonFinite } from './nonfinite.ts'

test('a finite computation has no origin', async () => {
  expect(await findNonFinite((x: Tensor) => exp(x), [tensor([1, 2])])).toBeUndefined()
})

test('the first operation that makes NaN is named, not those that pass it on', async () => {
  const origin = await findNonFinite((x: Tensor) => sum(mul(add(sqrt(x), 1), 2)), [tensor([4, -1, -2])])
  expect(origin).toMatchObject({ operation: 'sqrt', dtype: 'float32', shape: [3], value: 'NaN', count: 2 })
  expect(origin!.line).toMatch(/nonfinite\.test\.ts:\d+$/)
})

test('infinities that are meant do not hide the NaN; without a NaN the first infinity is named', async () => {
  const masked = (x: Tensor) => sub(mul(x, Number.NEGATIVE_INFINITY), exp(mul(x, Number.POSITIVE_INFINITY)))
  expect(await findNonFinite(masked, [tensor([1, 1])])).toMatchObject({ operation: 'mul', value: 'Infinity' })
  expect(await findNonFinite((x: Tensor) => div(relu(log(x)), x), [tensor([0])])).toMatchObject({ operation: 'div', value: 'NaN' })
})

test('an operation of the backward pass bears the line of the operation it differentiates', async () => {
  const loss = (x: Tensor) => {
    const root = sqrt(x)
    return sum(mul(root, 0))
  }
  const at = Number(/:(\d+)$/.exec((await findNonFinite(loss, [tensor([-1])]))!.line!)![1])
  const origin = await findNonFinite(grad(loss), [tensor([0, 1])])
  expect(origin!.value).toBe('NaN')
  expect(origin!.line).toMatch(new RegExp(`nonfinite\\.test\\.ts:${at}$`))
})

test('a whole backward pass in one run', async () => {
  const origin = await findNonFinite(
    valueAndGrad((w: Tensor) => sum(log(relu(mul(w, 2))))),
    [tensor([1, -1])],
  )
  expect(origin).toMatchObject({ operation: 'log', value: 'Infinity', count: 1 })
})
