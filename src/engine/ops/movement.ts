import { sizeOf } from '../array.ts'
import { apply, shapeError } from '../primitives/define.ts'
import { add, equal, lessEqual, where } from '../primitives/elementwise.ts'
import {
  broadcastPrimitive,
  concatPrimitive,
  flipPrimitive,
  padPrimitive,
  reshapePrimitive,
  slicePrimitive,
  splitPrimitive,
  transposePrimitive,
} from '../primitives/movement.ts'
import type { Tensor } from '../tensor.ts'
import { checkedAxis } from './axes.ts'
import { iota, ones, scalar, tensor } from './create.ts'
import { gather } from './indexing.ts'

/**
 * The same elements with another shape; one extent may be −1, computed from the others.
 *
 * @example
 * await reshape(iota(4), [2, -1]).array() // [[0, 1], [2, 3]]
 */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  const known = shape.reduce((product, extent) => (extent === -1 ? product : product * extent), 1)
  const target = shape.map((extent) => (extent === -1 ? sizeOf(x.shape) / known : extent))
  if (shape.filter((extent) => extent === -1).length > 1 || target.some((extent) => !Number.isInteger(extent) || extent < 0)) {
    throw shapeError('reshape', `cannot become [${shape.join(', ')}]`, [x])
  }
  if (target.length === x.shape.length && target.every((extent, axis) => extent === x.shape[axis])) return x
  return apply(reshapePrimitive, [x], { shape: target })[0]
}

/**
 * The axes in another order; reversed where none is given.
 *
 * @example
 * transpose(zeros([2, 3, 4])).shape // [4, 3, 2]
 * transpose(zeros([2, 3, 4]), [0, 2, 1]).shape // [2, 4, 3]
 */
export function transpose(x: Tensor, permutation: readonly number[] = [...x.shape.keys()].reverse()): Tensor {
  const axes = permutation.map((axis) => checkedAxis('transpose', x, axis))
  if (axes.length === x.shape.length && axes.every((axis, k) => axis === k)) return x
  return apply(transposePrimitive, [x], { permutation: axes })[0]
}

/**
 * Exchanges the last two axes.
 *
 * @example
 * swapLast(zeros([2, 3, 4])).shape // [2, 4, 3]
 */
export const swapLast = (x: Tensor): Tensor => transpose(x, [...x.shape.keys()].slice(0, -2).concat(x.shape.length - 1, x.shape.length - 2))

/**
 * Repeats x along new leading axes and along axes of extent 1.
 *
 * @example
 * await broadcastTo(tensor([1, 2]), [2, 2]).array() // [[1, 2], [1, 2]]
 */
export const broadcastTo = (x: Tensor, shape: readonly number[]): Tensor =>
  shape.length === x.shape.length && shape.every((extent, axis) => extent === x.shape[axis])
    ? x
    : apply(broadcastPrimitive, [x], { shape: [...shape] })[0]

/**
 * A new axis of extent 1 at this place of the result.
 *
 * @example
 * expandDims(zeros([2, 3]), -1).shape // [2, 3, 1]
 */
export function expandDims(x: Tensor, axis: number): Tensor {
  const at = axis < 0 ? axis + x.shape.length + 1 : axis
  return reshape(x, x.shape.toSpliced(at, 0, 1))
}

/**
 * Without the axes of extent 1, or without those named.
 *
 * @example
 * squeeze(zeros([1, 3, 1])).shape // [3]
 */
export function squeeze(x: Tensor, axes: readonly number[] = x.shape.flatMap((extent, axis) => (extent === 1 ? [axis] : []))): Tensor {
  const drop = axes.map((axis) => checkedAxis('squeeze', x, axis))
  return reshape(
    x,
    x.shape.filter((_, axis) => !drop.includes(axis)),
  )
}

/**
 * One tensor after another along an existing axis.
 *
 * @example
 * await concat([tensor([1, 2]), tensor([3])]).array() // [1, 2, 3]
 */
export const concat = (tensors: readonly Tensor[], { axis = 0 } = {}): Tensor =>
  tensors.length === 1 ? tensors[0] : apply(concatPrimitive, tensors, { axis: checkedAxis('concat', tensors[0], axis) })[0]

/**
 * Tensors of one shape along a new axis.
 *
 * @example
 * await stack([tensor([1, 2]), tensor([3, 4])]).array() // [[1, 2], [3, 4]]
 */
export const stack = (tensors: readonly Tensor[], { axis = 0 } = {}): Tensor =>
  concat(
    tensors.map((x) => expandDims(x, axis)),
    { axis },
  )

/**
 * Elements start, start + step, … below end of one axis. Negative bounds count from the end.
 *
 * @example
 * await slice(iota(6), { axis: 0, start: 1, end: 5, step: 2 }).array() // [1, 3]
 */
