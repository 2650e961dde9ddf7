import { ndarray, sizeOf } from '../../array.ts'
import { allocate } from '../../dtype.ts'
import {
  broadcastTo,
  cast,
  concat,
  equal,
  expandDims,
  flip,
  fromArray,
  full,
  gather,
  iota,
  lessEqual,
  reshape,
  slice,
  split,
  squeeze,
  sub,
  tensor,
  tile,
  transpose,
  tril,
  triu,
  where,
  zeros,
} from '../../ops.ts'
import { broadcastShapes } from '../../primitives/define.ts'
import type { Tensor } from '../../tensor.ts'
import { elementType, type OnnxTensor, type OnnxType } from '../format.ts'
import { arrayOf, dtypeOf, integerArray } from '../tensors.ts'
import type { Call, Operator, Operators, Value } from './call.ts'

const known = (values: readonly number[], shape?: readonly number[]): Value[] => {
  const array = integerArray(values, shape)
  return [{ tensor: fromArray(array), known: array }]
}

const shapeOf: Operator = (call) => {
  const { shape } = call.input()
  const bound = (name: string, otherwise: number) => {
    const at = call.integer(name, otherwise)
    return Math.min(Math.max(at < 0 ? at + shape.length : at, 0), shape.length)
  }
  return known(shape.slice(bound('start', 0), bound('end', shape.length)))
}

const constant: Operator = (call) => {
  const { attributes } = call.node
  const value = attributes.value
  if (value !== undefined && typeof value === 'object' && 'tensor' in value) {
    const array = arrayOf(value.tensor)
    return [{ tensor: fromArray(array), known: array }]
  }
  if ('value_int' in attributes) return known([call.integer('value_int')], [])
  if ('value_ints' in attributes) return known(call.integers('value_ints')!)
  const floats = 'value_float' in attributes ? [call.float('value_float')] : call.floats('value_floats')
  if (!floats) return call.fail('a constant of this kind is not read')
  const array = ndarray(Float32Array.from(floats), 'value_float' in attributes ? [] : [floats.length], 'float32')
  return [{ tensor: fromArray(array), known: array }]
}

const constantOfShape: Operator = (call) => {
  const value = call.attribute('value')
  const tensor: OnnxTensor | undefined = typeof value === 'object' && 'tensor' in value ? value.tensor : undefined
  const array = tensor && arrayOf(tensor)
  return full(requireExtents(call, call.numbers(0)!), array ? array.data[0] : 0, array?.dtype ?? 'float32')
}

function requireExtents(call: Call, shape: readonly number[]): readonly number[] {
  return shape.every((extent) => Number.isInteger(extent) && extent >= 0) ? shape : call.fail(`[${shape.join(', ')}] is no shape`)
}

const reshaped: Operator = (call) => {
  const x = call.input()
  const shape = call.integersOrInput('shape', 1) ?? call.fail('the new shape is missing')
  const copies = !call.flag('allowzero')
  return reshape(
    x,
    shape.map((extent, axis) => (extent === 0 && copies ? (x.shape[axis] ?? call.fail(`there is no axis ${axis} to copy`)) : extent)),
  )
}

const flatten: Operator = (call) => {
  const { shape } = call.input()
  const axis = call.integer('axis', 1)
  const at = axis < 0 ? axis + shape.length : axis
  return reshape(call.input(), [sizeOf(shape.slice(0, at)), sizeOf(shape.slice(at))])
}

const squeezed: Operator = (call) => {
  const axes = call.integersOrInput('axes', 1)
  return axes ? squeeze(call.input(), call.axes(axes)) : squeeze(call.input())
}

const unsqueezed: Operator = (call) => {
  const x = call.input()
  const list = call.integersOrInput('axes', 1) ?? call.fail('the axes are missing')
  const axes = call.axes(list, x.shape.length + list.length).sort((a, b) => a - b)
  return axes.reduce((y, axis) => expandDims(y, axis), x)
}

const expand: Operator = (call) => {
  const shape = requireExtents(call, call.numbers(1) ?? [])
  return broadcastTo(call.input(), broadcastShapes([call.input().shape, shape]) ?? call.fail(`[${shape}] does not fit`))
}

const tiled: Operator = (call) => {
  const repeats = requireExtents(call, call.numbers(1) ?? [])
  const x = call.input()
  if (repeats.length !== x.shape.length) call.fail(`${repeats.length} repeats for ${x.shape.length} axes`)
  return tile(x, repeats)
}

const concatenated: Operator = (call) => {
  const axis = call.axis(call.integer('axis', 1))
  return concat(call.inputs, { axis })
}

/** Pieces of these extents along an axis. */
const pieces = (x: Tensor, extents: readonly number[], axis: number): Tensor[] => {
  let start = 0
  return extents.map((extent) => slice(x, { axis, start, end: (start += extent) }))
}

