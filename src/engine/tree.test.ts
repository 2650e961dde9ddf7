import { expect, test } from 'vitest'
import { InputError, leaves, leavesWithPaths, mapTree, tensor, unflatten, zipTrees } from './index.ts'

const tree = { layers: [{ w: 1, b: 2 }, { w: 3 }], name: 'net', nothing: undefined }

test('leaves come in order, with dotted paths; undefined is no leaf', () => {
  expect(leaves(tree)).toEqual([1, 2, 3, 'net'])
  expect(leavesWithPaths(tree).map(([path]) => path)).toEqual(['layers.0.w', 'layers.0.b', 'layers.1.w', 'name'])
  expect(leavesWithPaths(5)).toEqual([['', 5]])
  expect(leaves([])).toEqual([])
  expect(leaves(null)).toEqual([null])
})

test('class instances are leaves', () => {
  const x = tensor([1])
  const date = new Date(0)
  expect(leaves({ x, date })).toEqual([x, date])
})

test('mapTree keeps the structure and knows the paths', () => {
  expect(mapTree(tree, (leaf, path) => `${path}=${leaf}`)).toEqual({
    layers: [{ w: 'layers.0.w=1', b: 'layers.0.b=2' }, { w: 'layers.1.w=3' }],
    name: 'name=net',
    nothing: undefined,
  })
})

test('zipTrees combines leaves, and names where structures part', () => {
  const add = (a: number, b: number) => a + b
  expect(
    zipTrees(
      [
        { a: 1, b: [2] },
        { a: 10, b: [20] },
      ],
      add,
    ),
  ).toEqual({ a: 11, b: [22] })
  expect(() =>
    zipTrees(
      [
        { a: 1, b: 2 },
        { a: 1, c: 2 },
      ],
      add,
    ),
  ).toThrow(InputError)
  expect(() =>
    zipTrees(
      [
        { a: 1, b: 2 },
        { a: 1, c: 2 },
      ],
      add,
    ),
  ).toThrow(/'b' against 'c'/)
  expect(() => zipTrees([{ a: 1 }, { a: 1, c: 2 }], add)).toThrow(/structure/)
  expect(() => zipTrees([{ a: 1, c: 2 }, { a: 1 }], add)).toThrow(/'c' against 'undefined'/)
})

test('unflatten undoes leaves', () => {
  expect(unflatten({ a: 0, b: [0, 0] }, [1, 2, 3])).toEqual({ a: 1, b: [2, 3] })
})
