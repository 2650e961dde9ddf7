import {
  type DiffusionConfig,
  type NetworkKind,
  networkSized,
  networkSizes,
  type Prediction,
  type ProcessName,
  processes,
} from '../../kits/diffusion/index.ts'

export const networkKinds = Object.keys(networkSizes) as [NetworkKind, ...NetworkKind[]]

export const sizeNames = ['tiny', 'small', 'base'] as const
export type SizeName = (typeof sizeNames)[number]

/** Up to here an MLP is taken if nothing is said: it trains in a fraction of the time of convolutions. */
const mlpValues = 256

interface ModelChoice {
  readonly process: ProcessName
  readonly predict?: Prediction
  readonly network?: NetworkKind
  readonly size: SizeName
  readonly learnedVariance: boolean
}

/** What is trained when nothing more is said: a network that fits the images, and a prediction that fits the process. */
export function configFor(
  shape: readonly [channels: number, height: number, width: number],
  { process, predict, network, size, learnedVariance }: ModelChoice,
): Omit<DiffusionConfig, 'sigmaData' | 'classes'> {
  const kind = network ?? (shape.reduce((product, extent) => product * extent) <= mlpValues ? 'mlp' : 'unet')
  // Where noisy data grow with σ, the network sees them scaled.
  const chosen = predict ?? (process === 'edm' || process === 've' ? 'edm' : 'eps')
  return {
    network: networkSized(kind, size, shape),
    process: processes[process],
    predict: chosen,
    ...(kind === 'mlp' && chosen === 'eps' && { skip: true }),
    shape,
    range: [-1, 1],
    ...(learnedVariance && { variance: 'learned' as const }),
  }
}
