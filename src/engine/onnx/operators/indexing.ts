import { sizeOf } from '../../array.ts'
import { add, cast, fromArray, gather, iota, less, mul, reshape, scatterAdd, scatterSet, slice, takeAlong, where } from '../../ops.ts'
import type { Tensor } from '../../tensor.ts'
import { integerArray } from '../tensors.ts'
import type { Call, Operator, Operators } from './call.ts'

/** Indices counted from the front. */
const fromFront = (indices: Tensor, extent: number): Tensor => where(less(indices, 0), add(indices, extent), indices)

const gathering: Operator = (call) => gather(call.input(0), cast(call.input(1), 'int32'), { axis: call.axis(call.integer('axis', 0)) })

const gatherElements: Operator = (call) => {
  const [x, indices] = [call.input(0), cast(call.input(1), 'int32')]
  const axis = call.axis(call.integer('axis', 0))
  const part = indices.shape.reduce((piece, extent, k) => (k === axis ? piece : slice(piece, { axis: k, start: 0, end: extent })), x)
  return takeAlong(part, fromFront(indices, x.shape[axis]), { axis })
}

/** For index tuples [..., k] into the axes of `shape`: offsets [...] of the slices that they name, in a table of all slices. */
function offsetsOf(tuples: Tensor, shape: readonly number[]): Tensor {
  const lead = tuples.shape.slice(0, -1)
  return shape.reduce(
    (total, extent, k) => {
      const index = reshape(slice(tuples, { axis: lead.length, start: k, end: k + 1 }), lead)
      return add(mul(total, extent), fromFront(index, extent))
    },
    fromArray(integerArray([0], [])),
  )
}

/** x [batch..., axes..., rest...], indices [batch..., more..., k] → [batch..., more..., rest...]. */
const gatherND: Operator = (call) => {
  const [x, indices] = [call.input(0), cast(call.input(1), 'int32')]
  const batch = call.integer('batch_dims', 0)
  const depth = indices.shape.at(-1) ?? call.fail('indices are a scalar')
  const lead = indices.shape.slice(0, -1)
  const axes = x.shape.slice(batch, batch + depth)
  const rest = x.shape.slice(batch + depth)
  const examples = sizeOf(x.shape.slice(0, batch))
  const perExample = sizeOf(axes)
  const within = reshape(offsetsOf(indices, axes), [examples, sizeOf(lead) / Math.max(examples, 1)])
  const offsets = add(within, mul(reshape(iota(examples), [examples, 1]), perExample))
  return reshape(gather(reshape(x, [examples * perExample, ...rest]), reshape(offsets, lead)), [...lead, ...rest])
}

/** A table [n, ...] with slices put at (or added to) the rows named; each row at most once where they are put. */
function scatterRows(call: Call, table: Tensor, rows: Tensor, updates: Tensor): Tensor {
  const reduction = call.string('reduction', 'none')
  if (reduction === 'add') return add(table, scatterAdd(updates, rows, { axis: 0, extent: table.shape[0] }))
  return reduction === 'none' ? scatterSet(table, rows, updates) : call.fail(`the reduction '${reduction}' is not read`)
}

const scatterND: Operator = (call) => {
  const [x, indices, updates] = [call.input(0), cast(call.input(1), 'int32'), call.input(2)]
  const depth = indices.shape.at(-1) ?? call.fail('indices are a scalar')
  const axes = x.shape.slice(0, depth)
  const rest = x.shape.slice(depth)
  const rows = reshape(offsetsOf(indices, axes), [-1])
  return reshape(scatterRows(call, reshape(x, [sizeOf(axes), ...rest]), rows, reshape(updates, [rows.shape[0], ...rest])), x.shape)
}

/** Each update goes where it stands, but along one axis where its index says. */
const scatterElements: Operator = (call) => {
  const [x, indices, updates] = [call.input(0), cast(call.input(1), 'int32'), call.input(2)]
  const axis = call.axis(call.integer('axis', 0))
  const positions = indices.shape.map((extent, k) =>
    k === axis
      ? fromFront(indices, x.shape[axis])
      : reshape(
          iota(extent),
          indices.shape.map((_, other) => (other === k ? extent : 1)),
        ),
  )
  const offsets = positions.reduce((total, position, k) => add(mul(total, x.shape[k]), position))
  return reshape(scatterRows(call, reshape(x, [-1]), reshape(offsets, [-1]), reshape(updates, [-1])), x.shape)
}

/** The operators that pick and place elements by index tensors. Indices outside of their axis are not looked for. */
export const indexingOperators: Operators = {
  Gather: gathering,
  GatherElements: gatherElements,
  GatherND: gatherND,
  Scatter: scatterElements,
  ScatterElements: scatterElements,
  ScatterND: scatterND,
}
