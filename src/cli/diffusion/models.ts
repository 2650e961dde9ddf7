import type { DiffusionConfig, MlpConfig, NetworkConfig, Prediction, ProcessConfig, UNetConfig } from '../../kits/diffusion/index.ts'

/** Processes by a word each, with the settings of the papers. */
export const processes = {
  edm: { kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] },
  cosine: { kind: 'discrete', steps: 1000, schedule: 'cosine' },
  linear: { kind: 'discrete', steps: 1000, schedule: 'linear' },
  vp: { kind: 'vp', betas: [0.1, 20] },
  subVp: { kind: 'subVp', betas: [0.1, 20] },
  ve: { kind: 've', sigmas: [0.01, 50] },
} as const satisfies Record<string, ProcessConfig>

export type ProcessName = keyof typeof processes
export const processNames = Object.keys(processes) as [ProcessName, ...ProcessName[]]

export const networkKinds = ['mlp', 'unet', 'attention'] as const
export type NetworkKind = (typeof networkKinds)[number]

export const sizeNames = ['nano', 'tiny', 'small'] as const
export type SizeName = (typeof sizeNames)[number]

/** Up to here an MLP does as well as convolutions, in a fraction of the time. */
const mlpValues = 256

const mlps: Readonly<Record<SizeName, Pick<MlpConfig, 'width' | 'hidden'>>> = {
  nano: { width: 64, hidden: [64, 64] },
  tiny: { width: 256, hidden: [256, 256, 256] },
  small: { width: 512, hidden: [512, 512, 512, 512] },
}
const unets: Readonly<Record<SizeName, Pick<UNetConfig, 'channels' | 'blocks'>>> = {
  nano: { channels: 8, blocks: 1 },
  tiny: { channels: 16, blocks: 1 },
  small: { channels: 32, blocks: 2 },
}
const transformers = {
  nano: { width: 64, depth: 2, heads: 2 },
  tiny: { width: 128, depth: 4, heads: 4 },
  small: { width: 256, depth: 6, heads: 4 },
}

/** What is trained when nothing more is said: a network that fits the images, and a prediction that fits the process. */
export function configFor(
  shape: readonly [channels: number, height: number, width: number],
  { process, predict, network, size }: { process: ProcessName; predict?: Prediction; network?: NetworkKind; size: SizeName },
): Omit<DiffusionConfig, 'sigmaData' | 'classes'> {
  const kind = network ?? (shape.reduce((product, extent) => product * extent) <= mlpValues ? 'mlp' : 'unet')
  const chosen = predict ?? (process === 'edm' ? 'edm' : 'eps')
  // ln σ changes by a few units over all levels, a step's number by a thousand.
  const scale = process === 'edm' || process === 've' ? { scale: process === 'edm' ? 1000 : 100 } : {}
  return {
    network: { ...networkFor(kind, shape, size), ...scale },
    process: processes[process],
    predict: chosen,
    ...(kind === 'mlp' && chosen === 'eps' && { skip: true }),
    shape,
    range: [-1, 1],
  }
}

function networkFor(kind: NetworkKind, [, height, width]: readonly number[], size: SizeName): NetworkConfig {
  if (kind === 'mlp') return { kind, ...mlps[size] }
  const halvings = [1, 2, 3].filter((n) => height % 2 ** n === 0 && width % 2 ** n === 0 && Math.min(height, width) / 2 ** n >= 4)
  if (kind === 'attention')
    return { kind, patch: height % 4 === 0 && width % 4 === 0 && height >= 16 ? 4 : halvings.length > 0 ? 2 : 1, ...transformers[size] }
  const multiples = [1, 2, 2, 4].slice(0, 1 + Math.min(halvings.length, 2))
  const last = height / 2 ** (multiples.length - 1)
  return { kind: 'unet', ...unets[size], multiples, attention: size === 'small' && last <= 8 ? [last] : [] }
}
