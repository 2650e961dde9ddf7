import { type NDArray, ndarray, sameShape, sizeOf, stridesOf, zerosArray } from '../array.ts'
import type { LoweringContext } from '../compile/lower.ts'
import type { Aval, Node } from '../graph/node.ts'
import type { Primitive } from '../graph/primitive.ts'
import { concat, slice, zerosLike } from '../ops.ts'
import { apply, broadcastOffsets, broadcastShapes, linear, referenceArray, shapeError, sumTo, withBatchAxis } from './define.ts'

/*
 * Operations that move elements and compute nothing. All are linear; each one's transpose moves them back.
 */

/** Fills a result by asking for each of its elements where in the input it comes from. */
function moved(x: NDArray, result: Aval, origin: (index: readonly number[]) => number): NDArray {
  const output = referenceArray(result)
  const index = new Array<number>(result.shape.length).fill(0)
  for (let i = 0; i < output.data.length; i++) {
    const from = origin(index)
    output.data[i] = from < 0 ? 0 : x.data[from]
    for (let axis = index.length - 1; axis >= 0 && ++index[axis] === result.shape[axis]; axis--) index[axis] = 0
  }
  return output
}

type Shape = { readonly shape: readonly number[] }

export const reshapePrimitive: Primitive = linear<Shape>({
  name: 'reshape',
  infer([x], { shape }) {
    if (sizeOf(shape) !== sizeOf(x.shape))
      throw shapeError('reshape', `${sizeOf(x.shape)} elements cannot have shape [${shape.join(', ')}]`, [x])
    return { shape, dtype: x.dtype }
  },
  evaluate: ([x], { shape }) => ({ ...x, shape }),
  transpose: [(ct, [x]) => apply(reshapePrimitive, [ct], { shape: x.shape })[0]],
  batch: ([x], _, { shape }, size) => apply(reshapePrimitive, [x], { shape: [size, ...shape] })[0],
  lower: (context, [x], _, { shape }) => context.emit('Reshape', [x, context.integers(...shape)], { allowzero: 1 }),
})

type Permutation = { readonly permutation: readonly number[] }

export const transposePrimitive: Primitive = linear<Permutation>({
  name: 'transpose',
  infer([x], { permutation }) {
    const axes = [...permutation].sort((a, b) => a - b)
    if (!sameShape(axes, [...x.shape.keys()]))
      throw shapeError('transpose', `[${permutation.join(', ')}] is no permutation of the axes`, [x])
    return { shape: permutation.map((axis) => x.shape[axis]), dtype: x.dtype }
  },
  evaluate([x], { permutation }, result) {
    const strides = permutation.map((axis) => stridesOf(x.shape)[axis])
    return moved(x, result, (index) => index.reduce((offset, at, axis) => offset + at * strides[axis], 0))
  },
  transpose: [
    (ct, _, { permutation }) =>
      apply(transposePrimitive, [ct], { permutation: permutation.map((_, axis) => permutation.indexOf(axis)) })[0],
  ],
  batch: ([x], _, { permutation }) => apply(transposePrimitive, [x], { permutation: [0, ...permutation.map((axis) => axis + 1)] })[0],
  lower: (context, [x], _, { permutation }) => context.emit('Transpose', [x], { perm: permutation }),
})

export const broadcastPrimitive: Primitive = linear<Shape>({
  name: 'broadcastTo',
  infer([x], { shape }) {
    const joined = broadcastShapes([x.shape, shape])
    if (!joined || !sameShape(joined, shape)) throw shapeError('broadcastTo', `cannot repeat to shape [${shape.join(', ')}]`, [x])
    return { shape, dtype: x.dtype }
  },
  evaluate([x], { shape }, result) {
    const output = referenceArray(result)
    broadcastOffsets(x.shape, shape).forEach((from, i) => {
      output.data[i] = x.data[from]
    })
    return output
  },
  transpose: [(ct, [x]) => sumTo(ct, x.shape)],
  batch([x], _, { shape }, size) {
    const padding = new Array<number>(shape.length - (x.shape.length - 1)).fill(1)
    const aligned = apply(reshapePrimitive, [x], { shape: [size, ...padding, ...x.shape.slice(1)] })[0]
    return apply(broadcastPrimitive, [aligned], { shape: [size, ...shape] })[0]
  },
  lower(context, [x], { inputs: [{ shape: from }], dtype }, { shape }) {
    // The runtime's optimizer takes the expansion of 1 to 0 for none.
    if (sizeOf(shape) === 0) return context.constant(zerosArray(shape, dtype))
    return dtype === 'float32' && doubles(from, shape)
      ? emitDoubled(context, x, shape)
      : context.emit('Expand', [x, context.integers(...shape)])
  },
})

