import { buffer, InputError, isTensor, random, scalar, type Tensor, zeros } from '../../../engine/index.ts'
import type { DecoderConfig } from '../config.ts'
import { lengthsOf } from '../linear.ts'
import { type DecoderParams, type LinearPlace, type LowRank, linearAt } from '../params.ts'
import { dequantize } from '../quantized.ts'
import type { AdapterBase, AdapterParams, MapAdapter } from './adapter.ts'
import { type LoraConfig, loraDefaults } from './config.ts'
import { type LinearModule, loraTargets, otherModule, targetedModules } from './modules.ts'
import { biasPaths, type Paths, tensorsAt } from './part.ts'

/** A ~ U(−1/√in, 1/√in), which is Kaiming's with a = √5; B = 0, so that nothing changes yet. */
export function initLora(config: LoraConfig, base: AdapterBase, key: Tensor): AdapterParams {
  const { dialect, layers } = base.config
  const modules = targetedModules(base.config, config.targets ?? loraTargets[dialect], config.layers)
  const keys = random.split(key, modules.length + 1)
  const maps = Array.from({ length: layers }, (): Partial<Record<LinearPlace, MapAdapter>> => ({}))
  modules.forEach((module, i) => {
    maps[module.layer][module.place] = { lora: initLowRank(config, module, base, keys[i]) }
  })
  const tensors = tensorsAt(base, [...biasesOf(config, base, modules), ...savedPaths(config, base)])
  return {
    maps,
    ...(config.embedding && { embedding: initEmbedding(config, base.config, keys[modules.length]) }),
    ...(Object.keys(tensors).length > 0 && { tensors }),
  }
}

function initLowRank(config: LoraConfig, module: LinearModule, { params }: AdapterBase, key: Tensor): LowRank {
  const { inputs, outputs } = module
  const rank = patternOf(config.rankPattern, module) ?? config.rank ?? loraDefaults.rank
  const bound = 1 / Math.sqrt(inputs)
  const a = random.uniform(key, [inputs, rank], { low: -bound, high: bound })
  return {
    a: config.freezeA ? buffer(a) : a,
    b: zeros([rank, outputs]),
    scaling: buffer(scalar(scalingOf(config, rank, patternOf(config.alphaPattern, module)))),
    ...(config.dora && { magnitude: lengthsOf(weightAt(params, module)) }),
  }
}

/** Patterns are expressions for the end of a module's name, from a dot on, or places; the first that matches counts. */
const patternOf = (pattern: Readonly<Record<string, number>> = {}, { path, place }: LinearModule): number | undefined =>
  Object.entries(pattern).find(([name]) => name === place || new RegExp(`^(?:.*\\.)?(?:${name})$`).test(path))?.[1]

/** alpha / r, or alpha / √r */
const scalingOf = ({ alpha = loraDefaults.alpha, rankStabilized }: LoraConfig, rank: number, own = alpha): number =>
  own / (rankStabilized ? Math.sqrt(rank) : rank)

function weightAt({ blocks }: DecoderParams, { layer, place }: LinearModule): Tensor {
  const { weight } = linearAt(blocks[layer], place)!
  return isTensor(weight) ? weight : dequantize(weight)
}

/** The other way around than for maps: what a token picks is 0, what it is multiplied with N(0, 1). */
function initEmbedding(config: LoraConfig, { vocabulary, width }: DecoderConfig, key: Tensor): LowRank {
  const { rank = loraDefaults.rank } = config
  return { a: zeros([vocabulary, rank]), b: random.normal(key, [rank, width]), scaling: buffer(scalar(scalingOf(config, rank))) }
}

function biasesOf({ bias = 'none' }: LoraConfig, { params }: AdapterBase, modules: readonly LinearModule[]): Paths {
  if (bias === 'all') return biasPaths(params)
  if (bias === 'none') return []
  return modules.flatMap(({ layer, place }) => (linearAt(params.blocks[layer], place)!.bias ? [`blocks.${layer}.${place}.bias`] : []))
}

function savedPaths({ modulesToSave = [] }: LoraConfig, { config, params }: AdapterBase): Paths {
  return modulesToSave.flatMap((name) => {
    const module = otherModule(config, name)
    if (module === 'embedding') return ['embedding.tokens']
    if (module === 'norm') return Object.keys(params.norm).map((part) => `norm.${part}`)
    if (!params.head?.weight)
      throw new InputError(`module '${name}' to save is the embedding of this model, whose head is tied to it`, {
        fix: 'save the embedding instead',
      })
    return Object.keys(params.head).map((part) => `head.${part}`)
  })
}
