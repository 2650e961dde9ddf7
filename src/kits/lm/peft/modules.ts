import { InputError } from '../../../engine/index.ts'
import type { DecoderConfig, Dialect } from '../config.ts'
import { type LinearPlace, linearPlaces } from '../params.ts'
import type { Targets } from './config.ts'

/** What the families' files call the linear maps of a block. */
const gpt2Names = {
  'attention.qkv': 'attn.c_attn',
  'attention.output': 'attn.c_proj',
  'network.up': 'mlp.c_fc',
  'network.down': 'mlp.c_proj',
} as const
const names: Readonly<Record<Dialect, Partial<Record<LinearPlace, string>>>> = {
  llama: {
    'attention.query': 'self_attn.q_proj',
    'attention.key': 'self_attn.k_proj',
    'attention.value': 'self_attn.v_proj',
    'attention.output': 'self_attn.o_proj',
    'network.gate': 'mlp.gate_proj',
    'network.up': 'mlp.up_proj',
    'network.down': 'mlp.down_proj',
  },
  gpt2: gpt2Names,
  gpt_bigcode: gpt2Names,
  codegen: {
    'attention.qkv': 'attn.qkv_proj',
    'attention.output': 'attn.out_proj',
    'network.up': 'mlp.fc_in',
    'network.down': 'mlp.fc_out',
  },
}

/** Modules outside of the blocks: their names in the files, and where their tensors lie here. */
const others: Readonly<Record<Dialect, Readonly<Record<'embedding' | 'norm' | 'head', string>>>> = {
  llama: { embedding: 'model.embed_tokens', norm: 'model.norm', head: 'lm_head' },
  gpt2: { embedding: 'transformer.wte', norm: 'transformer.ln_f', head: 'lm_head' },
  gpt_bigcode: { embedding: 'transformer.wte', norm: 'transformer.ln_f', head: 'lm_head' },
  codegen: { embedding: 'transformer.wte', norm: 'transformer.ln_f', head: 'lm_head' },
}

/** A linear map of the model, by its layer and place. */
export interface LinearModule {
  readonly layer: number
  readonly place: LinearPlace
  /** Its name in files, such as `model.layers.0.self_attn.q_proj`. */
  readonly path: string
  readonly inputs: number
  readonly outputs: number
}

const blockPath = (dialect: Dialect, layer: number): string => `${dialect === 'llama' ? 'model.layers' : 'transformer.h'}.${layer}`

/**
 * The linear maps of a model's blocks, layer by layer.
 *
 * @example
 * linearModules(llamaConfig({ ...sizes.nano }))[0].path // 'model.layers.0.self_attn.q_proj'
 */
export function linearModules(config: DecoderConfig): LinearModule[] {
  const shapes = linearShapes(config)
  const places = linearPlaces.filter((place) => shapes[place] && names[config.dialect][place])
  return Array.from({ length: config.layers }, (_, layer) =>
    places.map((place) => {
      const [inputs, outputs] = shapes[place]!
      return { layer, place, path: `${blockPath(config.dialect, layer)}.${names[config.dialect][place]}`, inputs, outputs }
    }),
  ).flat()
}

/** [in, out] of each linear map that blocks of this shape have. */
function linearShapes({ width, heads, kvHeads, headWidth, hidden, fusedQkv, activation }: DecoderConfig) {
  const [q, kv] = [heads * headWidth, kvHeads * headWidth]
  const shapes: Partial<Record<LinearPlace, readonly [number, number]>> = {
    ...(fusedQkv
      ? { 'attention.qkv': [width, q + 2 * kv] as const }
      : { 'attention.query': [width, q] as const, 'attention.key': [width, kv] as const, 'attention.value': [width, kv] as const }),
    'attention.output': [q, width],
    ...(activation === 'silu' && { 'network.gate': [width, hidden] as const }),
    'network.up': [width, hidden],
    'network.down': [hidden, width],
  }
  return shapes
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
  const candidates = () => Object.values(names[config.dialect]).join(', ')
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

/**
 * Where the tensors of a module outside of the blocks lie in the tree of parameters: `lm_head` → `head`.
 *
 * @throws InputError that lists those that there are.
 */
export function otherModule({ dialect }: Pick<DecoderConfig, 'dialect'>, name: string): 'embedding' | 'norm' | 'head' {
  const found = Object.entries(others[dialect]).find(([place, path]) => isCalled(path, name, place))
  if (!found)
    throw new InputError(`module '${name}' to save is not found`, { fix: `there are ${Object.values(others[dialect]).join(', ')}` })
  return found[0] as 'embedding' | 'norm' | 'head'
}

/** The name in files of a module outside of the blocks. */
export const otherPath = ({ dialect }: Pick<DecoderConfig, 'dialect'>, module: 'embedding' | 'norm' | 'head'): string =>
  others[dialect][module]