/** Whether the last four axes go from [h, 1, w, 1] to [h, 2, w, 2], and no other changes: every pixel becomes four. */
const doubles = (from: readonly number[], to: readonly number[]): boolean =>
  from.length === to.length &&
  from.length >= 4 &&
  to.every((extent, axis) => extent === from[axis] * (axis === to.length - 1 || axis === to.length - 3 ? 2 : 1))

/** The runtime's upsampling is some ten times faster than its Expand. */
function emitDoubled(context: LoweringContext, x: string, shape: readonly number[]): string {
  const [h, , w] = shape.slice(-4)
  const image = context.emit('Reshape', [x, context.integers(1, sizeOf(shape.slice(0, -4)), h, w)])
  const scales = context.constant(ndarray(Float32Array.of(1, 1, 2, 2), [4], 'float32'))
  const options = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
  return context.emit('Reshape', [context.emit('Resize', [image, '', scales], options), context.integers(...shape)])
}

type Window = { readonly starts: readonly number[]; readonly ends: readonly number[]; readonly steps: readonly number[] }

/** Elements starts, starts + steps, … below ends, on every axis; steps are positive. */
export const slicePrimitive: Primitive = linear<Window>({
  name: 'slice',
  infer([x], { starts, ends, steps }) {
    const legal = x.shape.every(
      (extent, axis) => starts[axis] >= 0 && ends[axis] >= starts[axis] && ends[axis] <= extent && steps[axis] > 0,
    )
    if (!legal || starts.length !== x.shape.length) {
      throw shapeError('slice', `[${starts.join(', ')}] to [${ends.join(', ')}] by [${steps.join(', ')}] lies outside`, [x])
    }
    return { shape: starts.map((start, axis) => Math.ceil((ends[axis] - start) / steps[axis])), dtype: x.dtype }
  },
  evaluate([x], { starts, steps }, result) {
    const strides = stridesOf(x.shape)
    return moved(x, result, (index) => index.reduce((offset, at, axis) => offset + (starts[axis] + at * steps[axis]) * strides[axis], 0))
  },
  transpose: [
    (ct, [x], { starts, steps }) => {
      const high = x.shape.map((extent, axis) => extent - starts[axis] - spreadExtent(ct.shape[axis], steps[axis] - 1))
      return apply(padPrimitive, [ct], { low: starts, high, interior: steps.map((step) => step - 1) })[0]
    },
  ],
  batch: ([x], _, { starts, ends, steps }, size) =>
    apply(slicePrimitive, [x], { starts: [0, ...starts], ends: [size, ...ends], steps: [1, ...steps] })[0],
  lower(context, [x], { shape, inputs }, { starts, ends, steps }) {
    const axes = shape.flatMap((_, axis) => (starts[axis] > 0 || ends[axis] < inputs[0].shape[axis] || steps[axis] > 1 ? [axis] : []))
    const pick = (values: readonly number[]) => context.integers(...axes.map((axis) => values[axis]))
    return axes.length === 0 ? x : context.emit('Slice', [x, pick(starts), pick(ends), context.integers(...axes), pick(steps)])
  },
})

/** The extent of an axis once `interior` zeros stand between each two elements. */
const spreadExtent = (extent: number, interior: number): number => (extent === 0 ? 0 : extent + (extent - 1) * interior)

type Padding = { readonly low: readonly number[]; readonly high: readonly number[]; readonly interior: readonly number[] }

