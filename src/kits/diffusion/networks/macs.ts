import { key, leaves, sizeOf, type Tensor, zeros } from '../../../engine/index.ts'
import { multiplyAccumulates } from '../../../engine/inspect/index.ts'
import type { NetworkConfig } from '../network.ts'
import { networkOf } from './index.ts'

/**
 * Multiplications and additions of one evaluation on one example, counted from the traced graph: those of matrix products and convolutions. A sum of some
 * element-wise operations is not counted, as in the literature.
 *
 * @example
 * macs({ kind: 'mlp', width: 64, hidden: [64, 64], embedding: 16, embed: 'input' }, [49]) // 23680
 */
export function macs(network: NetworkConfig, shape: readonly number[], classes?: number): number {
  const { apply, init } = networkOf(network, shape, classes)
  const image = network.kind === 'unet' && network.imageChannels ? zeros([1, network.imageChannels, ...shape.slice(1)]) : undefined
  return multiplyAccumulates((params: unknown) => apply(params, zeros([1, ...shape]), zeros([1]), { image }), init(key(0)))
}

/**
 * Parameters of a network.
 *
 * @example
 * parameterCount({ kind: 'mlp', width: 64, hidden: [64, 64], embedding: 16, embed: 'input' }, [49]) // 24113
 */
export function parameterCount(network: NetworkConfig, shape: readonly number[], classes?: number): number {
  return (leaves(networkOf(network, shape, classes).init(key(0))) as Tensor[]).reduce((total, { shape }) => total + sizeOf(shape), 0)
}
