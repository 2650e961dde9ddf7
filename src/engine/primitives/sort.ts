import { sizeOf, stridesOf, zerosArray } from '../array.ts'
import type { LoweringContext } from '../compile/lower.ts'
import { isFloat, numbers } from '../dtype.ts'
import type { Aval } from '../graph/node.ts'
import type { Primitive } from '../graph/primitive.ts'
import { takeAlong } from '../ops.ts'
import { apply, referenceArray, shapeError } from './define.ts'
import { addAlongPrimitive } from './indexing.ts'

type Order = { readonly axis: number; readonly k: number; readonly largest: boolean }

/**
 * The k largest or smallest elements along an axis, best first, and their int32 indices. Equal elements keep their order; NaN counts as greater
 * than everything. With k the whole extent this sorts.
 */
export const topKPrimitive: Primitive = {
  name: 'topK',
  kind: 'general',
  infer([x], attributes) {
    const { axis, k } = attributes as Order
    if (!numbers.includes(x.dtype)) throw shapeError('topK', 'takes numbers; cast booleans first', [x])
    if (!Number.isInteger(k) || k < 0 || k > x.shape[axis]) throw shapeError('topK', `axis ${axis} has no ${k} elements`, [x])
    const shape = x.shape.with(axis, k)
    return [
      { shape, dtype: x.dtype },
      { shape, dtype: 'int32' },
    ]
  },
  evaluate([x], attributes, results) {
    const { axis, k, largest } = attributes as Order
    const [values, indices] = results.map(referenceArray)
    const extent = x.shape[axis]
    const stride = stridesOf(x.shape)[axis]
    const rank = (value: number) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value)
    const compare = (a: number, b: number) => (rank(a) === rank(b) ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : rank(a) - rank(b))
    for (let line = 0; line < x.data.length / Math.max(extent, 1); line++) {
      const [outer, inner] = [Math.floor(line / stride), line % stride]
      const element = (i: number) => x.data[(outer * extent + i) * stride + inner]
      const order = Array.from({ length: extent }, (_, i) => i).sort(
        (i, j) => (largest ? compare(element(j), element(i)) : compare(element(i), element(j))) || i - j,
      )
      for (let place = 0; place < k; place++) {
        const to = (outer * k + place) * stride + inner
        indices.data[to] = order[place]
        values.data[to] = element(order[place])
      }
    }
    return [values, indices]
  },
  jvp: ({ outputs: [, indices], attributes }, [t]) => [t && takeAlong(t, indices, { axis: (attributes as Order).axis }), null],
  vjp({ inputs: [x], outputs: [, indices], attributes }, [ct]) {
    const { axis } = attributes as Order
    return [ct && apply(addAlongPrimitive, [ct, indices], { axis, extent: x.shape[axis] })[0]]
  },
  batch: ([x], _, attributes) => apply(topKPrimitive, [x], { ...attributes, axis: (attributes as Order).axis + 1 }),
  lower(context, [x], node) {
    const { axis, k, largest } = node.attributes as Order
    // The runtime divides by the extent.
    if (sizeOf(node.shape) === 0) return node.results!.map((result) => context.constant(zerosArray(result.shape, result.dtype)))
    const keys = emitKeys(context, x, node.inputs[0])
    const [, wide] = context.emitMany('TopK', [keys, context.integers(k)], 2, { axis, largest: Number(largest), sorted: 1 })
    const indices = context.cast(wide, 'int32')
    return [context.emit('GatherElements', [x, indices], { axis }), indices]
  },
}

/**
 * The runtime's order has no place for NaN: a key of infinity gives it one, and infinity itself steps back, which in float64 leaves every float32
 * its own key. (Of float64 numbers only the very largest then counts as equal to infinity.)
 */
function emitKeys(context: LoweringContext, x: string, { dtype }: Aval): string {
  if (!isFloat(dtype)) return dtype === 'uint32' ? context.cast(x, 'int64') : x
  const wide = context.cast(x, 'float64')
  const finite = context.emit('Min', [wide, context.scalar(Number.MAX_VALUE, 'float64')])
  return context.emit('Where', [context.emit('IsNaN', [x]), context.scalar(Number.POSITIVE_INFINITY, 'float64'), finite])
}
