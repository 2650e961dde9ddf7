import { type NDArray, sizeOf, stridesOf } from '../array.ts'
import type { LoweringContext } from '../compile/lower.ts'
import { isFloat, leastOf, numbers } from '../dtype.ts'
import type { Aval } from '../graph/node.ts'
import type { Primitive } from '../graph/primitive.ts'
import { broadcastTo, cast, div, equal, mul, reshape, sum } from '../ops.ts'
import type { Tensor } from '../tensor.ts'
import { apply, broadcastOffsets, linear, referenceArray, shapeError } from './define.ts'

type Axes = { readonly axes: readonly number[] }

/** The shape with the reduced axes kept as 1: what a result must be reshaped to before it broadcasts against the input. */
export const keptShape = (shape: readonly number[], axes: readonly number[]): number[] =>
  shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))

const reducedShape = (shape: readonly number[], axes: readonly number[]): number[] => shape.filter((_, axis) => !axes.includes(axis))

function inferReduce(name: string, [x]: readonly Aval[], { axes }: Axes): Aval {
  if (!numbers.includes(x.dtype)) throw shapeError(name, 'takes numbers; cast booleans first', [x])
  return { shape: reducedShape(x.shape, axes), dtype: x.dtype }
}

/** Where the axes lie once examples are in front. */
const shifted = ({ axes }: Axes): Axes => ({ axes: axes.map((axis) => axis + 1) })

/** Folds each group of elements that share their kept index. */
function fold(
  x: NDArray,
  { axes }: Axes,
  result: Aval,
  start: number,
  combine: (total: number, value: number, index: number) => number,
): NDArray {
  const output = referenceArray(result)
  output.data.fill(start)
  const groups = broadcastOffsets(keptShape(x.shape, axes), x.shape)
  for (let i = 0; i < x.data.length; i++) output.data[groups[i]] = combine(output.data[groups[i]], x.data[i], i)
  return output
}

/** Undoes the removal of axes, then repeats along them. */
const spread = (y: Tensor, like: Tensor, axes: readonly number[]): Tensor =>
  broadcastTo(reshape(y, keptShape(like.shape, axes)), like.shape)

export const sumPrimitive: Primitive = linear<Axes>({
  name: 'sum',
  infer: (inputs, attributes) => inferReduce('sum', inputs, attributes),
  evaluate: ([x], attributes, result) => fold(x, attributes, result, 0, (total, value) => total + value),
  transpose: [(ct, [x], { axes }) => spread(ct, x, axes)],
  batch: ([x], _, attributes) => apply(sumPrimitive, [x], shifted(attributes))[0],
  lower: (context, [x], node, { axes }) => context.reduce('ReduceSum', x, axes, node.dtype),
  flops: ({ inputs: [x] }) => sizeOf(x.shape),
})

/** The largest element. NaN wins; equal elements share the derivative. */
export const maxPrimitive: Primitive = {
  name: 'max',
  kind: 'general',
  infer(inputs, attributes) {
    const { axes } = attributes as Axes
    if (axes.some((axis) => inputs[0].shape[axis] === 0)) throw shapeError('max', 'an empty axis has no largest element', inputs)
    return [inferReduce('max', inputs, attributes as Axes)]
  },
  evaluate: ([x], attributes, [result]) => [fold(x, attributes as Axes, result, leastOf(x.dtype), (a, b) => Math.max(a, b))],
  jvp({ inputs: [x], outputs: [y], attributes }, [t]) {
    const { axes } = attributes as Axes
    return [t && sum(mul(t, shares(x, y, axes)), { axes })]
  },
  vjp({ inputs: [x], outputs: [y], attributes }, [ct]) {
    const { axes } = attributes as Axes
    return [ct && mul(spread(ct, x, axes), shares(x, y, axes))]
  },
  batch: ([x], _, attributes) => apply(maxPrimitive, [x], shifted(attributes as Axes)),
  lower: (context, [x], node) => [emitMax(context, x, node, (node.attributes as Axes).axes)],
}

/** The runtime's ReduceMax passes over NaN, so that these are looked for apart; and it errs on int64, so that uint32 passes through float64. */
function emitMax(context: LoweringContext, x: string, { dtype }: Aval, axes: readonly number[]): string {
  if (dtype === 'uint32') return context.cast(context.reduce('ReduceMax', context.cast(x, 'float64'), axes, 'float64'), dtype)
  const largest = context.reduce('ReduceMax', x, axes, dtype)
  if (!isFloat(dtype)) return largest
  const unknown = context.reduce('ReduceMax', context.emit('IsNaN', [x]), axes, 'bool')
  return context.emit('Where', [unknown, context.scalar(Number.NaN, dtype), largest])
}