export function slice(
  x: Tensor,
  { axis, start = 0, end, step = 1 }: { axis: number; start?: number; end?: number; step?: number },
): Tensor {
  const at = checkedAxis('slice', x, axis)
  const extent = x.shape[at]
  const resolve = (bound: number) => (bound < 0 ? bound + extent : bound)
  const window = {
    starts: x.shape.map((_, k) => (k === at ? resolve(start) : 0)),
    ends: x.shape.map((other, k) => (k === at ? resolve(end ?? extent) : other)),
    steps: x.shape.map((_, k) => (k === at ? step : 1)),
  }
  if (window.starts[at] === 0 && window.ends[at] === extent && step === 1) return x
  return apply(slicePrimitive, [x], window)[0]
}

/**
 * The k-th slices along an axis, that axis removed.
 *
 * @example
 * await select(reshape(iota(4), [2, 2]), 1).array() // [2, 3]
 */
export const select = (x: Tensor, index: number, { axis = 0 } = {}): Tensor => {
  const at = checkedAxis('select', x, axis)
  const from = index < 0 ? index + x.shape[at] : index
  return squeeze(slice(x, { axis: at, start: from, end: from + 1 }), [at])
}

/**
 * Equal pieces along an axis, or pieces of the extents given.
 *
 * @example
 * const [head, tail] = split(iota(5), [2, 3])
 * await tail.array() // [2, 3, 4]
 */
export function split(x: Tensor, pieces: number | readonly number[], { axis = -1 } = {}): Tensor[] {
  const at = checkedAxis('split', x, axis)
  if (typeof pieces === 'number') return apply(splitPrimitive, [x], { axis: at, pieces })
  const ends = pieces.map((_, k) => pieces.slice(0, k + 1).reduce((total, extent) => total + extent, 0))
  if (ends.at(-1) !== x.shape[at]) throw shapeError('split', `pieces of [${pieces.join(', ')}] do not fill axis ${axis}`, [x])
  return pieces.map((extent, k) => slice(x, { axis: at, start: ends[k] - extent, end: ends[k] }))
}

type Widths = readonly (readonly [before: number, after: number])[]

export interface PadOptions {
  /**
   * What stands outside: a `value` (constant); x mirrored at its first and last element (reflect); those elements themselves (edge);
   * x again from its other end (wrap).
   */
  readonly mode?: 'constant' | 'reflect' | 'edge' | 'wrap'
  readonly value?: number
}

/**
 * Elements before and after those of each axis; negative counts cut.
 *
 * @example
 * await pad(tensor([1, 2]), [[1, 0]]).array() // [0, 1, 2]
 * await pad(tensor([1, 2, 3]), [[2, 0]], { mode: 'reflect' }).array() // [3, 2, 1, 2, 3]
 */
export function pad(x: Tensor, widths: Widths, { mode = 'constant', value = 0 }: PadOptions = {}): Tensor {
  if (widths.length !== x.shape.length)
    throw shapeError('pad', `takes a pair for each of ${x.shape.length} axes, got ${widths.length}`, [x])
  if (widths.every(([before, after]) => before === 0 && after === 0)) return x
  if (mode !== 'constant') return widths.reduce((y, width, axis) => continued(y, axis, width, mode), x)
  const padded = zeroPad(x, widths)
  return value === 0 ? padded : where(zeroPad(ones(x.shape, 'bool'), widths), padded, scalar(value, x.dtype))
}

const zeroPad = (x: Tensor, widths: Widths): Tensor =>
  apply(padPrimitive, [x], {
    low: widths.map(([before]) => before),
    high: widths.map(([, after]) => after),
    interior: widths.map(() => 0),
  })[0]

/** One axis continued past its ends by elements of its own. */
function continued(x: Tensor, axis: number, [before, after]: readonly [number, number], mode: 'reflect' | 'edge' | 'wrap'): Tensor {
  const extent = x.shape[axis]
  if (before === 0 && after === 0) return x
  if (extent === 0) throw shapeError('pad', `an empty axis ${axis} has nothing to continue it with`, [x])
  const period = Math.max(1, mode === 'reflect' ? 2 * (extent - 1) : extent)
  const from = (place: number) => {
    if (mode === 'edge') return Math.min(Math.max(place, 0), extent - 1)
    const within = ((place % period) + period) % period
    return mode === 'reflect' ? Math.min(within, Math.max(period - within, 0)) : within
  }
  const places = Int32Array.from({ length: before + extent + after }, (_, k) => from(k - before) % extent)
  return gather(x, tensor(places), { axis })
}

/**
 * The elements of these axes in reverse order.
 *
 * @example
 * await flip(tensor([1, 2, 3]), { axes: [0] }).array() // [3, 2, 1]
 */
export const flip = (x: Tensor, { axes }: { axes: readonly number[] }): Tensor =>
  apply(flipPrimitive, [x], { axes: axes.map((axis) => checkedAxis('flip', x, axis)) })[0]

/**
 * x repeated along each axis as a whole: [1, 2] → [1, 2, 1, 2]. Counts are for the last axes; x gets new leading ones where they are more.
 *
 * @example
 * await tile(tensor([1, 2]), [2]).array() // [1, 2, 1, 2]
 */
