import { ndarray } from '../../array.ts'
import { leastOf } from '../../dtype.ts'
import { pooled, taps, type Window } from '../../ops/windows.ts'
import { abs, add, cast, div, equal, fromArray, iota, max, maximum, mean, mul, pow, power, reshape, sum, where } from '../../ops.ts'
import type { Tensor } from '../../tensor.ts'
import type { Call, Operator, Operators } from './call.ts'
import { windowOf } from './matrix.ts'

const kernelOf = (call: Call): readonly number[] => call.integers('kernel_shape') ?? call.fail("attribute 'kernel_shape' is missing")

const maxPool: Operator = (call) => {
  const x = call.input()
  const window = windowOf(call, x.shape.slice(2), kernelOf(call))
  const largest = pooled(x, window, leastOf(x.dtype), maximum)
  if (!call.node.outputs[1]) return largest
  // The first tap that sees the maximum, by the place in x that it looks at.
  const rows = reshape(iota(x.shape.reduce((a, b) => a * b, 1)), x.shape)
  const order = call.integer('storage_order', 0) === 1 ? columnMajor(x.shape) : rows
  const seen = taps(x, window, leastOf(x.dtype))
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
  const total = pooled(x, window, 0, add)
  return div(total, cast(counts(window, space, call.flag('count_include_pad')), x.dtype))
}

const lpPool: Operator = (call) => {
  const x = call.input()
  const p = call.integer('p', 2)
  const window = windowOf(call, x.shape.slice(2), kernelOf(call))
  return power(pooled(pow(abs(x), p), window, 0, add), 1 / p)
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