const splitting: Operator = (call) => {
  const x = call.input()
  const axis = call.axis(call.integer('axis', 0))
  const extents = call.integersOrInput('split', 1)
  if (extents) return pieces(x, requireExtents(call, extents), axis)
  const count = call.attribute('num_outputs') === undefined ? call.node.outputs.length : call.integer('num_outputs')
  const extent = x.shape[axis]
  if (extent % count === 0) return split(x, count, { axis })
  const piece = Math.ceil(extent / count)
  return pieces(
    x,
    Array.from({ length: count }, (_, i) => Math.min(piece, extent - i * piece)),
    axis,
  )
}

/** Bounds as numpy's: negative ones count from the end, and what is outside is cut. */
const slicing: Operator = (call) => {
  const x = call.input()
  const starts = call.integersOrInput('starts', 1) ?? call.fail('starts are missing')
  const ends = call.integersOrInput('ends', 2) ?? call.fail('ends are missing')
  const axes = call.axes(call.integersOrInput('axes', 3) ?? starts.map((_, axis) => axis))
  const steps = call.numbers(4) ?? starts.map(() => 1)
  return axes.reduce((part, axis, i) => sliceAxis(call, part, { axis, start: starts[i], end: ends[i], step: steps[i] }), x)
}

function sliceAxis(call: Call, x: Tensor, { axis, start, end, step }: { axis: number; start: number; end: number; step: number }): Tensor {
  if (step === 0) call.fail('a step is 0')
  const extent = x.shape[axis]
  const fromFront = (bound: number) => (bound < 0 ? bound + extent : bound)
  if (step > 0) {
    const clamp = (bound: number) => Math.min(Math.max(fromFront(bound), 0), extent)
    const from = clamp(start)
    return slice(x, { axis, start: from, end: Math.max(clamp(end), from), step })
  }
  // Backwards: the same, seen from the other end.
  const clamp = (bound: number) => Math.min(Math.max(fromFront(bound), -1), extent - 1)
  const [from, to] = [extent - 1 - clamp(start), extent - 1 - clamp(end)]
  return slice(flip(x, { axes: [axis] }), { axis, start: from, end: Math.max(to, from), step: -step })
}

/** Where element k of a padded axis comes from, for the modes that repeat what is there. */
const sources: Readonly<Record<string, (k: number, extent: number) => number>> = {
  edge: (k, extent) => Math.min(Math.max(k, 0), extent - 1),
  wrap: (k, extent) => ((k % extent) + extent) % extent,
  reflect: (k, extent) => {
    const period = Math.max(2 * (extent - 1), 1)
    const at = ((k % period) + period) % period
    return Math.min(at, period - at)
  },
}

/** x with `before` and `after` elements added along an axis (cut where negative). */
export function padAxis(x: Tensor, axis: number, [before, after]: readonly [number, number], fill: Tensor | string): Tensor {
  if (before === 0 && after === 0) return x
  const extent = x.shape[axis]
  if (typeof fill === 'string') {
    const indices = Array.from({ length: before + extent + after }, (_, k) => sources[fill](k - before, extent))
    return gather(x, tensor(Int32Array.from(indices)), { axis })
  }
  const kept = slice(x, { axis, start: Math.max(-before, 0), end: extent - Math.max(-after, 0) })
  const block = (count: number) => (count > 0 ? [broadcastTo(fill, x.shape.with(axis, count))] : [])
  return concat([...block(before), kept, ...block(after)], { axis })
}

const padding: Operator = (call) => {
  const x = call.input()
  const mode = call.string('mode', 'constant')
  const widths = call.integers('pads') ?? call.integers('paddings') ?? call.numbers(1) ?? call.fail('the widths are missing')
  const axes = call.numbers(3) ? call.axes(call.numbers(3)!) : [...x.shape.keys()]
  if (widths.length !== 2 * axes.length) call.fail(`${widths.length} widths for ${axes.length} axes`)
  if (mode !== 'constant' && !Object.hasOwn(sources, mode)) call.fail(`there is no mode '${mode}'`)
  const value = call.optional(2) ? reshape(call.input(2), []) : full([], call.float('value', 0), x.dtype)
  const fill = mode === 'constant' ? value : mode
  return axes.reduce((padded, axis, i) => padAxis(padded, axis, [widths[i], widths[axes.length + i]], fill), x)
}

const transposed: Operator = (call) => transpose(call.input(), call.integers('perm') ?? [...call.input().shape.keys()].reverse())

const depthToSpace: Operator = (call) => {
  const x = call.input()
  const size = call.integer('blocksize')
  const [n, c, h, w] = x.shape
  const depth = c / size ** 2
  const columnsFirst = call.string('mode', 'DCR') === 'DCR'
  const apart = reshape(x, columnsFirst ? [n, size, size, depth, h, w] : [n, depth, size, size, h, w])
  const order = columnsFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]
  return reshape(transpose(apart, order), [n, depth, h * size, w * size])
}

