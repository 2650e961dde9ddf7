/*
 * Arrays as plainly as they can be had: what twins are written with. Slow, and sharing no code with the engine.
 */

export interface Plain {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

/** Every index of a shape, the last axis fastest. */
export const indicesOf = (shape: readonly number[]): number[][] =>
  shape.reduce<number[][]>((all, extent) => all.flatMap((index) => Array.from({ length: extent }, (_, k) => [...index, k])), [[]])

/** The array whose element at each index is what `element` says. */
export const build = (shape: readonly number[], element: (index: readonly number[]) => number): Plain => ({
  shape,
  data: indicesOf(shape).map(element),
})

export const at = ({ shape, data }: Plain, index: readonly number[]): number =>
  data[index.reduce((offset, k, axis) => offset * shape[axis] + k, 0)]

/** The element that broadcasting pairs with an index of the larger shape. */
export const broadcastAt = (x: Plain, index: readonly number[]): number =>
  at(
    x,
    x.shape.map((extent, axis) => (extent === 1 ? 0 : index[index.length - x.shape.length + axis])),
  )

/** The shape that arrays broadcast to. */
export const commonShape = (arrays: readonly Plain[]): number[] => {
  const rank = Math.max(...arrays.map(({ shape }) => shape.length))
  return Array.from({ length: rank }, (_, axis) => {
    const extents = arrays.map(({ shape }) => shape[axis - rank + shape.length] ?? 1)
    return extents.find((extent) => extent !== 1) ?? 1
  })
}

const fromFront = (axes: readonly number[], rank: number): number[] => axes.map((axis) => (axis + rank) % rank)

/** Each group of elements along `axes`, in order, made one element by `combine`. */
export function reduceLines(
  x: Plain,
  { axes: given = [...x.shape.keys()], keepDims = false }: { axes?: readonly number[]; keepDims?: boolean },
  combine: (line: number[]) => number,
): Plain {
  const axes = fromFront(given, x.shape.length)
  const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))
  const along = x.shape.map((extent, axis) => (axes.includes(axis) ? extent : 1))
  const line = (index: readonly number[]) =>
    indicesOf(along).map((offset) =>
      at(
        x,
        index.map((k, axis) => k + offset[axis]),
      ),
    )
  const { data } = build(kept, (index) => combine(line(index)))
  return { shape: keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis)), data }
}

/** Each line along an axis made another line, perhaps of another extent. */
export function mapLines(x: Plain, axis: number, extent: number, change: (line: number[]) => number[]): Plain {
  const [on] = fromFront([axis], x.shape.length)
  return build(x.shape.with(on, extent), (index) => {
    const line = Array.from({ length: x.shape[on] }, (_, k) => at(x, index.with(on, k)))
    return change(line)[index[on]]
  })
}
