import { isFloat } from '../dtype.ts'
import { shapeError } from '../primitives/define.ts'
import type { Tensor } from '../tensor.ts'
import { type PerAxis, perSpatialAxis } from './axes.ts'
import { alongAxis, inside, keys, matrixOf, normalized, type Share, sharesAround, triangle } from './weights.ts'

/*
 * Resampling: each spatial axis times a matrix of weights, made once on the host. A matrix product is exact in float64 and has derivatives of
 * every order.
 */

export interface ResizeOptions {
  /** The extents of the result. */
  readonly size: PerAxis
  readonly mode?: 'nearest' | 'linear' | 'cubic'
  /** Whether the first and last elements keep their places. By default elements are areas whose outer borders do. */
  readonly alignCorners?: boolean
  /** Whether the kernel grows with the elements it has to cover, so that nothing is skipped when an axis shrinks. */
  readonly antialias?: boolean
}

/**
 * x [n, c, ...space] resampled to other spatial extents, by PyTorch's conventions: linear and cubic (Keys' kernel, a = −0.75, or −0.5 with
 * antialias) over 1 to 3 axes, nearest by ⌊i·old/new⌋.
 *
 * @example
 * resize(zeros([1, 3, 32, 32]), { size: [64, 64], mode: 'cubic', antialias: true }).shape // [1, 3, 64, 64]
 */
export function resize(x: Tensor, { size, mode = 'nearest', alignCorners = false, antialias = false }: ResizeOptions): Tensor {
  const sizes = perSpatialAxis('resize', x, size)
  if (!isFloat(x.dtype)) throw shapeError('resize', 'takes floats', [x])
  if ([...sizes, ...x.shape.slice(2)].some((extent) => !(extent >= 1))) throw shapeError('resize', 'extents must be at least 1', [x])
  if ((alignCorners || antialias) && mode === 'nearest') throw shapeError('resize', 'the nearest mode takes no options', [x])
  if (alignCorners && antialias) throw shapeError('resize', 'antialias goes without alignCorners', [x])
  return sizes.reduce((y, target, k) => {
    const extent = y.shape[k + 2]
    if (target === extent) return y
    const rows = Array.from({ length: target }, (_, i) => {
      if (mode === 'nearest') return [{ from: Math.floor((i * extent) / target), weight: 1 }]
      return antialias ? covering(i, extent / target, extent, mode) : interpolating(sourceOf(i, extent, target, alignCorners), mode)
    })
    return alongAxis(y, k + 2, matrixOf(rows, extent, y.dtype))
  }, x)
}

/** Where in the input an element of the result lies. */
function sourceOf(i: number, extent: number, target: number, alignCorners: boolean): number {
  if (alignCorners) return target === 1 ? 0 : (i * (extent - 1)) / (target - 1)
  return ((i + 0.5) * extent) / target - 0.5
}

/** The shares of the 2 or 4 elements around a place; those outside fall to the border. */
const interpolating = (source: number, mode: 'linear' | 'cubic'): Share[] =>
  sharesAround(source, mode === 'linear' ? triangle : keys(-0.75))

/** The shares of all elements that a kernel covers once it is as wide as what an element of the result stands for. */
const covering = (i: number, scale: number, extent: number, mode: 'linear' | 'cubic'): Share[] =>
  normalized(inside(sharesAround((i + 0.5) * scale - 0.5, mode === 'linear' ? triangle : keys(-0.5), Math.max(scale, 1)), extent))
