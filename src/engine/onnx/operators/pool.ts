import { ndarray } from '../../array.ts'
import { pairwise } from '../../ops/pairwise.ts'
import {
  abs,
  add,
  cast,
  div,
  equal,
  fromArray,
  full,
  iota,
  max,
  maximum,
  mean,
  mul,
  pow,
  power,
  reshape,
  slice,
  sum,
  where,
} from '../../ops.ts'
import type { Tensor } from '../../tensor.ts'
import type { Call, Operator, Operators } from './call.ts'
import { type Window, windowOf } from './matrix.ts'
import { padAxis } from './shape.ts'

const kernelOf = (call: Call): readonly number[] => call.integers('kernel_shape') ?? call.fail("attribute 'kernel_shape' is missing")

/** For each tap of the window, what it sees at every place: tensors of the result's shape. Outside of x lies `fill`. */
function taps(x: Tensor, window: Window, fill: number): Tensor[] {
  const { size, stride, dilation, low, places } = window
  return size.reduce<Tensor[]>(
    (parts, count, k) => {
      const axis = k + 2
      // With rounding up, the last place may reach further than the padding.
      const end = (places[k] - 1) * stride[k] + (count - 1) * dilation[k] + 1
      const after = end - low[k] - x.shape[axis]
      return parts.flatMap((part) => {
        const padded = padAxis(part, axis, [low[k], Math.max(after, 0)], full([], fill, x.dtype))
        return Array.from({ length: count }, (_, tap) => {
          const start = tap * dilation[k]
          return slice(padded, { axis, start, end: start + (places[k] - 1) * stride[k] + 1, step: stride[k] })
        })
      })
    },
    [x],
  )
}

const maxPool: Operator = (call) => {
  const x = call.input()
  const window = windowOf(call, x.shape.slice(2), kernelOf(call))
  const lowest = x.dtype === 'float32' || x.dtype === 'float64' ? Number.NEGATIVE_INFINITY : -(2 ** 31)
  const seen = taps(x, window, lowest)
  const largest = pairwise(seen, maximum)
  if (!call.node.outputs[1]) return largest
  // The first tap that sees the maximum, by the place in x that it looks at.
  const rows = reshape(iota(x.shape.reduce((a, b) => a * b, 1)), x.shape)
  const order = call.integer('storage_order', 0) === 1 ? columnMajor(x.shape) : rows
  const places = taps(order, window, -1)
  const index = places.reduceRight((later, place, i) => where(equal(seen[i], largest), place, later))
  return [largest, index]
}

/** The index of each element where the spatial axes are stored in the opposite order. */
function columnMajor(shape: readonly number[]): Tensor {
  const strides: number[] = []
  let stride = 1
  for (let axis = 2; axis < shape.length; axis++) {
    strides[axis] = stride
    stride *= shape[axis]
  }
  strides[1] = stride
  strides[0] = stride * shape[1]
  return shape
    .map((extent, axis) =>
      mul(
        reshape(
          iota(extent),
          shape.map((_, k) => (k === axis ? extent : 1)),
        ),
        strides[axis],
      ),
    )
    .reduce((a, b) => add(a, b))
}

/** How many elements of the input, or of the input with its padding, each place sees. */
function counts(window: Window, space: readonly number[], withPadding: boolean): Tensor {
  const perAxis = space.map((extent, k) => {
    const { low, high, stride, dilation, size, places } = window
    const [from, to] = withPadding ? [-low[k], extent + high[k]] : [0, extent]
    return Array.from({ length: places[k] }, (_, place) => {
      const positions = Array.from({ length: size[k] }, (_, tap) => place * stride[k] - low[k] + tap * dilation[k])
      return positions.filter((at) => at >= from && at < to).length
    })
  })
  const all = perAxis.reduce<number[]>((products, list) => products.flatMap((a) => list.map((b) => a * b)), [1])
  return fromArray(ndarray(Float32Array.from(all), [1, 1, ...window.places], 'float32'))
}

const averagePool: Operator = (call) => {
  const x = call.input()
  const space = x.shape.slice(2)
  const window = windowOf(call, space, kernelOf(call))
  const total = pairwise(taps(x, window, 0), add)
  return div(total, cast(counts(window, space, call.flag('count_include_pad')), x.dtype))
}

const lpPool: Operator = (call) => {
  const x = call.input()
  const p = call.integer('p', 2)
  const window = windowOf(call, x.shape.slice(2), kernelOf(call))
  const seen = taps(abs(x), window, 0).map((part) => pow(part, p))
  return power(pairwise(seen, add), 1 / p)
}

/** Over all of the spatial axes. */
const global =
  (fn: (x: Tensor, options: { axes: readonly number[]; keepDims: boolean }) => Tensor): Operator =>
  (call) => {
    const x = call.input()
    return fn(x, { axes: [...x.shape.keys()].slice(2), keepDims: true })
  }

export const poolOperators: Operators = {
  AveragePool: averagePool,
  GlobalAveragePool: global(mean),
  GlobalLpPool: (call) => global((x, options) => power(sum(pow(abs(x), call.integer('p', 2)), options), 1 / call.integer('p', 2)))(call),
  GlobalMaxPool: global(max),
  LpPool: lpPool,
  MaxPool: maxPool,
}
