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

/** Up to here an MLP does as well as convolutions, in a fraction of the time. */
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
  const chosen = predict ?? (process === 'edm' ? 'edm' : 'eps')
  // ln σ changes by a few units over all levels, a step's number by a thousand.
  const scale = process === 'edm' || process === 've' ? { scale: process === 'edm' ? 1000 : 100 } : {}
  return {
    network: { ...networkSized(kind, size, shape), ...scale },
    process: processes[process],
    predict: chosen,
    ...(kind === 'mlp' && chosen === 'eps' && { skip: true }),
    shape,
    range: [-1, 1],
    ...(learnedVariance && { variance: 'learned' as const }),
  }
}
