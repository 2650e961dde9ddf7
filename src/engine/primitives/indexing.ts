import { ndarray, sameShape, sizeOf } from '../array.ts'
import type { LoweringContext } from '../compile/lower.ts'
import { type DType, isFloat } from '../dtype.ts'
import type { Aval } from '../graph/node.ts'
import type { Primitive } from '../graph/primitive.ts'
import { add, gather, iota, less, mul, reshape, takeAlong, transpose, where } from '../ops.ts'
import type { Tensor } from '../tensor.ts'
import { apply, linear, referenceArray, shapeError, withBatchAxis } from './define.ts'

/*
 * Selection by integer tensors (int32, −extent ≤ index < extent; negative ones count from the end).
 * `gather` and `scatterAdd` are each other's transpose; so are `takeAlong` and `addAlong`.
 */

type Axis = { readonly axis: number }
type Scatter = Axis & { readonly extent: number }

function requireIndices(name: string, indices: Aval): void {
  if (indices.dtype !== 'int32') throw shapeError(name, 'indices must be int32', [indices])
}

const moveAxisToFront = (rank: number, axis: number): number[] => [
  axis,
  ...Array.from({ length: rank }, (_, k) => k).filter((k) => k !== axis),
]
const moveFrontToAxis = (rank: number, axis: number): number[] =>
  moveAxisToFront(rank, axis).map((_, k) => moveAxisToFront(rank, axis).indexOf(k))

const wrap = (index: number, extent: number): number => {
  const at = index < 0 ? index + extent : index
  if (at < 0 || at >= extent) throw new RangeError(`index ${index} lies outside an axis of ${extent}`)
  return at
}

/** Indices [size, i...] into one axis of `extent` for each example, as indices into the axes of all examples laid end to end. */
function offsetByExample(indices: Tensor, extent: number): Tensor {
  const [size, ...own] = indices.shape
  const fromFront = where(less(indices, 0), add(indices, extent), indices)
  return add(fromFront, reshape(mul(iota(size, 'int32'), extent), [size, ...own.map(() => 1)]))
}

/** x [..., extent, ...], indices [i...] → [..., i..., ...]: whole slices of `axis`, picked by index. */
export const gatherPrimitive: Primitive = linear<Axis>({
  name: 'gather',
  linearIn: 1,
  infer([x, indices], { axis }) {
    requireIndices('gather', indices)
    return { shape: x.shape.toSpliced(axis, 1, ...indices.shape), dtype: x.dtype }
  },
  evaluate([x, indices], { axis }, result) {
    const output = referenceArray(result)
    const inner = sizeOf(x.shape.slice(axis + 1))
    const outer = sizeOf(x.shape.slice(0, axis))
    const count = indices.data.length
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < count; k++) {
        const from = (o * x.shape[axis] + wrap(indices.data[k], x.shape[axis])) * inner
        output.data.set(x.data.subarray(from, from + inner), (o * count + k) * inner)
      }
    }
    return output
  },
  transpose: [(ct, [x, indices], { axis }) => apply(scatterAddPrimitive, [ct, indices], { axis, extent: x.shape[axis] })[0]],
  batch([x, indices], [xBatched, indicesBatched], { axis }, size) {
    if (!indicesBatched) return apply(gatherPrimitive, [x, indices], { axis: axis + 1 })[0]
    if (!xBatched) {
      const picked = apply(gatherPrimitive, [x, indices], { axis })[0]
      return transpose(picked, moveAxisToFront(picked.shape.length, axis))
    }
    // Each example has its own table and its own indices: one table of all, with indices offset by the example.
    const extent = x.shape[axis + 1]
    const front = transpose(x, [
      0,
      axis + 1,
      ...moveAxisToFront(x.shape.length - 1, axis)
        .slice(1)
        .map((k) => k + 1),
    ])
    const table = reshape(front, [size * extent, ...front.shape.slice(2)])
    const picked = gather(table, offsetByExample(indices, extent), { axis: 0 })
    const before = axis
    const ranks = indices.shape.length
    const order = [
      0,
      ...Array.from({ length: before }, (_, k) => ranks + k),
      ...Array.from({ length: ranks - 1 }, (_, k) => k + 1),
      ...Array.from({ length: picked.shape.length - ranks - before }, (_, k) => ranks + before + k),
    ]
    return transpose(picked, order)
  },
  lower: (context, [x, indices], _, { axis }) => context.emit('Gather', [x, indices], { axis }),
})

