import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Node, topological } from '../graph/node.ts'
import { type Graph, trace } from '../graph/trace.ts'
import { add, jvp, matmul, mean, mul, square, sub, type Tensor, tanh, valueAndGrad, zeros } from '../index.ts'
import { buffersOf, bytesOf, peakOf } from './memory.ts'
import { listing } from './order.ts'
import { simplify } from './simplify.ts'

interface Layer {
  w: Tensor
  b: Tensor
}

const network = (layers: readonly Layer[], x: Tensor) => mean(square(layers.reduce((h, { w, b }) => tanh(add(matmul(h, w), b)), x)))

const [batch, width] = [64, 16]
const layersOf = (depth: number): Layer[] => Array.from({ length: depth }, () => ({ w: zeros([width, width]), b: zeros([width]) }))

const simplified = ({ parameters, outputs }: Graph): Graph => ({ parameters, outputs: simplify(outputs) })

const forward = (depth: number): Graph =>
  simplified(
    trace((layers: Layer[], directions: Layer[], x: Tensor) => jvp((ps) => network(ps, x), [layers], [directions]), [
      layersOf(depth),
      layersOf(depth),
      zeros([batch, width]),
    ] as never),
  )

/** A step of gradient descent: the gradients' memory matters, too. */
const reverse = (depth: number): Graph =>
  simplified(
    trace(
      (layers: Layer[], x: Tensor) => {
        const { value, gradient } = valueAndGrad((ps: Layer[]) => network(ps, x))(layers)
        return { value, next: layers.map(({ w, b }, i) => ({ w: sub(w, mul(gradient[i].w, 0.1)), b: sub(b, mul(gradient[i].b, 0.1)) })) }
      },
      [layersOf(depth), zeros([batch, width])] as never,
    ),
  )

const peakBytes = (graph: Graph): number => peakOf(buffersOf(graph, listing(graph).run)).bytes

/** In values of a layer's size. */
const layersHeld = (graph: Graph): number => peakBytes(graph) / (4 * batch * width)

test('forward mode holds the same few values at any depth, reverse mode one a layer', () => {
  expect(layersHeld(forward(64))).toBeLessThanOrEqual(6)
  expect(layersHeld(forward(64))).toBe(layersHeld(forward(4)))
  expect(layersHeld(reverse(64))).toBeGreaterThan(64)
  expect(layersHeld(reverse(64))).toBeLessThan(64 + 8)
})

test('a run is a list of the same nodes, inputs before users, whatever the graph', () => {
  const graphs = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 0, max: 2 })), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(graphs, fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), (program, chosen) => {
      const traced = trace(
        (x: Tensor, y: Tensor) => {
          const values = [x, y]
          for (const [a, b, operation] of program) {
            const [left, right] = [values[a % values.length], values[b % values.length]]
            values.push([add, mul, sub][operation](left, right))
          }
          return chosen.map((i) => values[i % values.length])
        },
        [zeros([3]), zeros([3])] as never,
      )
      const { listed, run } = listing(traced)
      const expected = new Set(topological(traced.outputs))
      for (const order of [listed, run]) {
        expect(new Set(order)).toEqual(expected)
        expect(order).toHaveLength(expected.size)
        const done = new Set<Node>()
        for (const node of order) {
          expect(node.inputs.every((input) => done.has(input))).toBe(true)
          done.add(node)
        }
      }
    }),
  )
})

test('memory is counted by hand', () => {
  // x → a = tanh x → b = a·a → c = b + a: a and b, then c over b.
  const traced = trace(
    (x: Tensor) => {
      const a = tanh(x)
      return mul(add(matmul(a, a), a), 2)
    },
    [zeros([8, 8])] as never,
  )
  expect(peakBytes(traced)).toBe(2 * bytesOf({ shape: [8, 8], dtype: 'float32' }))
})

test('a buffer is held while it waits for a value of its shape, and only such a value gets it', () => {
  // a [8, 8] is gone before w [32, 32] is made, and c [8, 8] after w takes its buffer: while w stands, a's buffer does too.
  const traced = trace(
    (x: Tensor, y: Tensor) => {
      const a = matmul(x, x)
      const w = matmul(add(y, mean(a)), y)
      const c = add(x, mean(w))
      return mean(c)
    },
    [zeros([8, 8]), zeros([32, 32])] as never,
  )
  const { run } = listing(traced)
  const squares = (extent: number) => 4 * extent ** 2
  const buffers = buffersOf(traced, run).filter(({ bytes }) => bytes > 4)
  expect(buffers.map(({ bytes }) => bytes).sort((a, b) => a - b)).toEqual([squares(8), squares(32), squares(32)])
  expect(buffers.find(({ bytes }) => bytes === squares(8))!.holders.length).toBeGreaterThan(1)
  expect(peakOf(buffers).bytes).toBe(squares(8) + 2 * squares(32))
})
