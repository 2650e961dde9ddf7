import { InputError } from '../../../engine/index.ts'
import type { Network, NetworkConfig } from '../network.ts'
import { attentionNetwork } from './attention.ts'
import { mlpNetwork } from './mlp.ts'
import { unetNetwork } from './unet.ts'

/**
 * The network that a config describes, for data of one example's shape; `classes` where it is told one. With several `outputs` it gives as many of x's shape,
 * joined along the first axis of an example.
 *
 * @throws InputError for a config whose sizes do not fit each other or the data.
 * @example
 * const network = networkOf({ kind: 'mlp', width: 64, hidden: [64, 64] }, [49])
 * network.apply(network.init(key(0)), zeros([8, 49]), zeros([8])).shape // [8, 49]
 */
export function networkOf(network: NetworkConfig, shape: readonly number[], classes?: number, outputs = 1): Network {
  switch (network.kind) {
    case 'mlp':
      return mlpNetwork(network, shape, classes, outputs) as Network
    case 'unet':
      return unetNetwork(network, shape, classes, outputs) as Network
    case 'attention':
      return attentionNetwork(network, shape, classes, outputs) as Network
    default:
      throw new InputError(`there is no network of kind '${(network as NetworkConfig).kind}'`, { fix: 'known kinds: mlp, unet, attention' })
  }
}
export { macs, parameterCount } from './macs.ts'
export { type NetworkKind, networkSized, networkSizes } from './sizes.ts'
