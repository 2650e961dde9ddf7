import { InputError } from '../../../engine/index.ts'
import type { DecoderConfig } from '../config.ts'
import { type LinearPlace, type LowRank, linearPlaces } from '../params.ts'
import type { Adapter, AdapterParams, MapAdapter } from '../peft/adapter.ts'
import { instructionText, type LoraConfig, type PromptConfig } from '../peft/config.ts'
import { embeddingModule, modulePath, nameWithinBlock, storesInputsFirst } from './names.ts'

/** The content of `adapter_config.json`. Ranks, alphas and targets are those of the tensors, which decide. @throws InputError for kinds that PEFT lacks. */
export async function writePeftConfig(
  base: DecoderConfig,
  { config, params }: Adapter,
  baseName: string,
): Promise<Record<string, unknown>> {
  const common = { task_type: 'CAUSAL_LM', base_model_name_or_path: baseName, inference_mode: true, auto_mapping: null, revision: null }
  const virtual = {
    num_virtual_tokens:
      params.prompt?.embeddings.shape[0] ?? (params.prefix && 'pairs' in params.prefix ? params.prefix.pairs.shape[0] : 0),
    num_layers: base.layers,
    num_transformer_submodules: 1,
  }
  switch (config.kind) {
    case 'lora':
      return { peft_type: 'LORA', ...common, ...(await writeLora(base, config, params)) }
    case 'ia3':
      return { peft_type: 'IA3', ...common, ...writeIa3(base, params) }
    case 'prompt':
      return { peft_type: 'PROMPT_TUNING', ...common, ...virtual, ...writePrompt(base, config, baseName) }
    case 'p-tuning':
      return {
        peft_type: 'P_TUNING',
        ...common,
        ...virtual,
        token_dim: base.width,
        num_attention_heads: base.heads,
        encoder_reparameterization_type: (config.encoder ?? 'mlp').toUpperCase(),
        encoder_hidden_size: config.hidden ?? 128,
      }
    case 'prefix':
      // PEFT's own preparation counts heads and width of keys here.
      return {
        peft_type: 'PREFIX_TUNING',
        ...common,
        ...virtual,
        token_dim: base.kvHeads * base.headWidth,
        num_attention_heads: base.kvHeads,
        encoder_hidden_size: config.projection ?? base.kvHeads * base.headWidth,
        prefix_projection: false,
      }
    default:
      throw new InputError(`PEFT has no kind for "${config.kind}"`, { fix: 'put it on the model and save the model' })
  }
}

interface Target {
  readonly layer: number
  readonly place: LinearPlace
  readonly part: MapAdapter
}

/** In the order of the blocks' maps, so that the same adapter gives the same file. */
const targetsOf = ({ maps = [] }: AdapterParams): Target[] =>
  maps.flatMap((places, layer) => linearPlaces.flatMap((place) => (places[place] ? [{ layer, place, part: places[place] }] : [])))

/** The shortest name that means this map and no other: `q_proj`, but `attn.c_proj`. */
function shortName({ dialect }: DecoderConfig, place: LinearPlace): string {
  const full = nameWithinBlock(dialect, place)
  const last = full.split('.').at(-1)!
  return last === 'c_proj' ? full : last
}

/** Names of modules and layers, where each layer has the same ones; else whole paths. */
function writeTargets(base: DecoderConfig, targets: readonly Target[]): { target_modules: string[]; layers_to_transform: number[] | null } {
  const layers = [...new Set(targets.map(({ layer }) => layer))]
  const places = [...new Set(targets.map(({ place }) => place))]
  if (targets.length !== layers.length * places.length)
    return { target_modules: targets.map(({ layer, place }) => modulePath(base.dialect, layer, place)), layers_to_transform: null }
  return { target_modules: places.map((place) => shortName(base, place)), layers_to_transform: layers.length < base.layers ? layers : null }
}

async function writeLora(base: DecoderConfig, config: LoraConfig, params: AdapterParams): Promise<Record<string, unknown>> {
  const targets = targetsOf(params)
  const { target_modules, layers_to_transform } = writeTargets(base, targets)
  const lowRanks: [string, LowRank][] = targets.map(({ layer, place, part }) => [modulePath(base.dialect, layer, place), part.lora!])
  if (params.embedding) lowRanks.push([embeddingModule(base.dialect), params.embedding])
  const [rank, alpha] = [config.rank ?? 16, config.alpha ?? 32]
  const [ranks, alphas]: Record<string, number>[] = [{}, {}]
  for (const [module, { a, scaling }] of lowRanks) {
    const own = a.shape[1]
    const ownAlpha = Number(((await scaling.item()) * (config.rankStabilized ? Math.sqrt(own) : own)).toPrecision(6))
    if (own !== rank) ranks[module] = own
    if (ownAlpha !== alpha) alphas[module] = ownAlpha
  }
  return {
    r: rank,
    lora_alpha: alpha,
    lora_dropout: config.dropout ?? 0.05,
    target_modules: params.embedding ? [...target_modules, embeddingModule(base.dialect).split('.').at(-1)] : target_modules,
    layers_to_transform,
    layers_pattern: null,
    bias: config.bias === 'loraOnly' ? 'lora_only' : (config.bias ?? 'none'),
    fan_in_fan_out: storesInputsFirst(base.dialect),
    use_rslora: config.rankStabilized ?? false,
    use_dora: config.dora ?? false,
    modules_to_save: config.modulesToSave?.map((name) => savedName(base, name)) ?? null,
    rank_pattern: ranks,
    alpha_pattern: alphas,
    init_lora_weights: true,
  }
}

/** PEFT knows modules by the ends of their paths alone, and not by our places. */
const savedName = ({ dialect }: DecoderConfig, name: string): string =>
  name === 'head' ? 'lm_head' : name === 'embedding' ? embeddingModule(dialect) : name

function writeIa3(base: DecoderConfig, params: AdapterParams): Record<string, unknown> {
  const targets = targetsOf(params)
  const { target_modules, layers_to_transform } = writeTargets(base, targets)
  if (layers_to_transform) throw new InputError('PEFT’s IA3 knows no layers; give all layers the same targets')
  const inputs = targets.filter(({ part }) => part.scaleInput)
  return {
    target_modules,
    feedforward_modules: writeTargets(base, inputs).target_modules,
    fan_in_fan_out: storesInputsFirst(base.dialect),
    modules_to_save: null,
    init_ia3_weights: true,
  }
}

const inits = { text: 'TEXT', random: 'RANDOM', vocabulary: 'SAMPLE_VOCAB' } as const

/** PEFT demands a tokenizer by its name where a prompt began as a text; without one it is told of as random. The embeddings are in the file. */
function writePrompt(
  base: DecoderConfig,
  { init = 'text', text = instructionText }: PromptConfig,
  baseName: string,
): Record<string, unknown> {
  const isText = init === 'text' && baseName !== ''
  return {
    token_dim: base.width,
    num_attention_heads: base.heads,
    prompt_tuning_init: init === 'text' && !isText ? inits.random : inits[init],
    prompt_tuning_init_text: isText ? text : null,
    tokenizer_name_or_path: isText ? baseName : null,
  }
}
