import { sizeOf } from '../../array.ts'
import { isFloat } from '../../dtype.ts'
import {
  abs,
  argmax,
  type CumulativeOptions,
  cast,
  cumprod,
  cumsum,
  div,
  equal,
  expandDims,
  flip,
  full,
  iota,
  log,
  logSoftmax,
  logSumExp,
  max,
  mean,
  min,
  neg,
  onesLike,
  prod,
  type ReduceOptions,
  reshape,
  softmax,
  sqrt,
  square,
  sub,
  sum,
  topK,
  where,
  zerosLike,
} from '../../ops.ts'
import type { Tensor } from '../../tensor.ts'
import type { Operator, Operators } from './call.ts'

type Reduction = (x: Tensor, options: ReduceOptions) => Tensor

/** Axes are an attribute in old versions, an input in newer ones; none means all, unless the node says that it means nothing. */
const reduction =
  (fn: Reduction): Operator =>
  (call) => {
    const x = call.input()
    const given = call.integersOrInput('axes', 1)
    if (!given?.length && call.flag('noop_with_empty_axes')) return fn(expandDims(x, -1), { axes: [x.shape.length] })
    const axes = given?.length ? call.axes(given) : [...x.shape.keys()]
    return fn(x, { axes, keepDims: call.flag('keepdims', true) })
  }

/** Booleans are compared as numbers. What nothing is compared with is the result for no elements. */
const ordered =
  (fn: Reduction, ofNothing: number): Reduction =>
  (x, options) => {
    if (x.dtype === 'bool') return cast(ordered(fn, Number(ofNothing > 0))(cast(x, 'int32'), options), 'bool')
    if (!x.shape.includes(0)) return fn(x, options)
    const { shape } = sum(x, options)
    return full(shape, isFloat(x.dtype) ? ofNothing : Math.min(Math.max(ofNothing, -(2 ** 31)), 2 ** 31 - 1), x.dtype)
  }

const integerMean: Reduction = (x, options) => (isFloat(x.dtype) ? mean(x, options) : cast(mean(cast(x, 'float64'), options), x.dtype))

/** The index of the first or last largest element. */
const argument =
  (order: (x: Tensor) => Tensor): Operator =>
  (call) => {
    const x = order(call.input())
    const axis = call.axis(call.integer('axis', 0))
    const last = call.flag('select_last_index')
    const index = last ? sub(x.shape[axis] - 1, argmax(flip(x, { axes: [axis] }), { axis })) : argmax(x, { axis })
    return call.flag('keepdims', true) ? expandDims(index, axis) : index
  }

const running =
  (fn: (x: Tensor, options: CumulativeOptions) => Tensor): Operator =>
  (call) =>
    fn(call.input(), { axis: call.axis(call.number(1) ?? 0), reverse: call.flag('reverse'), exclusive: call.flag('exclusive') })

/** Before version 13, all axes from the given one on were one axis. */
const normalizer =
  (fn: (x: Tensor, options: { axis: number }) => Tensor): Operator =>
  (call) => {
    const x = call.input()
    if (call.opset >= 13) return fn(x, { axis: call.axis(call.integer('axis', -1)) })
    const axis = call.axis(call.integer('axis', 1), x.shape.length + 1)
    const flat = reshape(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))])
    return reshape(fn(flat, { axis: 1 }), x.shape)
  }

const hardmax = (x: Tensor, { axis }: { axis: number }): Tensor => {
  const positions = reshape(
    iota(x.shape[axis]),
    x.shape.map((extent, k) => (k === axis ? extent : 1)),
  )
  return cast(equal(positions, expandDims(argmax(x, { axis }), axis)), x.dtype)
}

const lpNorm: Operator = (call) => {
  const x = call.input()
  const options = { axes: [call.axis(call.integer('axis', -1))], keepDims: true }
  const p = call.integer('p', 2)
  if (p !== 1 && p !== 2) call.fail(`p is ${p}; the standard knows 1 and 2`)
  return divided(x, p === 1 ? sum(abs(x), options) : sqrt(sum(square(x), options)))
}

/** x / y, and 0 where y is 0. */
const divided = (x: Tensor, y: Tensor): Tensor => where(equal(y, 0), zerosLike(x), div(x, where(equal(y, 0), onesLike(y), y)))

const largest: Operator = (call) => {
  const x = call.input()
  const k = call.node.attributes.k === undefined ? call.number(1)! : call.integer('k')
  const { values, indices } = topK(x, k, { axis: call.axis(call.integer('axis', -1)), largest: call.flag('largest', true) })
  return [values, indices]
}

export const reduceOperators: Operators = {
  ArgMax: argument((x) => x),
  ArgMin: argument((x) => (isFloat(x.dtype) ? neg(x) : sub(-1, x))),
  CumProd: running(cumprod),
  CumSum: running(cumsum),
  Hardmax: normalizer(hardmax),
  LogSoftmax: normalizer(logSoftmax),
  LpNormalization: lpNorm,
  ReduceL1: reduction((x, options) => sum(abs(x), options)),
  ReduceL2: reduction((x, options) => sqrt(sum(square(x), options))),
  ReduceLogSum: reduction((x, options) => log(sum(x, options))),
  ReduceLogSumExp: reduction(ordered(logSumExp, Number.NEGATIVE_INFINITY)),
  ReduceMax: reduction(ordered(max, Number.NEGATIVE_INFINITY)),
  ReduceMean: reduction(integerMean),
  ReduceMin: reduction(ordered(min, Number.POSITIVE_INFINITY)),
  ReduceProd: reduction(prod),
  ReduceSum: reduction(sum),
  ReduceSumSquare: reduction((x, options) => sum(square(x), options)),
  Softmax: normalizer(softmax),
  TopK: largest,
}
