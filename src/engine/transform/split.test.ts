import { describe, expect, test } from 'vitest'
import { type NDArray, ndarray, sizeOf } from '../array.ts'
import { isFloat } from '../dtype.ts'
import { graphOf } from '../graph/closure.ts'
import { tensorsOf, trace } from '../graph/trace.ts'
import {
  add,
  checkpoint,
  exp,
  gather,
  matmul,
  mul,
  ones,
  reshape,
  sigmoid,
  softmax,
  sum,
  swapLast,
  type Tensor,
  tanh,
  tensor,
} from '../index.ts'
import { evaluateGraph } from '../reference/evaluate.ts'
import { type SplitOptions, type SplitVjp, splitVjp } from './split.ts'
import { vjp } from './vjp.ts'

/** A layer with whatever tends to go wrong: an argument read twice, forms of weights, an output that is kept, integers, an inner checkpoint. */
const layer = ({ w, b, table }: { w: Tensor; b: Tensor; table: Tensor }, x: Tensor, ids: Tensor) => {
  const h = add(matmul(x, swapLast(w)), b)
  const gate = mul(h, sigmoid(h))
  const mixed = softmax(matmul(reshape(gate, [4, 3]), gate))
  const inner = checkpoint((y: Tensor) => tanh(matmul(y, w)))
  return { y: exp(mul(inner(add(mixed, gather(table, ids))), 0.3)), total: sum(mul(h, x)) }
}
const like: Parameters<typeof layer> = [
  { w: ones([4, 4]), b: ones([4]), table: ones([5, 4]) },
  ones([3, 4]),
  tensor(Int32Array.of(0, 4, 2, 4), { dtype: 'int32' }),
]

/** Numbers between −1 and 1 in float64. */
const numbers = ({ shape, dtype }: Tensor, seed: number): NDArray =>
  ndarray(
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1 + seed * 7.3 + i * 1.7)),
    shape,
    dtype,
  )
const given = tensorsOf(like).map((x, i) => (isFloat(x.dtype) ? numbers(x, i) : x.node.value!))
const outputs = tensorsOf(layer(...like))
const cotangents = outputs.map((x, i) => numbers(x, 50 + i))

/** Runs one half after the other, in float64. */
function pull(split: SplitVjp): NDArray[] {
  const forward = evaluateGraph(split.forward, given)
  return evaluateGraph(split.backward, [...split.reads.map((i) => given[i]), ...split.kept.map((i) => forward[i]), ...cotangents])
}

/** The same by the vjp of the whole. */
function pullWhole(): NDArray[] {
  const floats = tensorsOf(like).filter(({ dtype }) => isFloat(dtype))
  const graph = graphOf(
    (...all) => {
      const [w, b, table, x, ...ct] = all
      const { pullback } = vjp((params: Parameters<typeof layer>[0], x: Tensor) => layer(params, x, like[2]), { w, b, table }, x)
      return tensorsOf(pullback({ y: ct[0], total: ct[1] }))
    },
    [...floats, ...outputs],
  )
  return evaluateGraph(graph, [...given.slice(0, 4), ...cotangents])
}

const places = ['0.w', '0.b', '0.table', '1']
const stays = (path: string) => path.startsWith('0') || path === '2'
const expectClose = (a: NDArray, b: NDArray, tolerance: number): void => {
  for (const [i, value] of a.data.entries()) expect(Math.abs(value - b.data[i])).toBeLessThan(tolerance * (1 + Math.abs(b.data[i])))
}

describe.each<SplitOptions['keep']>(['needed', 'arguments'])('a vjp in two halves that keeps %s', (keep) => {
  test.each([['1'], places, ['0.w'], ['0.b', '1'], ['0.table']])('gives the cotangents of the whole: %s', (...wanted) => {
    const split = splitVjp(layer, like, { wanted: (path) => wanted.includes(path), stays, keep })
    const whole = pullWhole()
    const pulled = pull(split)
    expect(split.wanted.map((i) => split.paths[i])).toEqual(places.filter((path) => wanted.includes(path)))
    for (const [k, place] of split.wanted.entries()) expectClose(pulled[k], whole[place], 1e-12)
  })
})

test('the cotangents are those of central differences', () => {
  const split = splitVjp(layer, like, { wanted: () => true, stays })
  const pulled = pull(split)
  const value = trace(layer as never, like)
  const dot = ({ data }: NDArray, weight: (k: number) => number) => Array.from(data).reduce((total, v, k) => total + v * weight(k), 0)
  const scored = (t: number) => {
    const moved = given.map((x, i) => (isFloat(x.dtype) ? { ...x, data: x.data.map((v, k) => v + t * Math.cos(i + k)) } : x))
    return evaluateGraph(value, moved).reduce((total, out, i) => total + dot(out, (k) => cotangents[i].data[k]), 0)
  }
  const slope = (scored(1e-6) - scored(-1e-6)) / 2e-6
  const expected = split.wanted.reduce((total, place, k) => total + dot(pulled[k], (j) => Math.cos(place + j)), 0)
  expect(Math.abs(slope - expected)).toBeLessThan(1e-7 * Math.abs(expected))
})

describe('what is kept', () => {
  const affine = (w: Tensor, x: Tensor) => matmul(x, w)
  const halves = (fn: (...args: never[]) => unknown, wanted: string[], keep?: SplitOptions['keep']) =>
    splitVjp(fn as typeof affine, [ones([4, 4]), ones([3, 4])], {
      wanted: (path) => wanted.includes(path),
      stays: (path) => path === '0',
      keep,
    })

  test('of a product, for the input: nothing; for the weight: the input', () => {
    expect(halves(affine, ['1'])).toMatchObject({ kept: [], reads: [0] })
    expect(halves(affine, ['0'])).toMatchObject({ kept: [], reads: [1] })
  })

  test('of a form: its source; of what follows from weights alone: nothing', () => {
    const fn = (w: Tensor, x: Tensor) => mul(reshape(tanh(x), [12]), reshape(mul(exp(w), 1), [16]).shape[0])
    expect(halves(fn, ['1']).kept.length).toBe(1)
    const scaled = (w: Tensor, x: Tensor) => matmul(tanh(x), exp(w))
    expect(halves(scaled, ['1'])).toMatchObject({ kept: [1], reads: [0] })
  })

  test('an output that the backward pass reads is given once', () => {
    const { forward, kept } = halves((_: Tensor, x: Tensor) => exp(x), ['1'])
    expect([forward.outputs.length, kept]).toEqual([1, [0]])
  })

  test('with recomputation: arguments alone', () => {
    expect(halves((w: Tensor, x: Tensor) => tanh(matmul(exp(x), w)), ['0', '1'], 'arguments')).toMatchObject({ kept: [], reads: [0, 1] })
  })

  test('a half that forgets what was kept is wrong', () => {
    const split = splitVjp(layer, like, { wanted: (path) => path === '1', stays })
    const forward = evaluateGraph(split.forward, given)
    const zeroed = split.kept.map((i) => ({ ...forward[i], data: forward[i].data.map(() => 0) }))
    const wrong = evaluateGraph(split.backward, [...split.reads.map((i) => given[i]), ...zeroed, ...cotangents])
    expect(() => expectClose(wrong[0], pullWhole()[3], 1e-3)).toThrow()
  })
})
