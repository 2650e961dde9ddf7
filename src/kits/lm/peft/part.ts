import { InputError, isTensor, leavesWithPaths, type Tensor, zeros } from '../../../engine/index.ts'
import { type DecoderParams, linearAt } from '../params.ts'
import type { AdapterBase, AdapterParams } from './adapter.ts'
import type { PartConfig } from './config.ts'
import { linearModules } from './modules.ts'

/** Dotted paths of tensors in the tree of parameters. */
export type Paths = readonly string[]

/** Parts of the base that are trained themselves: they begin as they are there. */
export function initPart(kind: PartConfig['kind'], base: AdapterBase): AdapterParams {
  const { params } = base
  const paths = leavesWithPaths(params).flatMap(([path, x]) => (isTensor(x) ? [path] : []))
  switch (kind) {
    case 'full':
      return { tensors: tensorsAt(base, paths) }
    case 'norms':
      return {
        tensors: tensorsAt(
          base,
          paths.filter((path) => path.endsWith('.gain')),
        ),
      }
    case 'last-layer':
      return {
        tensors: tensorsAt(
          base,
          paths.filter((path) => path.startsWith(`blocks.${params.blocks.length - 1}.`) || path.startsWith('norm.')),
        ),
      }
    case 'biases':
      return { tensors: { ...tensorsAt(base, biasPaths(params)), ...freshBiases(base) } }
  }
}

/** The paths of all biases that a model has. */
export const biasPaths = (params: DecoderParams): Paths =>
  leavesWithPaths(params).flatMap(([path]) => (path.endsWith('.bias') ? [path] : []))

/** Biases of 0 for linear maps that have none, so that a llama can be tuned by biases at all. */
function freshBiases({ config, params }: AdapterBase): Record<string, Tensor> {
  const missing = linearModules(config).filter(({ layer, place }) => !linearAt(params.blocks[layer], place)!.bias)
  return Object.fromEntries(missing.map(({ layer, place, outputs }) => [`blocks.${layer}.${place}.bias`, zeros([outputs])]))
}

/** @throws InputError where one of them is quantized, and so cannot be trained. */
export function tensorsAt({ params }: AdapterBase, paths: Paths): Record<string, Tensor> {
  const all = new Map(leavesWithPaths(params))
  const isQuantized = (path: string) => /\.weight\.(codes|scales)/.test(path)
  const quantized = paths.find(isQuantized)
  if (quantized)
    throw new InputError(`'${quantized.replace(/\.weight\..*/, '.weight')}' is quantized, and cannot be trained itself`, {
      fix: 'use LoRA, or a base that is not quantized',
    })
  return Object.fromEntries(paths.map((path) => [path, all.get(path) as Tensor]))
}