const spaceToDepth: Operator = (call) => {
  const x = call.input()
  const size = call.integer('blocksize')
  const [n, c, h, w] = x.shape
  const apart = reshape(x, [n, c, h / size, size, w / size, size])
  const order = call.string('mode', 'DCR') === 'DCR' ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4]
  return reshape(transpose(apart, order), [n, c * size * size, h / size, w / size])
}

/** The part of each matrix on and above a diagonal, or on and below it. */
const triangle: Operator = (call) => (call.flag('upper', true) ? triu : tril)(call.input(), { diagonal: call.number(1) ?? 0 })

const eyeLike: Operator = (call) => {
  const x = call.input()
  const [rows, columns] = x.shape
  const diagonal = equal(sub(expandDims(iota(columns), 0), expandDims(iota(rows), 1)), call.integer('k', 0))
  const code = call.attribute('dtype')
  const type = (Object.keys(elementType) as OnnxType[]).find((name) => elementType[name] === code)
  return cast(diagonal, type ? dtypeOf[type] : x.dtype)
}

const range: Operator = (call) => {
  const [start, limit, delta] = [0, 1, 2].map((i) => call.number(i) ?? call.fail(`input ${i} is missing`))
  const count = Math.max(Math.ceil((limit - start) / delta), 0)
  if (!(count <= 2 ** 27)) call.fail(`a range of ${count} elements`)
  const data = allocate(call.input().dtype, count)
  for (let i = 0; i < count; i++) data[i] = start + i * delta
  const array = ndarray(data, [count], call.input().dtype)
  return [{ tensor: fromArray(array), known: array }]
}

const oneHot: Operator = (call) => {
  const [indices, values] = [call.input(0), call.input(2)]
  const depth = call.number(1)!
  const axis = call.axis(call.integer('axis', -1), indices.shape.length + 1)
  const classes = reshape(
    iota(depth),
    Array.from({ length: indices.shape.length + 1 }, (_, k) => (k === axis ? depth : 1)),
  )
  const whole = cast(indices, 'int32')
  const positive = where(lessEqual(0, whole), whole, sub(whole, -depth))
  const hit = equal(expandDims(positive, axis), classes)
  const [off, on] = [slice(values, { axis: 0, end: 1 }), slice(values, { axis: 0, start: 1 })]
  return where(hit, reshape(on, []), reshape(off, []))
}

/** The positions of what is not zero, which only a known tensor has while tracing. */
const nonZero: Operator = (call) => {
  const { shape } = call.input()
  const found = call.numbers(0)!.flatMap((value, i) => (value !== 0 ? [i] : []))
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
  const positions = strides.map((stride, axis) => found.map((i) => Math.floor(i / stride) % shape[axis]))
  return known(positions.flat(), [shape.length, found.length])
}

const compress: Operator = (call) => {
  const flat = call.attribute('axis') === undefined
  const x = flat ? reshape(call.input(), [-1]) : call.input()
  const axis = flat ? 0 : call.axis(call.integer('axis'))
  const indices = call.numbers(1)!.flatMap((keep, i) => (keep !== 0 && i < x.shape[axis] ? [i] : []))
  return gather(x, tensor(Int32Array.from(indices)), { axis })
}

const dropout: Operator = (call) => {
  const training = call.number(2) ?? 0
  const ratio = call.number(1) ?? 0.5
  if (training !== 0 && ratio !== 0) call.fail('training mode is random; set training_mode to false')
  return [call.input(), full(call.input().shape, 1, 'bool')]
}

const centerCropPad: Operator = (call) => {
  const x = call.input()
  const shape = call.numbers(1)!
  const axes = call.axes(call.integers('axes') ?? [...x.shape.keys()])
  return axes.reduce((part, axis, i) => {
    const extra = shape[i] - part.shape[axis]
    const before = extra >= 0 ? Math.floor(extra / 2) : -Math.floor(-extra / 2)
    return padAxis(part, axis, [before, extra - before], zeros([], x.dtype))
  }, x)
}

/** The operators that move elements without looking at them. */
export const shapeOperators: Operators = {
  CenterCropPad: centerCropPad,
  Compress: compress,
  Concat: concatenated,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  DepthToSpace: depthToSpace,
  Dropout: dropout,
  Expand: expand,
  EyeLike: eyeLike,
  Flatten: flatten,
  NonZero: nonZero,
  OneHot: oneHot,
  Pad: padding,
  Range: range,
  Reshape: reshaped,
  Shape: shapeOf,
  Size: (call) => known([sizeOf(call.input().shape)], []),
  Slice: slicing,
  SpaceToDepth: spaceToDepth,
  Split: splitting,
  Squeeze: squeezed,
  Tile: tiled,
  Transpose: transposed,
  Trilu: triangle,
  Unsqueeze: unsqueezed,
}
