import { mul, random, sizeOf, type Tensor, zeros } from '../engine/index.ts'

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

const scaledNormal = (key: Tensor, shape: readonly number[], deviation: number): Tensor => mul(random.normal(key, shape), deviation)

/**
 * How many inputs each output of a weight [out, in, ...window] sees.
 *
 * @example
 * fanInOf([16, 3, 5, 5]) // 75
 */
export const fanInOf = (shape: readonly number[]): number => sizeOf(shape.slice(1))
