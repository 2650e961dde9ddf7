import { evaluate, key } from '../src/engine/index.ts'
import { readRouting } from '../src/kits/diffusion/files/bundle.ts'
import { decodeModel, encodeModel } from '../src/kits/diffusion/files/model-file.ts'
import { type DiffusionConfig, initModel } from '../src/kits/diffusion/index.ts'
import type { Reader } from './readers.ts'

const shared = { shape: [1, 4, 4], range: [-1, 1] } as const

const configs: readonly DiffusionConfig[] = [
  {
    ...shared,
    network: { kind: 'mlp', width: 4, hidden: [3], embedding: 4 },
    process: { kind: 'discrete', steps: 20, schedule: 'cosine' },
    predict: 'eps',
  },
  {
    ...shared,
    network: { kind: 'unet', channels: 2, multiples: [1, 2], blocks: 1, attention: [] },
    process: { kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] },
    predict: 'edm',
    sigmaData: 0.5,
    classes: 2,
  },
  {
    ...shared,
    network: { kind: 'attention', patch: 2, width: 4, depth: 1, heads: 1 },
    process: { kind: 'vp', betas: [0.1, 20] },
    predict: 'v',
  },
]

const modelFile: Reader = {
  name: 'diffusion-model',
  good: async () =>
    Promise.all(
      configs.map(async (config) => {
        const { params } = initModel(config, key(0))
        return encodeModel({ config, params: await evaluate(params) })
      }),
    ),
  read: (bytes, where) => decodeModel(bytes, where),
  words: [
    '"quire.diffusion":"{',
    '\\"kind\\":\\"attention\\"',
    '\\"kind\\":\\"unet\\"',
    '\\"steps\\":1e12',
    '\\"width\\":1048576',
    '\\"depth\\":1000',
    '\\"shape\\":[',
    '"params.',
    '"centre"',
    '__proto__',
    'null',
    '-1',
    '1e300',
  ],
  large: async () => {
    const config: DiffusionConfig = { ...configs[0], network: { kind: 'mlp', width: 1024, hidden: [1024, 1024] } }
    const { params } = initModel(config, key(0))
    return encodeModel({ config, params: await evaluate(params) })
  },
}

const routing: Reader = {
  name: 'routing.json',
  text: true,
  good: async () => [
    new TextEncoder().encode(
      JSON.stringify({ boundaries: [0, 8, 20], files: ['group-0.safetensors', 'group-1.safetensors'], hashes: ['a', 'b'], macs: [2, 1] }),
    ),
  ],
  read: (bytes, where) => readRouting(bytes, where),
  words: ['"files":["../', '"boundaries":[', '[]', '{}', 'null', '1e999', '-1', '__proto__'],
}

/** Files of diffusion models. */
export const diffusion: readonly Reader[] = [modelFile, routing]