/** The transpose of gather: adds each slice of `updates` into zeros at its index along `axis`, an axis of `extent`. */
export const scatterAddPrimitive: Primitive = linear<Scatter>({
  name: 'scatterAdd',
  linearIn: 1,
  infer([updates, indices], { axis, extent }) {
    requireIndices('scatterAdd', indices)
    if (!(axis >= 0) || !sameShape(updates.shape.slice(axis, axis + indices.shape.length), indices.shape))
      throw shapeError('scatterAdd', `the updates must have the indices' axes from axis ${axis} on`, [updates, indices])
    return { shape: updates.shape.toSpliced(axis, indices.shape.length, extent), dtype: updates.dtype }
  },
  evaluate([updates, indices], { axis, extent }, result) {
    const output = referenceArray(result)
    const inner = sizeOf(result.shape.slice(axis + 1))
    const outer = sizeOf(result.shape.slice(0, axis))
    const count = indices.data.length
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < count; k++) {
        const to = (o * extent + wrap(indices.data[k], extent)) * inner
        for (let j = 0; j < inner; j++) output.data[to + j] += updates.data[(o * count + k) * inner + j]
      }
    }
    return output
  },
  transpose: [(ct, [_, indices], { axis }) => gather(ct, indices, { axis })],
  batch([updates, indices], [updatesBatched, indicesBatched], { axis, extent }, size) {
    const all = withBatchAxis(updates, updatesBatched, size)
    if (!indicesBatched) return apply(scatterAddPrimitive, [all, indices], { axis: axis + 1, extent })[0]
    // One table of size × extent slices, with indices offset by the example.
    const ranks = indices.shape.length
    const order = [
      0,
      ...Array.from({ length: ranks - 1 }, (_, k) => 1 + axis + k),
      ...Array.from({ length: axis }, (_, k) => 1 + k),
      ...Array.from({ length: all.shape.length - axis - ranks }, (_, k) => axis + ranks + k),
    ]
    const updatesInFront = transpose(all, order)
    const table = apply(scatterAddPrimitive, [updatesInFront, offsetByExample(indices, extent)], { axis: 0, extent: size * extent })[0]
    const perExample = reshape(table, [size, extent, ...table.shape.slice(1)])
    const back = [0, ...moveFrontToAxis(perExample.shape.length - 1, axis).map((k) => k + 1)]
    return transpose(perExample, back)
  },
  lower(context, [updates, indices], node, { axis, extent }) {
    const [update, index] = node.inputs
    const ranks = index.shape.length
    const rest = [...update.shape.keys()].filter((k) => k < axis || k >= axis + ranks)
    const front = [...Array.from({ length: ranks }, (_, k) => axis + k), ...rest]
    const moved = axis === 0 ? updates : context.emit('Transpose', [updates], { perm: front })
    const slice = rest.map((k) => update.shape[k])
    const count = sizeOf(index.shape)
    const parts = { count, slice, extent, dtype: node.dtype }
    const asProduct = isFloat(node.dtype) && extent <= MAX_PRODUCT_EXTENT && sizeOf(slice) >= MIN_PRODUCT_SLICE
    const sums = (asProduct ? scatterByProduct : scatterElements)(context, moved, indices, parts)
    return axis === 0 ? sums : context.emit('Transpose', [sums], { perm: moveFrontToAxis(slice.length + 1, axis) })
  },
})

/** Up to this many slices a matrix product fills the table sooner: some 5 ns an element at 1,024 slices on two cores, against 16. */
const MAX_PRODUCT_EXTENT = 1024
const MIN_PRODUCT_SLICE = 16

interface ScatterParts {
  readonly count: number
  readonly slice: readonly number[]
  readonly extent: number
  readonly dtype: DType
}

/** Σ over rows, by a single thread: ScatterND would need no expanded indices, but its threads race where an index occurs twice. */
function scatterElements(
  context: LoweringContext,
  updates: string,
  indices: string,
  { count, slice, extent, dtype }: ScatterParts,
): string {
  const rows = context.emit('Reshape', [updates, context.integers(count, ...slice)], { allowzero: 1 })
  const column = context.emit('Reshape', [indices, context.integers(count, ...slice.map(() => 1))], { allowzero: 1 })
  const positions = context.emit('Expand', [column, context.integers(count, ...slice)])
  const zeros = context.emit('Expand', [context.scalar(0, dtype), context.integers(extent, ...slice)])
  return context.emit('ScatterElements', [zeros, positions, rows], { axis: 0, reduction: 'add' })
}