/** Zeros before, after and between the elements of each axis. Negative `low` and `high` cut elements off. */
export const padPrimitive: Primitive = linear<Padding>({
  name: 'pad',
  infer([x], { low, high, interior }) {
    const shape = x.shape.map((extent, axis) => low[axis] + spreadExtent(extent, interior[axis]) + high[axis])
    if (shape.some((extent) => !(extent >= 0)) || low.length !== x.shape.length) {
      throw shapeError('pad', `[${low.join(', ')}] before and [${high.join(', ')}] after leave a negative extent`, [x])
    }
    return { shape, dtype: x.dtype }
  },
  evaluate([x], { low, interior }, result) {
    const strides = stridesOf(x.shape)
    return moved(x, result, (index) => {
      let offset = 0
      for (let axis = 0; axis < index.length; axis++) {
        const at = (index[axis] - low[axis]) / (interior[axis] + 1)
        if (!Number.isInteger(at) || at < 0 || at >= x.shape[axis]) return -1
        offset += at * strides[axis]
      }
      return offset
    })
  },
  transpose: [
    (ct, [x], { low, high, interior }) => {
      const negative = (values: readonly number[]) => values.map((value) => Math.min(value, 0))
      const restored = apply(padPrimitive, [ct], {
        low: negative(low).map(Math.abs),
        high: negative(high).map(Math.abs),
        interior: interior.map(() => 0),
      })[0]
      const starts = low.map((value) => Math.max(value, 0))
      const ends = x.shape.map((extent, axis) => starts[axis] + spreadExtent(extent, interior[axis]))
      return apply(slicePrimitive, [restored], { starts, ends, steps: interior.map((between) => between + 1) })[0]
    },
  ],
  batch: ([x], _, { low, high, interior }) =>
    apply(padPrimitive, [x], { low: [0, ...low], high: [0, ...high], interior: [0, ...interior] })[0],
  lower: (context, [x], { inputs, dtype }, padding) => emitPad(context, x, { shape: inputs[0].shape, dtype }, padding).name,
})

/** Emits padding, of which the runtime knows neither zeros between elements nor reliable cutting. Returns the result's name and shape. */
export function emitPad(context: LoweringContext, x: string, { shape: start, dtype }: Aval, { low, high, interior }: Padding) {
  let shape = [...start]
  let name = x
  const pad = (before: readonly number[], after: readonly number[]) =>
    context.emit('Pad', [name, context.integers(...before, ...after), context.scalar(0, dtype)])
  interior.forEach((between, axis) => {
    // Pad a new axis behind this one, then fold the two together and cut the surplus.
    if (between === 0 || shape[axis] === 0) return
    name = context.emit('Reshape', [name, context.integers(...shape.toSpliced(axis + 1, 0, 1))])
    const none = new Array<number>(shape.length + 1).fill(0)
    name = pad(none, none.with(axis + 1, between))
    name = context.emit('Reshape', [name, context.integers(...shape.with(axis, shape[axis] * (between + 1)))])
    shape = shape.with(axis, spreadExtent(shape[axis], between))
    name = context.emit('Slice', [name, context.integers(0), context.integers(shape[axis]), context.integers(axis)])
  })
  // Zeros first: what is cut on one side may reach into those of the other.
  const positive = (values: readonly number[]) => values.map((value) => Math.max(value, 0))
  if ([...low, ...high].some((value) => value > 0)) name = pad(positive(low), positive(high))
  const result = shape.map((extent, axis) => extent + low[axis] + high[axis])
  if ([...low, ...high].some((value) => value < 0)) {
    const starts = low.map((value) => Math.max(0, -value))
    const ends = starts.map((start, axis) => start + result[axis])
    name = context.emit('Slice', [name, context.integers(...starts), context.integers(...ends), context.integers(...shape.keys())])
  }
  return { name, shape: result }
}

type Axis = { readonly axis: number }

