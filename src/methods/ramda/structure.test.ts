import { expect, test } from 'vitest'
import { ndarray } from '../../engine/index.ts'
import { groupLasso, l1, nuclearNorm } from './regularizer.ts'
import { structureReport } from './structure.ts'

const array = (shape: number[], values: number[]) => ndarray(Float32Array.from(values), shape, 'float32')

const params = {
  'layers.0.weight': array([2, 3], [1, 0, 0, 2, 0, 1e-30]),
  'layers.0.bias': array([2], [0, 0]),
  'layers.1.weight': array([1, 2, 1, 2], [0, 0, 5, 0]),
}

test('exact zeros only, by input', () => {
  const { layers, sparsity } = structureReport(params, groupLasso(1))
  expect(layers.map(({ path, groups, zeroCount, zeroGroups }) => ({ path, groups, zeroCount, zeroGroups }))).toEqual([
    { path: 'layers.0.weight', groups: 3, zeroCount: 1, zeroGroups: [1] },
    { path: 'layers.1.weight', groups: 2, zeroCount: 1, zeroGroups: [0] },
  ])
  // Two weights of six, two of four.
  expect(sparsity).toBeCloseTo(4 / 10, 15)
})

test('by output, by weight, and the same from a tree', () => {
  const nested = { layers: [{ weight: params['layers.0.weight'], bias: params['layers.0.bias'] }, { weight: params['layers.1.weight'] }] }
  expect(structureReport(params, groupLasso(1, { by: 'output' })).sparsity).toBe(0)
  expect(structureReport(params, l1(1)).sparsity).toBeCloseTo(6 / 10, 15)
  expect(structureReport(nested, l1(1))).toEqual(structureReport(params, l1(1)))
})

test('the low-rank level', () => {
  const rankOne = array(
    [3, 4],
    [1, 2, 3].flatMap((a) => [1, -1, 2, 0.5].map((b) => (a * b) / 3)),
  )
  const { layers, sparsity } = structureReport({ a: { weight: rankOne }, b: { weight: array([2, 2], [0, 0, 0, 0]) } }, nuclearNorm(1))
  expect(layers.map(({ rank, zeroCount }) => [rank, zeroCount])).toEqual([
    [1, 2],
    [0, 2],
  ])
  expect(sparsity).toBeCloseTo(4 / 5, 15)
})

test('nothing to regularize', () => {
  expect(structureReport({ bias: array([1], [1]) }, groupLasso(1))).toEqual({ layers: [], sparsity: 0 })
})
