import { add, div, minimum, mul, norm, random, type Tensor } from '../../engine/index.ts'

const lengths = (x: Tensor): Tensor => add(norm(x, { axes: 1, keepDims: true }), 1e-12)

/** Rows of length 1; rows of zeros stay. */
export const unitRows = (x: Tensor): Tensor => div(x, lengths(x))

/** Scales rows that are longer than a radius back to it. */
export const intoBall = (offset: Tensor, radius: Tensor): Tensor => mul(offset, minimum(div(radius, lengths(offset)), 1))

/** Unit vectors, uniform on the sphere, [n, features]. */
export const randomDirections = (key: Tensor, shape: readonly number[]): Tensor => unitRows(random.normal(key, shape))