export const concatPrimitive: Primitive = linear<Axis>({
  name: 'concat',
  infer(inputs, { axis }) {
    const [first, ...rest] = inputs
    const fits = (other: Aval) =>
      other.dtype === first.dtype &&
      other.shape.length === first.shape.length &&
      other.shape.every((extent, k) => k === axis || extent === first.shape[k])
    if (!rest.every(fits)) throw shapeError('concat', `all but axis ${axis} must agree`, inputs)
    return {
      shape: first.shape.with(
        axis,
        inputs.reduce((total, input) => total + input.shape[axis], 0),
      ),
      dtype: first.dtype,
    }
  },
  evaluate(inputs, { axis }, result) {
    const output = referenceArray(result)
    const inner = sizeOf(result.shape.slice(axis + 1))
    const outer = sizeOf(result.shape.slice(0, axis))
    let start = 0
    for (const { data, shape } of inputs) {
      const run = shape[axis] * inner
      for (let o = 0; o < outer; o++) output.data.set(data.subarray(o * run, (o + 1) * run), o * result.shape[axis] * inner + start)
      start += run
    }
    return output
  },
  transpose(ct, inputs, { axis }, index) {
    const start = inputs.slice(0, index).reduce((total, input) => total + input.shape[axis], 0)
    return slice(ct, { axis, start, end: start + inputs[index].shape[axis] })
  },
  batch: (inputs, batched, { axis }, size) =>
    apply(
      concatPrimitive,
      inputs.map((input, i) => withBatchAxis(input, batched[i], size)),
      { axis: axis + 1 },
    )[0],
  lower: (context, inputs, _, { axis }) => (inputs.length === 1 ? inputs[0] : context.emit('Concat', inputs, { axis })),
})

type Pieces = Axis & { readonly pieces: number }

/** Equal pieces along an axis, as results of one node: their cotangents are joined by one concatenation. */
export const splitPrimitive: Primitive = {
  name: 'split',
  kind: 'general',
  infer([x], attributes) {
    const { axis, pieces } = attributes as Pieces
    if (x.shape[axis] % pieces !== 0) throw shapeError('split', `${pieces} pieces do not divide axis ${axis}`, [x])
    const piece = { shape: x.shape.with(axis, x.shape[axis] / pieces), dtype: x.dtype }
    return Array.from({ length: pieces }, () => piece)
  },
  evaluate([x], attributes, results) {
    const { axis } = attributes as Pieces
    const strides = stridesOf(x.shape)
    return results.map((result, piece) => {
      const start = piece * result.shape[axis] * strides[axis]
      return moved(x, result, (index) => index.reduce((offset, at, k) => offset + at * strides[k], start))
    })
  },
  jvp: ({ attributes, outputs }, [t]) => (t === null ? outputs.map(() => null) : apply(splitPrimitive, [t], attributes)),
  vjp: ({ attributes, outputs }, cts) => [
    concat(
      cts.map((ct, piece) => ct ?? zerosLike(outputs[piece])),
      attributes as Pieces,
    ),
  ],
  batch: ([x], _, attributes) => apply(splitPrimitive, [x], { ...attributes, axis: (attributes as Pieces).axis + 1 }),
  lower(context, [x], node) {
    const { axis, pieces } = node.attributes as Pieces
    return pieces === 1 ? [x] : context.emitMany('Split', [x], pieces, { axis, num_outputs: pieces })
  },
}

/** Whether a node transposes matrices: exchanges the last two axes and leaves the others. */
export function swapsLast({ primitive, attributes }: Node): boolean {
  if (primitive.name !== 'transpose') return false
  const permutation = attributes.permutation as readonly number[]
  const rank = permutation.length
  return permutation.every((axis, k) => axis === (k < rank - 2 ? k : 2 * rank - 3 - k))
}

type Axes = { readonly axes: readonly number[] }

/** Reverses the order along axes. */
export const flipPrimitive: Primitive = linear<Axes>({
  name: 'flip',
  infer: ([x]) => x,
  evaluate([x], { axes }, result) {
    const strides = stridesOf(x.shape)
    return moved(x, result, (index) =>
      index.reduce((offset, at, axis) => offset + (axes.includes(axis) ? x.shape[axis] - 1 - at : at) * strides[axis], 0),
    )
  },
  transpose: [(ct, _, { axes }) => apply(flipPrimitive, [ct], { axes })[0]],
  batch: ([x], _, { axes }) => apply(flipPrimitive, [x], { axes: axes.map((axis) => axis + 1) })[0],
  lower(context, [x], _, { axes }) {
    const all = (value: number) => context.integers(...axes.map(() => value))
    return context.emit('Slice', [x, all(-1), all(-(2 ** 31)), context.integers(...axes), all(-1)])
  },
})
