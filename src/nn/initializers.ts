import { mul, random, reshape, sizeOf, swapLast, type Tensor, zeros } from '../engine/index.ts'
import { qr } from '../engine/linalg.ts'

/** Makes a weight of this shape; `fanIn` is the number of inputs that each output sees. */
export type Initializer = (key: Tensor, shape: readonly number[], fanIn: number) => Tensor

/**
 * Uniform on ±1/√fanIn, as PyTorch's linear and convolution layers start.
 *
 * @example
 * uniformFanIn(key(0), [64, 784], 784).shape // [64, 784]
 */
export const uniformFanIn: Initializer = (key, shape, fanIn) => {
  const bound = 1 / Math.sqrt(fanIn)
  return random.uniform(key, shape, { low: -bound, high: bound })
}

/**
 * Normal with variance 2/fanIn, for ReLU networks (He et al. 2015).
 *
 * @example
 * heNormal(key(0), [64, 784], 784).shape // [64, 784]
 */
export const heNormal: Initializer = (key, shape, fanIn) => scaledNormal(key, shape, Math.sqrt(2 / fanIn))

/**
 * Normal with variance 1/fanIn (LeCun et al. 1998).
 *
 * @example
 * lecunNormal(key(0), [64, 784], 784).shape // [64, 784]
 */
export const lecunNormal: Initializer = (key, shape, fanIn) => scaledNormal(key, shape, Math.sqrt(1 / fanIn))

/**
 * Normal with a given standard deviation.
 *
 * @example
 * normalInit(0.02)(key(0), [10, 64], 64).shape // [10, 64]
 */
export const normalInit =
  (deviation: number): Initializer =>
  (key, shape) =>
    scaledNormal(key, shape, deviation)

/**
 * All zeros.
 *
 * @example
 * await zeroInit(key(0), [2], 2).array() // [0, 0]
 */
export const zeroInit: Initializer = (_, shape) => zeros(shape)

/**
 * Rows that are orthonormal, or columns where there are more rows than inputs (Saxe et al. 2014), times `gain`. Drawn evenly among all such matrices: R of a QR
 * decomposition has a positive diagonal.
 *
 * @example
 * orthogonal()(key(0), [16, 8, 3, 3], 72).shape // [16, 8, 3, 3]
 */
export const orthogonal =
  (gain = 1): Initializer =>
  (key, shape) => {
    const [rows, columns] = [shape[0], sizeOf(shape.slice(1))]
    const { q } = qr(random.normal(key, [Math.max(rows, columns), Math.min(rows, columns)]))
    return mul(reshape(rows >= columns ? q : swapLast(q), shape), gain)
  }

const scaledNormal = (key: Tensor, shape: readonly number[], deviation: number): Tensor => mul(random.normal(key, shape), deviation)

/**
 * How many inputs each output of a weight [out, in, ...window] sees.
 *
 * @example
 * fanInOf([16, 3, 5, 5]) // 75
 */
export const fanInOf = (shape: readonly number[]): number => sizeOf(shape.slice(1))
