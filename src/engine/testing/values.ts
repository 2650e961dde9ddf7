import { expect } from 'vitest'
import { evaluate, type Tensor, tensor } from '../index.ts'

/** A float64 tensor from nested numbers. */
export const exact = (values: number | readonly number[] | readonly (readonly number[])[]): Tensor => tensor(values, { dtype: 'float64' })

/** The elements of each tensor, computed together. */
export async function valuesOf(tensors: readonly Tensor[]): Promise<number[][]> {
  await evaluate(tensors)
  return Promise.all(tensors.map(async (x) => [...(await x.data())]))
}

/** Elements near those expected: relative to the larger of 1 and the element. */
export async function expectValues(x: Tensor, expected: readonly number[], tolerance = 1e-10): Promise<void> {
  const [actual] = await valuesOf([x])
  expect(actual.length).toBe(expected.length)
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i]), `element ${i}: ${value} against ${expected[i]}`).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(expected[i])),
    )
  })
}
