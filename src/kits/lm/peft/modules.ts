import { InputError } from '../../../engine/index.ts'
import { embeddingModule, headModule, lastNormModule, linearShape, modulePath, nameWithinBlock, placesOf } from '../checkpoints/names.ts'
import type { DecoderConfig, Dialect } from '../config.ts'
import type { LinearPlace } from '../params.ts'
import type { Targets } from './config.ts'

/** A linear map of the model, by its layer and place. */
export interface LinearModule {
  readonly layer: number
  readonly place: LinearPlace
  /** Its name in files, such as `model.layers.0.self_attn.q_proj`. */
  readonly path: string
  readonly inputs: number
  readonly outputs: number
}

/**
 * The linear maps of a model's blocks, layer by layer.
 *
 * @example
 * linearModules(llamaConfig({ ...sizes.nano }))[0].path // 'model.layers.0.self_attn.q_proj'
 */
export function linearModules(config: DecoderConfig): LinearModule[] {
  const places = placesOf(config.dialect)
  return Array.from({ length: config.layers }, (_, layer) =>
    places.map((place) => ({ layer, place, path: modulePath(config.dialect, layer, place), ...linearShape(config, place) })),
  ).flat()
}

/** The maps that LoRA changes where a config names none: those of the study, which are q, k and v. */
export const loraTargets: Readonly<Record<Dialect, readonly string[]>> = {
  llama: ['q_proj', 'k_proj', 'v_proj'],
  gpt2: ['c_attn'],
  gpt_bigcode: ['c_attn'],
  codegen: ['qkv_proj'],
}

/** What Hugging Face's PEFT takes where an (IA)³ config names none. */
export const ia3Targets: Readonly<Record<Dialect, { readonly targets: readonly string[]; readonly feedForward: readonly string[] }>> = {
  llama: { targets: ['k_proj', 'v_proj', 'down_proj'], feedForward: ['down_proj'] },
  gpt2: { targets: ['c_attn', 'mlp.c_proj'], feedForward: ['mlp.c_proj'] },
  gpt_bigcode: { targets: ['c_attn', 'mlp.c_proj'], feedForward: ['mlp.c_proj'] },
  codegen: { targets: ['qkv_proj', 'fc_out'], feedForward: ['fc_out'] },
}

/** Whether a module is called so: by the end of its name in the files, or by its place. */
export const isCalled = (path: string, name: string, place?: string): boolean =>
  path === name || path.endsWith(`.${name}`) || place === name

/** Whether a whole name matches; PEFT's files mean expressions so. */
const matchesWhole = ({ source, flags }: RegExp, path: string): boolean =>
  new RegExp(`^(?:${source})$`, flags.replace(/[gy]/g, '')).test(path)

const isTarget = (targets: Targets, { path, place }: LinearModule): boolean =>
  targets === 'all-linear' ||
  (targets instanceof RegExp ? matchesWhole(targets, path) : targets.some((name) => isCalled(path, name, place)))

/**
 * The linear maps that targets mean.
 *
 * @throws InputError where a name or the expression means none: it lists those that there are.
 * @example
 * targetedModules(llamaConfig({ ...sizes.nano }), ['q_proj', 'v_proj']).length // 12
 */
export function targetedModules(config: DecoderConfig, targets: Targets, layers?: readonly number[]): LinearModule[] {
  const modules = linearModules(config).filter(({ layer }) => !layers || layers.includes(layer))
  const candidates = () =>
    placesOf(config.dialect)
      .map((place) => nameWithinBlock(config.dialect, place))
      .join(', ')
  const refuse = (what: string): never => {
    throw new InputError(`${what} in a model of the ${config.dialect} family`, {
      fix: `its linear maps are ${candidates()}, or 'all-linear'`,
    })
  }
  if (layers?.some((layer) => !Number.isInteger(layer) || layer < 0 || layer >= config.layers))
    throw new InputError(`layers ${layers} are not all among the ${config.layers} of the model`, {
      fix: `give numbers from 0 to ${config.layers - 1}`,
    })
  if (targets !== 'all-linear' && !(targets instanceof RegExp))
    for (const name of targets) if (!modules.some((module) => isTarget([name], module))) refuse(`target '${name}' is not found`)
  const found = modules.filter((module) => isTarget(targets, module))
  if (found.length === 0) refuse(targets instanceof RegExp ? `no linear map is matched by ${targets}` : 'no target is named')
  return found
}

/** Modules outside of the blocks, as the files call them, by where their tensors lie in the tree of parameters. */
const otherModules = (dialect: Dialect) => ({
  embedding: embeddingModule(dialect),
  norm: lastNormModule(dialect),
  head: headModule,
})

/**
 * Where the tensors of a module outside of the blocks lie in the tree of parameters: `lm_head` → `head`.
 *
 * @throws InputError that lists those that there are.
 */
export function otherModule({ dialect }: Pick<DecoderConfig, 'dialect'>, name: string): 'embedding' | 'norm' | 'head' {
  const known = otherModules(dialect)
  const found = Object.entries(known).find(([place, path]) => isCalled(path, name, place))
  if (!found) throw new InputError(`module '${name}' to save is not found`, { fix: `there are ${Object.values(known).join(', ')}` })
  return found[0] as keyof typeof known
}