/** The same as one-hot(indices) · updates. An update that is not finite spoils its column of all slices, not only its own. */
function scatterByProduct(
  context: LoweringContext,
  updates: string,
  indices: string,
  { count, slice, extent, dtype }: ScatterParts,
): string {
  const rows = context.emit('Reshape', [updates, context.integers(count, sizeOf(slice))], { allowzero: 1 })
  const places = context.constant(
    ndarray(
      Int32Array.from({ length: extent }, (_, k) => k),
      [extent, 1],
      'int32',
    ),
  )
  const row = context.emit('Reshape', [indices, context.integers(1, count)], { allowzero: 1 })
  const fromEnd = context.emit('Less', [row, context.scalar(0, 'int32')])
  const wrapped = context.emit('Where', [fromEnd, context.emit('Add', [row, context.scalar(extent, 'int32')]), row])
  const oneHot = context.cast(context.emit('Equal', [places, wrapped]), dtype)
  return context.emit('Reshape', [context.emit('MatMul', [oneHot, rows]), context.integers(extent, ...slice)], { allowzero: 1 })
}

/** x and indices of equal rank, equal but for `axis` → the shape of indices: y[…, k, …] = x[…, indices[…, k, …], …]. */
export const takeAlongPrimitive: Primitive = linear<Axis>({
  name: 'takeAlong',
  linearIn: 1,
  infer([x, indices], { axis }) {
    requireIndices('takeAlong', indices)
    const fits = indices.shape.length === x.shape.length && indices.shape.every((extent, k) => k === axis || extent === x.shape[k])
    if (!fits) throw shapeError('takeAlong', `indices must have the shape of x but for axis ${axis}`, [x, indices])
    return { shape: indices.shape, dtype: x.dtype }
  },
  evaluate([x, indices], { axis }, result) {
    const output = referenceArray(result)
    forEachAlong(indices.shape, axis, x.shape[axis], (i, base, stride) => {
      output.data[i] = x.data[base + wrap(indices.data[i], x.shape[axis]) * stride]
    })
    return output
  },
  transpose: [(ct, [x, indices], { axis }) => apply(addAlongPrimitive, [ct, indices], { axis, extent: x.shape[axis] })[0]],
  batch: ([x, indices], [xBatched, indicesBatched], { axis }, size) =>
    apply(takeAlongPrimitive, [withBatchAxis(x, xBatched, size), withBatchAxis(indices, indicesBatched, size)], { axis: axis + 1 })[0],
  lower: (context, [x, indices], _, { axis }) => context.emit('GatherElements', [x, indices], { axis }),
})

/** The transpose of takeAlong: adds each element of `updates` into zeros at its index along `axis`. */
export const addAlongPrimitive: Primitive = linear<Scatter>({
  name: 'addAlong',
  linearIn: 1,
  infer([updates, indices], { axis, extent }) {
    requireIndices('addAlong', indices)
    return { shape: updates.shape.with(axis, extent), dtype: updates.dtype }
  },
  evaluate([updates, indices], { axis, extent }, result) {
    const output = referenceArray(result)
    forEachAlong(indices.shape, axis, extent, (i, base, stride) => {
      output.data[base + wrap(indices.data[i], extent) * stride] += updates.data[i]
    })
    return output
  },
  transpose: [(ct, [_, indices], { axis }) => takeAlong(ct, indices, { axis })],
  batch: ([updates, indices], [updatesBatched, indicesBatched], { axis, extent }, size) =>
    apply(addAlongPrimitive, [withBatchAxis(updates, updatesBatched, size), withBatchAxis(indices, indicesBatched, size)], {
      axis: axis + 1,
      extent,
    })[0],
  lower(context, [updates, indices], node, { axis }) {
    const zeros = context.emit('Expand', [context.scalar(0, node.dtype), context.integers(...node.shape)])
    return context.emit('ScatterElements', [zeros, indices, updates], { axis, reduction: 'add' })
  },
})

/** Visits the elements of an index tensor: its own offset, and base and stride of its line in a tensor whose `axis` has `extent`. */
function forEachAlong(
  shape: readonly number[],
  axis: number,
  extent: number,
  visit: (i: number, base: number, stride: number) => void,
): void {
  const stride = sizeOf(shape.slice(axis + 1))
  const outer = sizeOf(shape.slice(0, axis))
  for (let o = 0, i = 0; o < outer; o++) {
    for (let k = 0; k < shape[axis]; k++) for (let j = 0; j < stride; j++, i++) visit(i, o * extent * stride + j, stride)
  }
}
