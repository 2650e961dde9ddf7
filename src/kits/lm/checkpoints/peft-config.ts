import { InputError } from '../../../engine/index.ts'
import type { Ia3Config, LoraConfig, PeftConfig, PrefixConfig, PromptConfig, PTuningConfig, Targets } from '../peft/config.ts'
import { Fields, parseObject } from './fields.ts'

/** Keys that say nothing about what an adapter computes. */
const harmless = new Set(
  (
    'task_type base_model_name_or_path inference_mode peft_version auto_mapping revision init_ia3_weights megatron_core ' +
    'qalora_group_size tokenizer_name_or_path tokenizer_kwargs token_dim num_layers num_attention_heads num_transformer_submodules ' +
    'init_weights encoder_dropout encoder_num_layers loftq_config runtime_config lora_dropout ensure_weight_tying fan_in_fan_out ' +
    'layers_pattern'
  ).split(' '),
)

/** What would change the arithmetic and is not implemented: refused wherever it is set. */
const refused = (
  'layer_replication megatron_config trainable_token_indices target_parameters use_qalora use_bdlora alora_invocation_tokens arrow_config ' +
  'kasa_config velora_config monteclora_config lora_bias corda_config eva_config lora_ga_config'
).split(' ')

/** Ways to begin that leave the base as it is; the others (PiSSA, OLoRA, LoftQ, CorDA) are adapters of a base that they have changed. */
const plainInits = [true, false, 'gaussian', 'orthogonal', 'eva']

export interface PeftConfigFile {
  readonly config: PeftConfig
  /** A name or path of the base, as whoever saved it called it. */
  readonly base?: string
  /** Whether targets are all that decides which modules have an adapter: nothing is excluded from them. */
  readonly allTargets: boolean
  readonly warnings: readonly string[]
}

/**
 * An adapter's settings from the text of its `adapter_config.json`, as Hugging Face's PEFT writes it.
 *
 * @throws InputError for kinds that are not supported and for settings that would change the arithmetic and are not implemented.
 * @example
 * const text = '{"peft_type":"LORA","r":8,"lora_alpha":16,"target_modules":["q_proj","v_proj"]}'
 * readPeftConfig(text).config.kind // 'lora'
 */
export function readPeftConfig(text: string, where = 'adapter_config.json'): PeftConfigFile {
  const fields = new Fields(parseObject(text, where), where)
  const type = fields.text('peft_type')
  const read = Object.hasOwn(readers, type) ? readers[type] : undefined
  if (!read) throw fields.wrong('peft_type', 'which is not supported', `supported are ${Object.keys(readers).join(', ')}`)
  for (const key of refused) {
    const value = fields.raw(key)
    if (value !== undefined && value !== false) throw fields.wrong(key, 'which would change the arithmetic and is not supported')
  }
  const config = read(fields)
  const base = fields.text('base_model_name_or_path', '')
  const allTargets = !fields.has('exclude_modules')
  const unread = fields.unread().filter((key) => !harmless.has(key))
  return { config, ...(base && { base }), allTargets, warnings: unread.length > 0 ? [`${where}: not used: ${unread.join(', ')}`] : [] }
}

const readers: Readonly<Record<string, (fields: Fields) => PeftConfig>> = {
  LORA: readLora,
  IA3: readIa3,
  PROMPT_TUNING: readPrompt,
  PREFIX_TUNING: readPrefix,
  P_TUNING: readPTuning,
}

function readLora(fields: Fields): LoraConfig {
  const init = fields.raw('init_lora_weights') ?? true
  if (!plainInits.includes(init as never))
    throw fields.wrong('init_lora_weights', 'which has changed the base itself', 'convert the adapter to a plain one in PEFT')
  const bias = fields.text('bias', 'none')
  if (!['none', 'all', 'lora_only'].includes(bias)) throw fields.wrong('bias', 'not none, all or lora_only')
  const layers = fields.wholes('layers_to_transform')
  const [saved, targets] = [fields.texts('modules_to_save', []), readTargets(fields, 'target_modules')]
  return {
    kind: 'lora',
    rank: fields.whole('r', 8),
    alpha: fields.number('lora_alpha', 8),
    dropout: fields.number('lora_dropout', 0),
    ...(targets !== undefined && { targets }),
    ...(layers.length > 0 && { layers }),
    rankStabilized: fields.flag('use_rslora', false),
    dora: fields.flag('use_dora', false),
    bias: bias === 'lora_only' ? 'loraOnly' : (bias as 'none' | 'all'),
    ...(saved.length > 0 && { modulesToSave: saved }),
    rankPattern: fields.numbers('rank_pattern'),
    alphaPattern: fields.numbers('alpha_pattern'),
  }
}

/** A list of ends of names, or an expression in Python's syntax for whole names. */
function readTargets(fields: Fields, key: string): Targets | undefined {
  const value = fields.raw(key)
  if (value === undefined) return undefined
  if (typeof value !== 'string') return fields.texts(key)
  if (value === 'all-linear') return value
  try {
    return new RegExp(value.replaceAll('(?P<', '(?<'))
  } catch (cause) {
    throw new InputError(`"${key}" is ${JSON.stringify(value)}, not a regular expression`, { where: fields.where, cause })
  }
}

function readIa3(fields: Fields): Ia3Config {
  const [targets, feedForward] = [readTargets(fields, 'target_modules'), readTargets(fields, 'feedforward_modules')]
  if (fields.texts('modules_to_save', []).length > 0) throw fields.wrong('modules_to_save', 'which is not supported with IA3')
  return { kind: 'ia3', ...(targets !== undefined && { targets }), ...(feedForward !== undefined && { feedForward }) }
}

const prompts: Readonly<Record<string, PromptConfig['init']>> = { TEXT: 'text', RANDOM: 'random', SAMPLE_VOCAB: 'vocabulary' }

function readPrompt(fields: Fields): PromptConfig {
  const init = fields.text('prompt_tuning_init', 'RANDOM')
  if (!Object.hasOwn(prompts, init)) throw fields.wrong('prompt_tuning_init', `not one of ${Object.keys(prompts).join(', ')}`)
  const text = fields.text('prompt_tuning_init_text', '')
  return { kind: 'prompt', tokens: fields.whole('num_virtual_tokens'), init: prompts[init], ...(text && { text }) }
}

function readPrefix(fields: Fields): PrefixConfig {
  const [isProjected, width] = [fields.flag('prefix_projection', false), fields.raw('encoder_hidden_size')]
  return {
    kind: 'prefix',
    tokens: fields.whole('num_virtual_tokens'),
    ...(isProjected && width !== undefined && { projection: fields.whole('encoder_hidden_size') }),
  }
}

function readPTuning(fields: Fields): PTuningConfig {
  const encoder = fields.text('encoder_reparameterization_type', 'MLP')
  if (encoder !== 'MLP' && encoder !== 'LSTM') throw fields.wrong('encoder_reparameterization_type', 'not MLP or LSTM')
  return {
    kind: 'p-tuning',
    tokens: fields.whole('num_virtual_tokens'),
    encoder: encoder === 'MLP' ? 'mlp' : 'lstm',
    ...(fields.has('encoder_hidden_size') && { hidden: fields.whole('encoder_hidden_size') }),
  }
}
