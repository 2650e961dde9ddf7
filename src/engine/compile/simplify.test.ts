import { expect, test } from 'vitest'
import { trace } from '../graph/trace.ts'
import {
  add,
  broadcastTo,
  concat,
  div,
  matmul,
  mul,
  neg,
  reference,
  reshape,
  scalar,
  stopGradient,
  sub,
  type Tensor,
  transpose,
  where,
  zeros,
} from '../index.ts'
import { Tensor as Handle } from '../tensor.ts'
import { exact } from '../testing/values.ts'
import { simplify } from './simplify.ts'

const simple = (fn: (x: Tensor) => Tensor, x: Tensor) => {
  const { parameters, outputs } = trace(fn, [x])
  return { node: simplify(outputs)[0], parameter: parameters[0] }
}
const cube = exact([
  [1, 2, 3],
  [4, 5, 6],
])

test.each<[string, (x: Tensor) => Tensor]>([
  ['adding 0', (x) => add(0, add(x, 0))],
  ['subtracting 0', (x) => sub(x, 0)],
  ['multiplying by 1', (x) => mul(1, mul(x, 1))],
  ['dividing by 1', (x) => div(x, 1)],
  ['negating twice', (x) => neg(neg(x))],
  ['stopping gradients', stopGradient],
  ['transposing there and back', (x) => transpose(transpose(x))],
  ['reshaping there and back', (x) => reshape(reshape(x, [6]), [2, 3])],
])('%s disappears', (_, fn) => {
  const { node, parameter } = simple(fn, cube)
  expect(node).toBe(parameter)
})

test('what has an effect stays: a number that is not neutral, a repetition that makes the shape', () => {
  expect(simple((x) => sub(0, x), cube).node.primitive.name).toBe('sub')
  expect(simple((x) => div(1, x), cube).node.primitive.name).toBe('div')
  expect(simple((x) => mul(x, 0), cube).node.primitive.name).toBe('mul')
  const repeated = simple((x) => mul(broadcastTo(x, [4, 2, 3]), scalar(2, 'float64')), cube).node
  expect(repeated.shape).toEqual([4, 2, 3])
})

test('an operation repeats its operands itself', () => {
  const { node, parameter } = simple((x) => add(x, broadcastTo(exact([1, 2, 3]), [2, 3])), cube)
  expect(node.inputs[0]).toBe(parameter)
  expect(node.inputs[1].primitive.name).toBe('data')
  expect(node.shape).toEqual([2, 3])
})

test('simplified graphs mean the same', () => {
  const y = where(true, transpose(reshape(transpose(add(cube, zeros([2, 3], 'float64'))), [2, 3]), [1, 0]), 0)
  const [plain, simplified] = [y.node, simplify([y.node])[0]].map((node) => reference(new Handle(node))[0])
  expect(simplified).toEqual(plain)
})

test('the transpose of a product is the product of the transposes, where that saves a transpose', () => {
  const other = exact([
    [1, 0, 2, -1],
    [3, 5, 0, 4],
  ])
  const gradient = (x: Tensor) => transpose(matmul(transpose(x), other))
  expect(simple(gradient, cube).node.primitive.name).toBe('matmul')
  const y = gradient(cube)
  const [plain, simplified] = [y.node, simplify([y.node])[0]].map((node) => reference(new Handle(node))[0])
  expect(simplified).toEqual(plain)
})

test('the transpose of a product that is needed itself stays', () => {
  const { node } = simple((x) => {
    const product = matmul(transpose(x), x)
    return concat([product, transpose(product)])
  }, cube)
  expect(node.inputs[1].primitive.name).toBe('transpose')
})