/** For each element its share of the derivative of the maximum: 1/k for the k largest, else 0. */
function shares(x: Tensor, y: Tensor, axes: readonly number[]): Tensor {
  const largest = cast(equal(x, spread(y, x, axes)), x.dtype)
  return div(largest, reshape(sum(largest, { axes }), keptShape(x.shape, axes)))
}

type Axis = { readonly axis: number }

/** The runtime scans no unsigned integers; int64 holds them all. */
const widened = (context: LoweringContext, x: string, { dtype }: Aval): string => (dtype === 'uint32' ? context.cast(x, 'int64') : x)

/** The index of the first largest element along an axis, int32. The first NaN wins, as in `max`. */
export const argmaxPrimitive: Primitive = {
  name: 'argmax',
  kind: 'general',
  infer(inputs, attributes) {
    const { axis } = attributes as Axis
    if (inputs[0].shape[axis] === 0) throw shapeError('argmax', 'an empty axis has no largest element', inputs)
    return [{ ...inferReduce('argmax', inputs, { axes: [axis] }), dtype: 'int32' }]
  },
  evaluate([x], attributes, [result]) {
    const { axis } = attributes as Axis
    const stride = stridesOf(x.shape)[axis]
    const best = fold(x, { axes: [axis] }, { ...result, dtype: 'float64' }, Number.NEGATIVE_INFINITY, (a, b) => Math.max(a, b))
    const output = referenceArray(result)
    output.data.fill(-1)
    const groups = broadcastOffsets(keptShape(x.shape, [axis]), x.shape)
    x.data.forEach((value, i) => {
      const isBest = Object.is(value, best.data[groups[i]]) || value === best.data[groups[i]]
      if (output.data[groups[i]] === -1 && isBest) output.data[groups[i]] = Math.floor(i / stride) % x.shape[axis]
    })
    return [output]
  },
  jvp: () => [null],
  vjp: () => [null],
  batch: ([x], _, attributes) => apply(argmaxPrimitive, [x], { axis: (attributes as Axis).axis + 1 }),
  lower(context, [x], node) {
    const { axis } = node.attributes as Axis
    const largest = (values: string) => context.emit('ArgMax', [values], { axis, keepdims: 0 })
    const index = largest(widened(context, x, node.inputs[0]))
    if (!isFloat(node.inputs[0].dtype)) return [context.cast(index, 'int32')]
    // What the runtime's ArgMax does with NaN depends on its place, so that these are looked for apart.
    const unknown = context.emit('IsNaN', [x])
    const found = context.reduce('ReduceMax', unknown, [axis], 'bool')
    return [context.cast(context.emit('Where', [found, largest(context.cast(unknown, 'int32')), index]), 'int32')]
  },
}

type Cumulative = Axis & { readonly reverse: boolean }

/** Running sums along an axis, from the front or from the back. */
export const cumsumPrimitive: Primitive = linear<Cumulative>({
  name: 'cumsum',
  infer: (inputs) => inferReduce('cumsum', inputs, { axes: [] }),
  evaluate([x], { axis, reverse }, result) {
    const output = referenceArray(result)
    const stride = stridesOf(x.shape)[axis]
    const extent = x.shape[axis]
    const order = reverse ? -1 : 1
    for (let k = 0; k < x.data.length; k++) {
      const i = reverse ? x.data.length - 1 - k : k
      const position = Math.floor(i / stride) % extent
      const first = position === (reverse ? extent - 1 : 0)
      output.data[i] = x.data[i] + (first ? 0 : output.data[i - order * stride])
    }
    return output
  },
  transpose: [(ct, _, { axis, reverse }) => apply(cumsumPrimitive, [ct], { axis, reverse: !reverse })[0]],
  batch: ([x], _, { axis, reverse }) => apply(cumsumPrimitive, [x], { axis: axis + 1, reverse })[0],
  lower(context, [x], node, { axis, reverse }) {
    const sums = context.emit('CumSum', [widened(context, x, node), context.integers(axis)], { reverse: Number(reverse) })
    return node.dtype === 'uint32' ? context.cast(sums, 'uint32') : sums
  },
})