export function tile(x: Tensor, counts: readonly number[]): Tensor {
  const rank = Math.max(counts.length, x.shape.length)
  const shape = [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape]
  const times = [...new Array<number>(rank - counts.length).fill(1), ...counts]
  const apart = reshape(
    x,
    shape.flatMap((extent) => [1, extent]),
  )
  const repeated = broadcastTo(
    apart,
    shape.flatMap((extent, axis) => [times[axis], extent]),
  )
  return reshape(
    repeated,
    shape.map((extent, axis) => times[axis] * extent),
  )
}

/**
 * Each element along an axis repeated in place: [1, 2] → [1, 1, 2, 2].
 *
 * @example
 * await repeat(tensor([1, 2]), 2).array() // [1, 1, 2, 2]
 */
export function repeat(x: Tensor, count: number, { axis = -1 } = {}): Tensor {
  const at = checkedAxis('repeat', x, axis)
  const apart = expandDims(x, at + 1)
  return reshape(broadcastTo(apart, apart.shape.with(at + 1, count)), x.shape.with(at, x.shape[at] * count))
}

/**
 * The elements moved along an axis, those that leave at one end coming in at the other: [1, 2, 3] by 1 → [3, 1, 2].
 *
 * @example
 * await roll(tensor([1, 2, 3]), 1).array() // [3, 1, 2]
 */
export function roll(x: Tensor, by: number, { axis = -1 } = {}): Tensor {
  const at = checkedAxis('roll', x, axis)
  const extent = x.shape[at]
  const shift = extent === 0 ? 0 : ((by % extent) + extent) % extent
  if (shift === 0) return x
  return concat([slice(x, { axis: at, start: extent - shift }), slice(x, { axis: at, end: extent - shift })], { axis: at })
}

/**
 * One axis moved to another place, the others in order.
 *
 * @example
 * moveAxis(zeros([2, 3, 4]), 0, -1).shape // [3, 4, 2]
 */
export function moveAxis(x: Tensor, from: number, to: number): Tensor {
  const [source, target] = [from, to].map((axis) => checkedAxis('moveAxis', x, axis))
  const others = [...x.shape.keys()].filter((axis) => axis !== source)
  return transpose(x, others.toSpliced(target, 0, source))
}

/**
 * The matrices' elements on and below a diagonal, zeros above; `diagonal` 1 is the one above the main one.
 *
 * @example
 * await tril(ones([2, 2])).array() // [[1, 0], [1, 1]]
 */
export const tril = (x: Tensor, { diagonal = 0 } = {}): Tensor =>
  where(lessEqual(...rowsAndColumns('tril', x, diagonal)), x, scalar(0, x.dtype))

/**
 * The matrices' elements on and above a diagonal, zeros below.
 *
 * @example
 * await triu(ones([2, 2])).array() // [[1, 1], [0, 1]]
 */
export const triu = (x: Tensor, { diagonal = 0 } = {}): Tensor => {
  const [columns, rows] = rowsAndColumns('triu', x, diagonal)
  return where(lessEqual(rows, columns), x, scalar(0, x.dtype))
}

/** The column numbers [m], and for each row [n, 1] the column of the diagonal. */
function rowsAndColumns(name: string, x: Tensor, diagonal: number): [Tensor, Tensor] {
  if (x.shape.length < 2) throw shapeError(name, 'takes matrices', [x])
  return [iota(x.shape.at(-1)!), add(expandDims(iota(x.shape.at(-2)!), -1), diagonal)]
}

/**
 * Vectors [..., n] as the diagonals of matrices [..., n, n].
 *
 * @example
 * await diag(tensor([1, 2])).array() // [[1, 0], [0, 2]]
 */
export function diag(x: Tensor): Tensor {
  const n = x.shape[checkedAxis('diag', x, -1)]
  const onDiagonal = equal(expandDims(iota(n), -1), iota(n))
  return where(onDiagonal, broadcastTo(expandDims(x, -1), [...x.shape, n]), scalar(0, x.dtype))
}

/**
 * A diagonal of matrices [..., n, m]; `offset` 1 is the one above the main one.
 *
 * @example
 * await diagonal(reshape(iota(4), [2, 2])).array() // [0, 3]
 */
export function diagonal(x: Tensor, { offset = 0 } = {}): Tensor {
  if (x.shape.length < 2) throw shapeError('diagonal', 'takes matrices', [x])
  const [n, m] = x.shape.slice(-2)
  const length = Math.max(0, Math.min(n + Math.min(offset, 0), m - Math.max(offset, 0)))
  const start = length === 0 ? 0 : offset >= 0 ? offset : -offset * m
  const rows = reshape(x, [...x.shape.slice(0, -2), n * m])
  return slice(rows, { axis: -1, start, end: length === 0 ? start : start + (length - 1) * (m + 1) + 1, step: m + 1 })
}
